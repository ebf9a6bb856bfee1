/** Issuances assessed by several lanes at once, and the two levers: force and adopt. */
import { describe, expect, test } from 'vitest';
import { keys, type Records, rows } from '../../../shared/contract/records.ts';
import type { Destination, Wanted } from '../../../shared/contract/rows.ts';
import { adopt, adoptionOf } from '../../../shared/lanes/adopt.ts';
import { assess } from '../../../shared/lanes/assess.ts';
import { force } from '../../../shared/lanes/force.ts';
import { storeDestination, storeWanted } from '../../../shared/lanes/source-rows.ts';
import * as things from '../stages/assess/judged-things.ts';
import { DAY, facts, observed, place } from '../stages/assess/judged-things.ts';
import { at, HOUR, jumpingClock, openRecords } from '../stages/issue/scripted.ts';

const ID = 'iss-a';
const { request } = things.issuance('a');
const CURRENT = facts(60 * DAY);

function opened() {
  const [records, clock, rang] = [openRecords(), jumpingClock(), [] as string[]];
  const bell = { ring: async (lane: string) => void rang.push(lane) };
  const tried = (source: string) =>
    records.put(rows.lane({ lane: `inventory:${source}`, failures: 0, lastTryAt: at(0) }, 0));
  const asks = (name: string, more: Partial<Wanted> = {}) =>
    storeWanted(records, things.wanted(name, { issuance: ID, ...more }));
  const holds = (name: string, have = CURRENT, more: Partial<Destination> = {}) =>
    records.put(rows.destination(things.destination(name, have, { issuance: ID, ...more }), 0));
  const assessed = (members: readonly string[], from: Records = records) =>
    assess({ id: ID, request, members: members.map((name) => `prod/shop/${name}`) }, { records: from, bell, clock });
  const row = () => records.get(keys.issuance(ID));
  const at_ = (name: string) => records.get(keys.destination(place(name)));
  return { records, clock, bell, rang, tried, asks, holds, assessed, row, destination: at_ };
}

/** The same rows; something comes before each read and write of one. */
const intercepted = (records: Records, before: () => Promise<void>): Records => ({
  ...records,
  get: async (key) => {
    await before();
    return records.get(key);
  },
  put: async (row) => {
    await before();
    return records.put(row);
  },
});

