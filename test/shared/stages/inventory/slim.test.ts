/** What is kept of many observations: the same things once, and PEM only of what somebody asks for. */
import { expect, test } from 'vitest';
import type { Observation } from '../../../../shared/contract/observation.ts';
import { slimming } from '../../../../shared/stages/inventory/slim.ts';
import { ca, DAY, facts, observed } from '../assess/judged-things.ts';

const one = (name: string): Observation => ({
  ...observed(name, facts(60 * DAY, { serial: name }), { ca: ca(1000 * DAY, { sha256: 'cb'.repeat(32) }) }),
  managers: [{ manager: 'kubectl', operation: 'Update', dataKeys: ['tls.crt'] }],
  chainPem: 'PEM',
});

test('loses nothing but the PEM of what nobody asks for', () => {
  const slim = slimming((place) => place === 'prod/shop/asked');
  const { chainPem: _, ...rest } = one('other');
  expect(slim(one('other'))).toEqual(rest);
  expect(slim(one('asked'))).toEqual(one('asked'));
  const bare = observed('none');
  expect(slim(bare)).toEqual(bare);
});

test('CAs, writers and texts are the same objects in all', () => {
  const slim = slimming(() => false);
  const [a, b] = [slim(one('a')), slim(one('b'))];
  expect(a.chain[1]).toBe(b.chain[1]);
  expect(a.ca).toBe(b.ca);
  expect(a.managers).toBe(b.managers);
  expect(a.chain[0]?.key).toBe(b.chain[0]?.key);
  expect([a.chain[0]?.serial, b.chain[0]?.serial]).toEqual(['a', 'b']);
});
