/** Who plays in a demo is drawn anew, and nobody plays two parts. */
import { expect, test } from 'vitest';
import { drawCast, ROLES, SURPRISES } from '../../../cli/demo/cast.ts';

const casts = Array.from({ length: 200 }, drawCast);

test('no two services, and no two clusters, share a name', () => {
  for (const { service, clusters } of casts) {
    expect(new Set(Object.values(service)).size).toBe(ROLES.length);
    expect(new Set(clusters).size).toBe(2);
  }
});

test('every surprise comes, and names differ from run to run', () => {
  expect(new Set(casts.map(({ surprise }) => surprise))).toEqual(new Set(SURPRISES));
  expect(new Set(casts.map((cast) => JSON.stringify(cast))).size).toBeGreaterThan(190);
});