describe('assess', () => {
  test('whoever writes last has seen all, at every interleaving', async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      const { records, tried, asks, holds, assessed, row } = opened();
      await tried('prod');
      await asks('a');
      await holds('a');
      let calls = 0;
      const meanwhile = intercepted(records, async () => {
        calls += 1;
        if (calls !== turn + 1) return;
        await asks('b');
        await holds('b', facts(80 * DAY, { sha256: 'bb' }));
        await assessed(['b']);
      });
      await assessed(['a'], meanwhile);
      if (calls <= turn) break;
      const last = (await row())?.body;
      expect(last?.members, `at read ${turn + 1}`).toEqual(['prod/shop/a', 'prod/shop/b']);
      expect(last?.current?.facts.sha256, `at read ${turn + 1}`).toBe('bb');
    }
    expect.hasAssertions();
  });

  test('what somebody saw meanwhile is not overwritten by what was seen before, though it said nothing new', async () => {
    let turn = 0;
    for (let isOver = false; !isOver; turn += 1) {
      const { records, tried, asks, holds, assessed, row, destination } = opened();
      await tried('prod');
      await asks('a');
      await holds('a');
      await assessed(['a']);
      const looks = async (have: typeof CURRENT | undefined) => {
        const before = await destination('a');
        const next = things.destination('a', have, { issuance: ID });
        if (before) await records.put(rows.destination(next, before.rev));
      };
      await looks(undefined);
      let calls = 0;
      const meanwhile = intercepted(records, async () => {
        calls += 1;
        if (calls !== turn + 1) return;
        await looks(CURRENT);
        await assessed(['a']);
      });
      await assessed(['a'], meanwhile);
      isOver = calls <= turn;
      if (!isOver) expect((await row())?.body.due, `at call ${turn + 1}`).toBeUndefined();
    }
    expect(turn).toBeGreaterThan(4);
  });

  test('what says nothing new is not written; what is due rings its lane', async () => {
    const { tried, asks, assessed, row, rang, records } = opened();
    await tried('prod');
    await asks('a');
    await storeDestination(records, {
      ...{ wish: { place: place('a'), adopt: false }, issuance: ID, certificate: 'prod/shop/a' },
      seen: { ownership: { is: 'absent' }, at: at(0) },
    });
    await assessed(['a']);
    const first = await row();
    expect(first).toMatchObject({ body: { due: { reason: 'DoesNotExist' } }, wakeAt: at(0) });
    expect(rang).toEqual(['issue:fleet/letsencrypt']);
    await assessed([]);
    expect((await row())?.rev).toBe(first?.rev);
  });

  test('what its names are counted under is kept by who does not know it, and replaced by who does', async () => {
    const { asks, row, records, clock, bell } = opened();
    await asks('a');
    const as = (registeredDomains?: readonly string[]) =>
      assess(
        { id: ID, request, members: [], ...(registeredDomains && { registeredDomains }) },
        { records, bell, clock },
      );
    await as();
    expect((await row())?.body).not.toHaveProperty('registeredDomains');
    for (const domains of [['example.com'], ['shop.example.com']]) {
      await as(domains);
      await as();
      expect((await row())?.body.registeredDomains).toEqual(domains);
    }
  });

  test('what becomes due while it is assessed rings its lane, whatever the time that reading takes', async () => {
    const { tried, asks, records, bell, rang } = opened();
    await tried('prod');
    await asks('a');
    await storeDestination(records, {
      ...{ wish: { place: place('a'), adopt: false }, issuance: ID, certificate: 'prod/shop/a' },
      seen: { ownership: { is: 'absent' }, at: at(0) },
    });
    let ms = 0;
    const slow = intercepted(records, async () => {
      ms += 5;
    });
    const clock = { now: () => new Date(Date.parse(at(0)) + ms) };
    await assess({ id: ID, request, members: ['prod/shop/a'] }, { records: slow, bell, clock });
    expect(rang).toEqual(['issue:fleet/letsencrypt']);
  });

  test('a source that nobody has tried is waited for, one that failed is not', async () => {
    const { tried, asks, assessed, row } = opened();
    await asks('a', {
      places: [
        { place: place('a'), adopt: false },
        { place: 'edge/shop/a', adopt: false },
      ],
    });
    await tried('prod');
    await assessed(['a']);
    expect((await row())?.wakeAt).toBeUndefined();
  });

  test('a place that waits after a failure is woken then, not before; one that sleeps now', async () => {
    const { tried, asks, holds, assessed, destination, rang, records } = opened();
    await tried('prod');
    await asks('a', { places: ['a', 'b'].map((name) => ({ place: place(name), adopt: false })) });
    await holds('a', undefined, { certificate: 'prod/shop/a', failure: things.failure(2) });
    await holds('b', facts(DAY, { sha256: 'old' }), { certificate: 'prod/shop/a' });
    const current = { facts: CURRENT, chainPem: '', issuedAt: at(0), origin: 'issued', sealedKey: 's' } as const;
    await records.put(rows.issuance({ ...things.issuance('a'), current }, 0));
    await records.put({ ...rows.destination(things.destination('a', undefined, { failure: things.failure(2) }), 1) });
    await assessed(['a']);
    expect([(await destination('a'))?.wakeAt, (await destination('b'))?.wakeAt]).toEqual([at(HOUR), at(0)]);
    expect(rang).toEqual(['deliver:prod']);
  });
});

describe('places that a pass writes', () => {
  test('one that its certificate no longer names is forgotten, unless it is another one’s by now', async () => {
    const { asks, holds, destination } = opened();
    await asks('a', { places: ['a', 'b', 'c'].map((name) => ({ place: place(name), adopt: false })) });
    for (const name of ['a', 'b']) await holds(name, CURRENT, { certificate: 'prod/shop/a' });
    await holds('c', CURRENT, { certificate: 'prod/shop/c' });
    await asks('a');
    expect((await destination('a'))?.body.certificate).toBe('prod/shop/a');
    expect(await destination('b')).toBeUndefined();
    expect((await destination('c'))?.body.certificate).toBe('prod/shop/c');
  });

  test('a refusal holds until the place changes; trouble and its time stay', async () => {
    const { records, destination } = opened();
    const seen = (version: string) =>
      storeDestination(records, {
        ...{ wish: { place: place('a'), adopt: false }, issuance: ID, certificate: 'prod/shop/a' },
        seen: { ownership: { is: 'ours' }, at: at(0), observation: observed('a', CURRENT, { version }) },
      });
    const fails = async (retry: 'later' | 'never') => {
      const row = await destination('a');
      const failure = things.failure(1, { problem: { type: 'x', detail: 'x', retry } });
      if (row) await records.put(rows.destination({ ...row.body, failure }, row.rev, at(HOUR)));
    };
    await seen('1');
    await fails('never');
    await seen('1');
    expect(await destination('a')).toMatchObject({ body: { failure: { count: 1 } }, wakeAt: at(HOUR) });
    await seen('2');
    expect([(await destination('a'))?.body.failure, (await destination('a'))?.wakeAt]).toEqual([undefined, undefined]);
    await fails('later');
    await seen('3');
    expect(await destination('a')).toMatchObject({ body: { failure: { count: 1 } }, wakeAt: at(HOUR) });
  });

  test('a place that could not be looked at keeps what was known of it', async () => {
    const { records, holds, destination } = opened();
    await holds('a', CURRENT, { certificate: 'prod/shop/a', adopt: true });
    const blind = { wish: { place: place('a'), adopt: false }, issuance: ID, certificate: 'prod/shop/a' };
    await storeDestination(records, blind);
    expect((await destination('a'))?.body).toMatchObject({
      have: { facts: CURRENT },
      ownership: { is: 'ours' },
      adopt: true,
    });
    await storeDestination(records, { ...blind, certificate: 'prod/shop/z' });
    expect((await destination('a'))?.body).toMatchObject({ certificate: 'prod/shop/z', adopt: false });
  });
});

