/** The issue lane when something fails: what is kept, what waits, what is told, and that nobody else is stopped by it. */
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../shared/contract/problem.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { scopeOf429 } from '../../../shared/standards/acme/rate-limits.ts';
import { at, HOUR, MINUTE, problem } from '../stages/issue/scripted.ts';
import { LANE, openIssueWorld } from './issue-world.ts';

const NO: Problem = problem('urn:ietf:params:acme:error:dns');
const names = (name: string): string[] => [`${name}.example.com`];
const minutes = (text: string | undefined, from: Date): number => (Date.parse(text ?? '') - from.getTime()) / MINUTE;

async function opened(...asked: readonly string[]) {
  const world = openIssueWorld();
  for (const name of asked) await world.asks(name, names(name));
  return { ...world, row: (name: string) => world.records.get(keys.issuance(world.idOf(name))) };
}

test('a hundred at once: one change to add, one to remove, everyone obtained and every place woken', async () => {
  const asked = Array.from({ length: 100 }, (_, n) => `n${n}`);
  const world = await opened(...asked);
  expect(await world.run()).toBe('done');
  expect(world.zone.calls.map(({ add, remove }) => [add.length, remove.length])).toEqual([
    [100, 0],
    [0, 100],
  ]);
  for (const name of asked) {
    expect(await world.issuance(name)).toMatchObject({ current: { origin: 'issued' } });
    expect((await world.place(name))?.wakeAt).toBeDefined();
  }
  expect(world.ca.orders.size).toBe(100);
  expect(await world.run()).toBe('done');
  expect(world.ca.orders.size).toBe(100);
});

test('two that ask for the same names do not share an order, where the CA would give both the same', async () => {
  const world = await opened('a');
  world.ca.reusesOrders = true;
  await world.asks('b', names('a'), { spec: { privateKey: { algorithm: 'RSA', size: 2048, encoding: 'PKCS1' } } });
  expect(world.idOf('b')).not.toBe(world.idOf('a'));
  await world.run();
  for (const name of ['a', 'b']) expect(await world.issuance(name)).toMatchObject({ current: { origin: 'issued' } });
  expect([...world.ca.orders.values()].map(({ csrs }) => csrs.size)).toEqual([1, 1]);
  expect(world.told.filter((what) => what === 'attempt-failed')).toEqual([]);
});

test('an order that comes back ready writes no DNS', async () => {
  const world = await opened('a');
  world.ca.isProved = true;
  await world.run();
  expect(world.ca.calls).toEqual(['intent', 'created', 'finalizing', 'finalizing']);
  expect([world.zone.calls, await world.ledger()]).toEqual([[], []]);
  expect((await world.issuance('a'))?.current).toBeDefined();
});

describe('a no of the CA', () => {
  test('ends the attempt, cleans up, waits longer each time, and begins with a new order', async () => {
    const world = await opened('a');
    world.ca.verdict = NO;
    const waits: number[] = [];
    for (let tried = 1; tried <= 5; tried += 1) {
      await world.run();
      const row = await world.row('a');
      expect(row?.body).toMatchObject({ failure: { count: tried, stage: 'issue', problem: NO } });
      expect([row?.body.attempt, row?.wakeAt]).toEqual([undefined, row?.body.failure?.retryAt]);
      expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
      expect(world.ca.orders.size).toBe(tried);
      waits.push(minutes(row?.wakeAt, new Date(row?.body.failure?.lastAt ?? '')));
      world.clock.later(Date.parse(row?.wakeAt ?? '') - world.clock.now().getTime());
    }
    expect(waits).toEqual([1, 10, 100, 1440, 1440]);
    expect(world.told.filter((what) => what === 'attempt-failed')).toHaveLength(5);
    world.ca.verdict = 'ready';
    await world.run();
    expect(await world.issuance('a')).toMatchObject({ current: { origin: 'issued' } });
    expect((await world.issuance('a'))?.failure).toBeUndefined();
  });

  test('stops nobody else', async () => {
    const world = await opened('a', 'b', 'c');
    const { advance } = world.ca;
    world.ca.advance = (attempt, request) =>
      attempt.step.at === 'answered' && request.dnsNames[0] === 'b.example.com'
        ? Promise.resolve({ step: { at: 'rejected', problem: NO } })
        : advance(attempt, request);
    await world.run();
    for (const name of ['a', 'c']) expect((await world.issuance(name))?.current).toBeDefined();
    expect((await world.issuance('b'))?.failure?.count).toBe(1);
    expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
  });

  test('that somebody must change something about is asked again as soon as any other', async () => {
    const world = await opened('a');
    world.ca.verdict = { ...NO, retry: 'never' };
    await world.run();
    expect(minutes((await world.row('a'))?.wakeAt, world.clock.now())).toBeCloseTo(1, 1);
  });
});

