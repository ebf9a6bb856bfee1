/** Leaving a fleet over real rows: orders end, values go, places are given back, and what could not be done is said. */
import { describe, expect, test } from 'vitest';
import type { Lane } from '../../../shared/contract/ids.ts';
import { MARK } from '../../../shared/contract/marks.ts';
import type { Observation } from '../../../shared/contract/observation.ts';
import { type Key, keys, rows } from '../../../shared/contract/records.ts';
import type { Destination, Issuance, LaneState } from '../../../shared/contract/rows.ts';
import { runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { installationOf, rejoin, requireStaying } from '../../../shared/lanes/installation.ts';
import { changeLane, ensureLane } from '../../../shared/lanes/lease.ts';
import { inOneProcess, leave, lookAtLeaving } from '../../../shared/lanes/leave.ts';
import { writeSnapshot } from '../../../shared/lanes/snapshots.ts';
import { DAY, facts, observed, place } from '../stages/assess/judged-things.ts';
import { fleet } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, MINUTE, nobodyOutside, problem, START } from '../stages/issue/scripted.ts';
import { LANE, openIssueWorld } from './issue-world.ts';
import { marksOfOurs, memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

const OURS = { manager: 'nolapse-acme', operation: 'Apply', dataKeys: ['tls.crt', 'tls.key'] } as const;

async function opened(...asked: readonly string[]) {
  const world = openIssueWorld();
  const [store, held] = [memoryDestination(), new Map<string, Uint8Array>()];
  for (const name of asked) await world.asks(name, [`${name}.example.com`]);
  for (const lane of [LANE, 'deliver:prod'] satisfies Lane[]) await ensureLane(world.records, lane);
  const { id } = await installationOf(world.records, { fleet: 'acme', now: START });
  const blobs = {
    read: async (key: string) => held.get(key),
    write: async (key: string, body: Uint8Array) => void held.set(key, body),
  };
  const ports: Parameters<typeof inOneProcess>[0] = {
    ...world.ports(),
    ...{ blobs, destinationsOf: async () => store, statusesOf: async () => memoryStatuses(world.clock.now), keeps: [] },
    handshakes: nobodyOutside,
    seal: async (plain) => Buffer.from(plain).toString(),
    unseal: async (sealed) => Buffer.from(sealed),
  };
  return {
    ...{ ...world, store, ports, installation: id },
    /** A place that holds a certificate of ours, unless told otherwise. */
    holds: (name: string, more: Partial<Observation> = {}) =>
      store.holds.set(place(name), observed(name, facts(DAY), { ...marksOfOurs(id), managers: [OURS], ...more })),
    leave: (more: Partial<typeof ports> = {}) => leave('ada', inOneProcess({ ...ports, ...more })),
    look: () => lookAtLeaving(inOneProcess(ports)),
    /** Runs the issue lane until values are in the zone, and stops there. */
    begin: async () => {
      const stop = new AbortController();
      world.zone.answer = () => {
        stop.abort(new Error('the deadline is near'));
        return false;
      };
      await world.run({ seal: ports.seal, signal: stop.signal });
      world.zone.answer = () => true;
    },
    pause: (lane: Lane) =>
      changeLane(
        world.records,
        lane,
        (state): LaneState => ({
          ...state,
          pause: { since: at(0), until: at(HOUR), by: 'jo', because: 'x' },
        }),
      ),
    change: async (name: string, more: Partial<Issuance>, wakeAt?: string) => {
      const row = await world.records.get(keys.issuance(world.idOf(name)));
      if (row) await world.records.put(rows.issuance({ ...row.body, ...more }, row.rev, wakeAt));
    },
    values: async () => [[...world.zone.values], await world.ledger()],
  };
}
const outcomesOf = (left: { places: readonly { place: string; outcome: string }[] }): readonly string[] =>
  left.places.map((one) => `${one.place.split('/').at(-1)} ${one.outcome}`);

describe('an order that is open', () => {
  test('is finished, delivered, and what it was delivered to is given back; again does nothing', async () => {
    const world = await opened('a');
    await world.begin();
    const left = await world.leave();
    expect(left.orders).toEqual([
      { issuance: world.idOf('a'), certificates: ['prod/shop/a'], outcome: 'finished', order: 'https://ca/order/1' },
    ]);
    expect([outcomesOf(left), left.values, left.unsettled]).toEqual([['a released'], [], []]);
    expect(left.leaving).toMatchObject({ by: 'ada', closedAt: expect.any(String) });
    expect(world.store.writes).toEqual([place('a')]);
    expect(await world.values()).toEqual([[], []]);
    expect(await world.place('a')).toBeUndefined();
    const changes = world.zone.calls.length;
    const again = await world.leave({ fleet: world.ports.fleet });
    expect([again.orders, again.places, again.leaving]).toEqual([[], [], left.leaving]);
    expect([world.zone.calls.length, world.store.releases.length, world.store.writes.length]).toEqual([changes, 1, 1]);
  });

  test('and waits for a later time is given up: no attempt, no key, no value, and nothing wakes it', async () => {
    const world = await opened('a');
    await world.begin();
    await world.change('a', {}, at(HOUR));
    const { orders } = await world.leave();
    expect(orders).toMatchObject([{ outcome: 'abandoned', order: 'https://ca/order/1' }]);
    const row = await world.records.get(keys.issuance(world.idOf('a')));
    expect([row?.body.attempt, row?.body.failure, row?.wakeAt]).toEqual([undefined, undefined, undefined]);
    expect(await world.values()).toEqual([[], []]);
    expect(world.told).toContain('order-abandoned');
  });

  test('and is refused by the CA meanwhile has failed', async () => {
    const world = await opened('a');
    await world.begin();
    world.ca.verdict = problem('urn:ietf:params:acme:error:dns');
    expect((await world.leave()).orders).toMatchObject([{ outcome: 'failed' }]);
    expect(await world.values()).toEqual([[], []]);
  });

  test('is ended in the time that there is, however long the CA would take', async () => {
    const world = await opened('a');
    await world.begin();
    world.zone.answer = () => false;
    const { orders } = await world.leave();
    expect(orders).toMatchObject([{ outcome: 'abandoned' }]);
    expect(world.clock.elapsed()).toBeLessThan(HOUR / 4);
  });
});

test('what somebody else has finished is delivered first, and given back like the rest', async () => {
  const world = await opened('a');
  await world.run({ seal: world.ports.seal });
  expect(world.store.writes).toEqual([]);
  const left = await world.leave();
  expect([left.orders, world.store.writes, outcomesOf(left)]).toEqual([[], [place('a')], ['a released']]);
});

test('nothing is begun for a fleet that is left', async () => {
  const world = await opened('a');
  await world.leave();
  expect(world.ca.calls).toEqual([]);
  expect(await world.run()).toBe('done');
  expect(world.ca.calls).toEqual([]);
});

describe('places', () => {
  test('are given back where our mark is, also where no certificate names them any more', async () => {
    const world = await opened('a');
    world.holds('a');
    world.holds('forgotten');
    world.holds('unmarked', { annotations: {} });
    const asOf = at(0);
    await writeSnapshot(world.ports.blobs, {
      ...{ source: 'prod', asOf, certificates: [], gaps: [], wholeAt: asOf },
      observations: [...world.store.holds.values(), observed('theirs', facts(DAY))],
    });
    expect(outcomesOf(await world.look())).toEqual(['a to-release', 'forgotten to-release', 'unmarked to-release']);
    expect(world.store.releases).toEqual([]);
    expect(outcomesOf(await world.leave())).toEqual(['a released', 'forgotten released', 'unmarked released']);
  });

  const others: readonly [string, Partial<Observation>, object][] = [
    ['of another fleet', { annotations: { [MARK.fleet]: 'rival' } }, { owner: 'the Nolapse fleet rival' }],
    ['of another installation', marksOfOurs('other'), { owner: 'another installation of this fleet (other)' }],
  ];
  test.each(others)('%s by now are left alone, and said', async (_what, more, said) => {
    const world = await opened('a');
    world.holds('a', more);
    expect((await world.leave()).places).toEqual([
      { place: place('a'), outcome: 'theirs', isThere: true, notAfter: facts(DAY).notAfter, ...said },
    ]);
    expect(world.store.releases).toEqual([]);
  });

  test('of a cluster that is no longer in the fleet are said, and hold up nothing', async () => {
    const world = await opened('a');
    world.holds('a');
    expect((await world.leave({ fleet: fleet({ clusters: [] }) })).places).toEqual([
      { place: place('a'), outcome: 'not-of-fleet', isThere: true },
    ]);
    expect([world.store.reads, await world.place('a')]).toEqual([[], undefined]);
  });

  test.each([
    ['refuse', 'refuses'],
    ['cannot be reached', 'fails'],
  ] as const)('that %s are said, keep their row, and are tried again', async (_what, how) => {
    const world = await opened('a');
    world.holds('a');
    world.store[how].set(place('a'), problem('kubernetes:Forbidden', 'never'));
    expect((await world.leave()).places).toMatchObject([
      { outcome: 'failed', problem: { type: 'kubernetes:Forbidden' } },
    ]);
    expect(await world.place('a')).toBeDefined();
    world.store[how].clear();
    expect(outcomesOf(await world.leave())).toEqual(['a released']);
  });

  test('that hold nothing, or nothing of ours, are only looked at; a consent that was never used is over', async () => {
    const world = await opened('a', 'b');
    world.holds('b', { annotations: {}, managers: [] });
    const row = await world.records.get<Destination>(keys.destination(place('b')) as Key<Destination>);
    if (row) await world.records.put(rows.destination({ ...row.body, adopt: true }, row.rev));
    const { places } = await world.leave();
    expect(places.map(({ outcome, isThere }) => [outcome, isThere])).toEqual([
      ['nothing', false],
      ['nothing', true],
    ]);
    expect([world.store.releases, await world.place('b')]).toEqual([[], undefined]);
  });
});

describe('what could not be done', () => {
  test('in the lane of an issuer holds up the rest: nothing is closed, nothing given back', async () => {
    const world = await opened('a');
    world.holds('a');
    await world.begin();
    await world.pause(LANE);
    const left = await world.leave();
    expect(left.unsettled).toEqual([{ lane: LANE, why: 'paused' }]);
    expect([left.orders.map(({ outcome }) => outcome), left.places]).toEqual([['open'], []]);
    expect(left.values).toHaveLength(1);
    expect(left.leaving?.closedAt).toBeUndefined();
    world.clock.later(HOUR);
    expect(outcomesOf(await world.leave())).toEqual(['a released']);
  });

  test('in the lane of a party is said, and the others are done', async () => {
    const world = await opened('a');
    world.holds('a');
    await changeLane(world.records, 'deliver:prod', (state) => ({
      ...state,
      holder: 'two',
      leasedUntil: at(24 * HOUR),
    }));
    const busy = { holder: { name: 'one', isGone: () => false } };
    const short = { ...world.clock, remainingMs: () => MINUTE - world.clock.elapsed() };
    const left = await world.leave({ ...busy, clock: short });
    expect([left.unsettled, left.places]).toEqual([[{ lane: 'deliver:prod', why: 'no-time' }], []]);
    expect(left.leaving?.closedAt).toBeDefined();
  });

  test('with a value of the zone is said, and removed by the next one', async () => {
    const world = await opened('a');
    await world.begin();
    await world.change('a', {}, at(24 * HOUR));
    const [value = ''] = world.zone.values;
    world.zone.refuses.add(value);
    expect((await world.leave()).values).toMatchObject([{ zoneId: 'Z1', fqdn: '_acme-challenge.a.example.com' }]);
    world.zone.refuses.clear();
    world.clock.later(HOUR);
    expect([(await world.leave()).values, [...world.zone.values]]).toEqual([[], []]);
  });
});

test('afterwards nothing is delivered, whatever is due; whoever takes the fleet up again gets what was waiting', async () => {
  const world = await opened('a');
  await world.change('a', { keyPolicy: 'keep' }, at(-1));
  await world.begin();
  await world.leave();
  const destination: Destination = {
    ...{ place: place('a'), issuance: world.idOf('a'), certificate: 'prod/shop/a', adopt: true },
    ownership: { is: 'absent' },
  };
  world.store.holds.delete(place('a'));
  await world.records.put(rows.destination(destination, 0, at(0)));
  expect(await runDeliverLane('prod', world.ports)).toBe('done');
  expect([world.store.writes.length, (await world.place('a'))?.wakeAt]).toEqual([1, undefined]);
  await expect(requireStaying(world.records)).rejects.toThrow(
    /^fleet acme: was left at .* by ada \(to take it up again/,
  );
  await rejoin(world.records);
  await requireStaying(world.records);
  await world.records.put(rows.destination(destination, (await world.place('a'))?.rev ?? 0, at(0)));
  await runDeliverLane('prod', world.ports);
  expect(world.store.writes).toHaveLength(2);
});

test('what stays is counted, and a look writes nothing', async () => {
  const world = await opened('a');
  await world.change('a', { keyPolicy: 'keep' }, at(-1));
  await world.begin();
  await world.leave();
  const wrote: string[] = [];
  const put = async ({ pk }: { readonly pk: string }): Promise<'conflict'> => {
    wrote.push(pk);
    return 'conflict';
  };
  const records = { ...world.records, put };
  const keeps = [{ what: 'state folder', where: 'here', usdAMonth: 0, remove: 'delete it' }];
  const { stays } = await lookAtLeaving(inOneProcess({ ...world.ports, records, keeps }));
  expect(stays.map(({ what, usdAMonth }) => [what, usdAMonth])).toEqual([
    ['state folder', 0],
    ['sealed private key', 0],
  ]);
  expect(wrote).toEqual([]);
});