describe('force', () => {
  test('makes the row due and rings its lane', async () => {
    const world = opened();
    await world.tried('prod');
    await world.asks('a');
    await world.holds('a');
    await world.assessed(['a']);
    await force('prod/shop/a', 'jo', world);
    expect(await world.row()).toMatchObject({
      body: { forced: { by: 'jo' }, due: { reason: 'Forced' } },
      wakeAt: at(0),
    });
    expect(world.rang).toEqual(['issue:fleet/letsencrypt']);
  });

  test.each([
    ['held', { held: { reason: 'audit', message: 'looked at only' } }, 'looked at only'],
    ['gone', { goneAt: at(0) }, 'nobody asks'],
  ] as const)('what is %s cannot be forced, and is told so', async (_what, more, words) => {
    const world = opened();
    const { issuance: _none, ...wanted } = things.wanted('a');
    await storeWanted(world.records, { ...wanted, ...more });
    await expect(force('prod/shop/a', 'jo', world)).rejects.toThrow(words);
    await expect(force('prod/shop/nobody', 'jo', world)).rejects.toThrow('nobody asks');
  });

  test('nothing is ordered that may be put nowhere', async () => {
    const world = opened();
    await world.tried('prod');
    await world.asks('a');
    await world.holds('a', CURRENT, { ownership: { is: 'adoptable', by: 'kubectl' } });
    await world.assessed(['a']);
    await expect(force('prod/shop/a', 'jo', world)).rejects.toThrow('nolapse adopt prod/shop/a');
    expect((await world.row())?.body.forced).toBeUndefined();
  });
});

describe('adopt', () => {
  const kubectl = { ownership: { is: 'adoptable', by: 'kubectl' } } as const;

  test('shows old and new, then consents for these places; what is owned stays its owner’s', async () => {
    const world = opened();
    await world.tried('prod');
    await world.asks('a', { places: ['a', 'b', 'c'].map((name) => ({ place: place(name), adopt: false })) });
    const expired = facts(-HOUR);
    await world.holds('a', expired, { certificate: 'prod/shop/a', ...kubectl, failure: things.failure(1) });
    await world.holds('b', expired, { certificate: 'prod/shop/a', ownership: { is: 'owned', owner: 'Helm' } });
    await world.holds('c', CURRENT, { certificate: 'prod/shop/a' });
    await world.assessed(['a']);
    expect((await world.row())?.body.due).toBeUndefined();
    const shown = await adoptionOf('prod/shop/a', world);
    expect(shown.map(({ place: one, want }) => [one, want])).toEqual([
      [place('a'), 'a new certificate'],
      [place('b'), 'a new certificate'],
    ]);
    expect(await adopt('prod/shop/a', world)).toEqual([place('a')]);
    expect((await world.destination('a'))?.body).toMatchObject({ adopt: true });
    expect((await world.destination('a'))?.body.failure).toBeUndefined();
    expect((await world.destination('b'))?.body.adopt).toBe(false);
    expect((await world.row())?.body.due?.reason).toBe('Expired');
  });

  test('nothing to adopt: nothing is changed', async () => {
    const world = opened();
    await world.asks('a');
    await world.holds('a');
    expect([await adoptionOf('prod/shop/a', world), await adopt('prod/shop/a', world)]).toEqual([[], []]);
    expect(await adopt('prod/shop/nobody', world)).toEqual([]);
  });
});
