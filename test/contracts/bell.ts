/** The contract of port 3: a ring carries a lane and nothing else, and is heard at least once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lane } from '../../shared/contract/ids.ts';
import type { Bell } from '../../shared/contract/ports.ts';

export interface BellWorld {
  readonly bell: Bell;
  /** Every lane that a worker is told of now; after it, nothing rings until somebody rings again. */
  heard(): Promise<readonly Lane[]>;
  close(): Promise<void>;
}

const LANES: readonly Lane[] = [
  'notify',
  'inventory:fleet',
  'inventory:prod-eu',
  'issue:fleet/letsencrypt',
  'issue:prod-eu/shop/internal.ca',
  'deliver:secretsmanager.eu-central-1',
];

export function bellContract(name: string, open: () => Promise<BellWorld>): void {
  describe(`Bell: ${name}`, () => {
    let world: BellWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    test('is silent until it is rung', async () => {
      expect(await world.heard()).toEqual([]);
    });

    test('brings every lane as it was rung', async () => {
      await Promise.all(LANES.map((lane) => world.bell.ring(lane)));
      expect(new Set(await world.heard())).toEqual(new Set(LANES));
    });

    test('rung twice is heard, of that lane alone', async () => {
      await world.bell.ring('deliver:edge');
      await world.bell.ring('deliver:edge');
      expect(new Set(await world.heard())).toEqual(new Set(['deliver:edge']));
    });

    test('rings again for a lane that was heard before', async () => {
      for (const _ of [1, 2]) {
        await world.bell.ring('issue:fleet/ca');
        expect(await world.heard()).toContain('issue:fleet/ca');
      }
    });
  });
}