describe('trouble on the way', () => {
  test.each(['created', 'presented', 'answered', 'finalizing'])(
    'at %s: the order waits, and is gone on with',
    async (step) => {
      const world = await opened('a');
      world.ca.fails.set(step, problem('nolapse:unreachable'));
      await world.run();
      const row = await world.row('a');
      expect(row?.body).toMatchObject({ failure: { count: 1 }, attempt: { pickups: 0 } });
      expect(row?.wakeAt).toBe(row?.body.failure?.retryAt);
      const keepsValues = step === 'answered';
      expect([world.zone.values.size, (await world.ledger()).length]).toEqual(keepsValues ? [1, 1] : [0, 0]);
      world.ca.fails.clear();
      world.clock.later(2 * MINUTE);
      await world.run();
      expect((await world.issuance('a'))?.current).toBeDefined();
      expect(world.ca.orders.size).toBe(1);
      expect([...world.ca.orders.values()].map(({ csrs }) => csrs.size)).toEqual([1]);
      expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
    },
  );

  test("the CA's own instant counts where it is later", async () => {
    const world = await opened('a');
    world.ca.fails.set('intent', { ...problem('urn:ietf:params:acme:error:serverInternal'), retryAt: at(HOUR) });
    await world.run();
    expect((await world.row('a'))?.wakeAt).toBe(at(HOUR));
    expect((await world.issuance('a'))?.attempt).toBeUndefined();
  });

  test('an order that is lost is not waited for', async () => {
    const world = await opened('a');
    world.ca.fails.set('answered', problem('nolapse:order-lost'));
    await world.run();
    expect((await world.issuance('a'))?.attempt).toBeUndefined();
    expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
  });

  test('six hours are enough: then the attempt ends and its values are gone', async () => {
    const world = await opened('a');
    world.ca.fails.set('answered', problem('nolapse:unreachable'));
    await world.run();
    world.clock.later(6 * HOUR);
    await world.run();
    const issuance = await world.issuance('a');
    expect(issuance).toMatchObject({ failure: { count: 2, problem: { type: 'nolapse:order-timeout' } } });
    expect(issuance?.attempt).toBeUndefined();
    expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
  });

  test('values that a lost attempt left are removed when their time is over', async () => {
    const world = await opened('a');
    world.ca.fails.set('answered', problem('nolapse:unreachable'));
    await world.run();
    const row = await world.row('a');
    if (row) await world.records.remove(row, row.rev);
    world.clock.later(6 * HOUR);
    await world.run();
    expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
  });

  test('an attempt that others took away while it failed is theirs', async () => {
    const world = await opened('a', 'b');
    const { advance } = world.ca;
    world.ca.advance = async (attempt, request) => {
      if (attempt.step.at !== 'created' || request.dnsNames[0] !== 'a.example.com') return advance(attempt, request);
      const row = await world.row('a');
      if (row) await world.records.put(rows.issuance({ ...row.body, attempt: { ...attempt, id: 'theirs' } }, row.rev));
      throw new Error('too late');
    };
    expect(await world.run()).toBe('done');
    expect(await world.issuance('a')).toMatchObject({ attempt: { id: 'theirs' } });
    expect((await world.issuance('b'))?.current).toBeDefined();
  });

  test('a step that ends its process is tried less and less often', async () => {
    const world = await opened('a');
    const waits: number[] = [];
    for (let n = 1; n <= 6; n += 1) {
      world.ca.calls.length = 0;
      await world.runUntil({ call: 3, when: 'before' });
      const row = await world.row('a');
      expect(row?.body.attempt?.pickups).toBe(n);
      const wait = Math.max(0, Math.round(minutes(row?.wakeAt, world.clock.now())));
      waits.push(wait);
      world.clock.later(wait * MINUTE);
    }
    expect(waits).toEqual([0, 0, 1, 10, 100, 1440]);
  });
});

