/** A store that fails for a moment, in the middle of the work: the lane fails, and the certificate that it met is not blamed. */
import { expect, test } from 'vitest';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { keys, type Records, rows } from '../../../shared/contract/records.ts';
import { runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { asOnlyWorker } from '../../../shared/lanes/lease.ts';
import { plan } from '../../../shared/lanes/plan.ts';
import { overWindow } from '../../../shared/lanes/window.ts';
import { at, HOUR, nobodyOutside, problem } from '../stages/issue/scripted.ts';
import { FLEET, LANE, openIssueWorld } from './issue-world.ts';
import { memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

const THROTTLED = 'nolapse:state-unreachable';
const throttled = (): ProblemError => new ProblemError(problem(THROTTLED));
type Call = 'get' | 'put' | 'remove' | 'due';

/** Fails once, at the nth of the calls that are meant. */
function failingOnce(records: Records, isMeant: (call: Call, pk: string) => boolean, nth = 1) {
  let [failed, calls] = ['', 0];
  const asked = (call: Call, pk: string): void => {
    if (!isMeant(call, pk)) return;
    calls += 1;
    if (calls !== nth) return;
    failed = `${call} ${pk}`;
    throw throttled();
  };
  const failing: Records = {
    children: (pk) => records.children(pk),
    get: async (key) => {
      asked('get', key.pk);
      return records.get(key);
    },
    put: async (row) => {
      asked('put', row.pk);
      return records.put(row);
    },
    remove: async (key, rev) => {
      asked('remove', key.pk);
      return records.remove(key, rev);
    },
    due: async (lane, now, limit) => {
      asked('due', lane);
      return records.due(lane, now, limit);
    },
    dueSince: (lane, now) => records.dueSince(lane, now),
    list: (kind, range) => records.list(kind, range),
  };
  return { failing, failed: () => failed };
}

test('at any call of an attempt: the lane ends with it, the row keeps what it had, and the next run finishes it', async () => {
  const met = new Set<string>();
  for (let n = 1; ; n += 1) {
    const world = openIssueWorld();
    await world.asks('a', ['a.example.com']);
    const { failing, failed } = failingOnce(world.records, (_call, pk) => /^(ISS|ZONE)#/.test(pk), n);
    const turn = await world.run({ records: failing }).catch((error: unknown) => error);
    if (!failed()) break;
    met.add(failed().replace(/#.*/, ''));
    const { body } = (await world.records.get(keys.issuance(world.idOf('a')))) ?? {};
    expect(body?.failure, failed()).toBeUndefined();
    expect(world.told, failed()).not.toContain('attempt-failed');
    // what cannot be removed from the zone is tried again by itself
    if (turn !== 'done') expect(turn, failed()).toMatchObject({ problem: { type: THROTTLED } });
    world.clock.later(HOUR);
    await world.run();
    expect((await world.issuance('a'))?.current, failed()).toBeDefined();
    // an order whose URL could not be stored is the one that is lost
    expect(world.ca.orders.size, failed()).toBeLessThanOrEqual(failed().includes('ISS') ? 2 : 1);
    expect([[...world.zone.values], await world.ledger()], failed()).toEqual([[], []]);
  }
  expect([...met].toSorted()).toEqual(['get ISS', 'get ZONE', 'put ISS', 'put ZONE', 'remove ZONE']);
});

test('a step that was given back is not counted as one that ended its process', async () => {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  for (let n = 0; n < 4; n += 1) {
    const { failing } = failingOnce(world.records, (call, pk) => call === 'put' && pk.startsWith('ZONE#'));
    await expect(world.run({ records: failing })).rejects.toThrow(THROTTLED);
  }
  const row = await world.records.get(keys.issuance(world.idOf('a')));
  expect(row?.body).toMatchObject({ attempt: { pickups: 0, step: { at: 'authorizing' } } });
  expect(Date.parse(row?.wakeAt ?? '')).toBeLessThanOrEqual(world.clock.now().getTime());
});

test('where the issuer is looked up: neither a failed plan nor a failure of the certificate', async () => {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  const authorityOf = () => Promise.reject(throttled());
  await expect(world.run({ authorityOf })).rejects.toThrow(THROTTLED);
  expect((await world.issuance('a'))?.failure).toBeUndefined();
  const { records, clock } = world;
  await expect(plan({ fleet: FLEET, records, clock, authorityOf })).rejects.toThrow(THROTTLED);
});

test('while what is due is read again: what was begun is waited for, and then the lane ends with the error', async () => {
  const { records, clock } = openIssueWorld();
  const lane = 'deliver:prod';
  const body = {
    place: 'prod/shop/a',
    issuance: 'i',
    certificate: 'c',
    adopt: false,
    ownership: { is: 'absent' },
  } as const;
  await records.put(rows.destination(body, 0, at(-1)));
  const { failing } = failingOnce(records, (call) => call === 'due', 2);
  let isOver = false;
  const work = async (): Promise<void> => {
    await clock.sleep(30_000);
    isOver = true;
  };
  const { signal } = new AbortController();
  await expect(overWindow({ lane, records: failing, clock, signal, size: 4, work })).rejects.toThrow(THROTTLED);
  expect(isOver).toBe(true);
});

test('while the lease is renewed: the work is stopped, and the turn is no good one', async () => {
  const { records, clock } = openIssueWorld();
  const { failing } = failingOnce(records, (call, pk) => call === 'get' && pk === 'LANE', 2);
  const ports = { records: failing, clock, holder: { name: 'one', isGone: () => false } };
  const turn = asOnlyWorker(LANE, ports, (signal) => clock.sleep(HOUR, signal).catch(() => undefined));
  await expect(turn).rejects.toThrow(THROTTLED);
  expect(clock.elapsed()).toBeLessThan(HOUR);
});

test('where a place is opened: the delivery is not one that failed', async () => {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  await world.run();
  const unseal = () => Promise.reject(throttled());
  const destinationsOf = async () => memoryDestination();
  const statusesOf = async () => memoryStatuses(world.clock.now);
  const ports = { ...world.ports(), unseal, destinationsOf, statusesOf, handshakes: nobodyOutside };
  await expect(runDeliverLane('prod', ports)).rejects.toThrow(THROTTLED);
  const row = await world.place('a');
  expect([row?.body.failure, row?.wakeAt !== undefined]).toEqual([undefined, true]);
});
