/** The contract of port 7: what every zone does with the TXT values of challenges, whoever hosts it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChallengeZone } from '../../shared/contract/ports.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
import type { TxtKey } from '../../shared/contract/step.ts';

export interface ChallengeZoneWorld {
  readonly zone: ChallengeZone;
  readonly zoneId: string;
  /** The zone's name, without final dot. */
  readonly domain: string;
  /** Everything in the zone: the same text only for the same zone, order and TTL included. */
  content(): Promise<string>;
  /** The values at that name, as a resolver gives them. */
  values(fqdn: string): Promise<readonly string[]>;
  /** Somebody else makes a record set; values as written, in quotes for TXT. */
  make(fqdn: string, set: { readonly type: 'TXT' | 'CNAME'; readonly ttl: number; values: string[] }): Promise<void>;
  close(): Promise<void>;
}

/** Runs the suite; `open` starts the zone once. */
export function challengeZoneContract(name: string, open: () => Promise<ChallengeZoneWorld>): void {
  describe(`the challenge zone ${name}`, () => {
    let world: ChallengeZoneWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.close());

    const key = (label: string, value: string): TxtKey => ({
      zoneId: world.zoneId,
      fqdn: `_acme-challenge.${label}.${world.domain}`,
      value,
    });
    const change = (add: readonly TxtKey[], remove: readonly TxtKey[] = []) =>
      world.zone.change(world.zoneId, add, remove);
    const waitInSync = async (changeId: string | undefined): Promise<void> => {
      await expect.poll(() => world.zone.inSync(world.zoneId, changeId ?? 'none'), { timeout: 30_000 }).toBe(true);
    };

    test('values of several names come and go, and leave nothing behind', async () => {
      const before = await world.content();
      const keys = [key('a', 'one'), key('b', 'two'), key('b', 'three')];
      const { changeId, refused } = await change(keys);
      expect(refused).toEqual([]);
      await waitInSync(changeId);
      expect((await world.values(keys[1]?.fqdn ?? '')).toSorted()).toEqual(['three', 'two']);
      expect(await change([], keys)).toMatchObject({ changeId: expect.any(String), refused: [] });
      expect(await world.content()).toBe(before);
    });

    test('a change that nobody knows is told apart from one that is not in sync', async () => {
      const asked = world.zone.inSync(world.zoneId, 'C0UNKNOWN0CHANGE');
      await expect(asked).rejects.toMatchObject({ problem: { type: 'aws:NoSuchChange', retry: 'never' } });
    });

    test("others' values and TTL are as before after values came and went beside them", async () => {
      const { fqdn } = key('shared', '');
      await world.make(fqdn, { type: 'TXT', ttl: 1_234, values: ['"z theirs"', '"a theirs"'] });
      const before = await world.content();
      const keys = [key('shared', 'one'), key('shared', 'two'), key('alone', 'three')];
      expect(await change(keys)).toMatchObject({ refused: [] });
      expect(await world.values(fqdn)).toHaveLength(4);
      expect(await change([], keys.slice(0, 1))).toMatchObject({ refused: [] });
      expect(await world.values(fqdn)).toHaveLength(3);
      expect(await change([], keys.slice(1))).toMatchObject({ refused: [] });
      expect(await world.content()).toBe(before);
    });

    test('a value that is there already is done, and can be waited for', async () => {
      const keys = [key('again', 'one')];
      await change(keys);
      const before = await world.content();
      const { changeId, refused } = await change(keys);
      expect(refused).toEqual([]);
      await waitInSync(changeId);
      expect(await world.content()).toBe(before);
      await change([], keys);
    });

    test('a value that is gone already is done', async () => {
      const before = await world.content();
      expect(await change([], [key('gone', 'one')])).toEqual({ refused: [] });
      expect(await world.content()).toBe(before);
    });

    test('values are added and removed at one name in one batch', async () => {
      const before = await world.content();
      await change([key('turn', 'one')]);
      expect(await change([key('turn', 'two')], [key('turn', 'one')])).toMatchObject({ refused: [] });
      expect(await world.values(key('turn', '').fqdn)).toEqual(['two']);
      await change([], [key('turn', 'two')]);
      expect(await world.content()).toBe(before);
    });

    test('a name that cannot be had is refused alone', async () => {
      const taken = key('taken', 'one');
      await world.make(taken.fqdn, { type: 'CNAME', ttl: 300, values: ['elsewhere.example.net.'] });
      const before = await world.content();
      const others = [key('free', 'two'), key('free-too', 'three')];
      const { changeId, refused } = await change([taken, ...others]);
      expect(refused.map(({ entry }) => entry)).toEqual([taken]);
      expect(refused[0]?.problem).toMatchObject({ retry: 'never', fix: expect.any(String) });
      expect(changeId).toEqual(expect.any(String));
      expect(await world.values(others[0]?.fqdn ?? '')).toEqual(['two']);
      await change([], others);
      expect(await world.content()).toBe(before);
    });

    test('values that come at once from two sides are all there', async () => {
      const before = await world.content();
      const keys = [key('race', 'one'), key('race', 'two')];
      const answers = await Promise.all(keys.map((one) => change([one])));
      expect(answers.flatMap(({ refused }) => refused)).toEqual([]);
      expect((await world.values(key('race', '').fqdn)).toSorted()).toEqual(['one', 'two']);
      await Promise.all(keys.map((one) => change([], [one])));
      expect(await world.content()).toBe(before);
    });

    test('a zone that is none of ours is an error', async () => {
      const error = await world.zone.change('ZNONE', [key('a', 'one')], []).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProblemError);
      expect((error as ProblemError).problem).toMatchObject({ retry: 'never', fix: expect.any(String) });
    });
  });
}