describe('a 429', () => {
  const limited: Problem = { ...problem('urn:ietf:params:acme:error:rateLimited'), retryAt: at(3 * HOUR) };
  const scope = { directoryHost: 'acme-v02.api.letsencrypt.org', account: '1' };

  test("stops its scope until the CA's instant, for all, and nothing after it", async () => {
    const world = await opened('a');
    world.ca.fails.set('intent', limited);
    const authorityOf = async () => ({ advance: world.ca.advance, scope });
    await world.run({ authorityOf });
    expect(world.ca.calls).toEqual(['intent']);
    await world.asks('b', names('b'));
    await world.run({ authorityOf });
    expect(world.ca.calls).toEqual(['intent']);
    expect((await world.row('b'))?.wakeAt).toBe(at(3 * HOUR));
    const name = scopeOf429(limited, { dnsNames: names('a'), ipAddresses: [] });
    expect((await world.records.get(keys.limit(scope.directoryHost, '1', name)))?.body).toMatchObject({
      ...{ blockedUntil: at(3 * HOUR), saidBy: 'ca' },
    });
    world.ca.fails.clear();
    world.clock.later(3 * HOUR);
    await world.run({ authorityOf });
    for (const one of ['a', 'b']) expect((await world.issuance(one))?.current).toBeDefined();
  });

  test('each order is counted once, however many are planned side by side', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => `n${n}`);
    const world = await opened(...asked);
    await world.run({ authorityOf: async () => ({ advance: world.ca.advance, scope }) });
    expect(world.ca.orders.size).toBe(20);
    const tat = (await world.records.get(keys.limit(scope.directoryHost, '1', 'new-orders')))?.body.tat;
    expect(Date.parse(tat ?? '') - Date.parse(at(0))).toBe(20 * 36_000);
  });
});

describe('not now', () => {
  test('a lane that somebody else works in is left to them', async () => {
    const world = await opened('a');
    await world.records.put(rows.lane({ lane: LANE, failures: 0, holder: 'two', leasedUntil: at(MINUTE) }, 0));
    expect(await world.run({ holder: { name: 'one', isGone: () => false } })).toBe('busy');
    expect(world.ca.calls).toEqual([]);
  });

  const pause = { since: at(0), until: at(HOUR), by: 'ada', because: 'the CA moves' };

  test('a paused lane asks nobody, and what is due in it stays due', async () => {
    const world = await opened('a');
    await world.records.put(rows.lane({ lane: LANE, failures: 0, pause }, 0));
    expect(await world.run()).toBe('paused');
    expect(world.ca.calls).toEqual([]);
    expect((await world.row('a'))?.wakeAt).toBe(at(-1));
    world.clock.later(HOUR);
    expect(await world.run()).toBe('done');
    expect((await world.issuance('a'))?.current).toBeDefined();
  });

  test('a lane that is paused while it waits stops with everything stored, and goes on with the same order', async () => {
    const world = await opened('a');
    world.zone.answer = (polls) => {
      if (polls === 1) void changeLane(world.records, LANE, (state) => ({ ...state, pause }));
      return false;
    };
    expect(await world.run()).toBe('done');
    expect(world.clock.elapsed()).toBeLessThan(MINUTE);
    expect(await world.issuance('a')).toMatchObject({ attempt: { step: { at: 'authorizing' } } });
    world.zone.answer = () => true;
    world.clock.later(HOUR);
    await world.run();
    expect((await world.issuance('a'))?.current).toBeDefined();
    expect(world.ca.orders.size).toBe(1);
  });

  test('an issuer that is gone is a failure of the plan', async () => {
    const world = await opened('a');
    await world.run({ authorityOf: () => Promise.reject(new Error('gone')) });
    expect((await world.issuance('a'))?.failure).toMatchObject({ stage: 'plan', count: 1 });
  });

  test('what this run is not about stays due', async () => {
    const world = await opened('a', 'b');
    await world.run({ only: new Set([world.idOf('b')]) });
    expect((await world.issuance('b'))?.current).toBeDefined();
    expect((await world.row('a'))?.body.attempt).toBeUndefined();
    expect((await world.row('a'))?.wakeAt).toBe(at(-1));
  });

  test('stopped again and again while it waits: all is stored, and the next run finishes with the same order and change', async () => {
    const world = await opened('a');
    for (let stopped = 1; stopped <= 4; stopped += 1) {
      const stop = new AbortController();
      world.zone.answer = () => {
        stop.abort(new Error('the deadline is near'));
        return false;
      };
      await world.run({ signal: stop.signal });
      expect(await world.issuance('a')).toMatchObject({ attempt: { step: { at: 'authorizing' } } });
      expect(await world.ledger()).toHaveLength(1);
    }
    world.zone.answer = () => true;
    await world.run();
    expect((await world.issuance('a'))?.current).toBeDefined();
    expect(world.ca.orders.size).toBe(1);
    expect(world.zone.calls.map(({ add, remove }) => [add.length, remove.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
  });
});
