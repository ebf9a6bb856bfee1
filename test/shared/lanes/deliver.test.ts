/** The deliver lane over real rows: what is written, what waits, what is forgotten, and that a key is never left in memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Destination, Issuance, Issued, Wanted } from '../../../shared/contract/rows.ts';
import { type DeliverLanePorts, runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { installationOf } from '../../../shared/lanes/installation.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { type MadeChain, makeChain } from '../../fixtures/x509.ts';
import * as things from '../stages/assess/judged-things.ts';
import { DAY, facts, observed, place } from '../stages/assess/judged-things.ts';
import { at, jumpingClock, MINUTE, nobodyOutside, openRecords, problem, START } from '../stages/issue/scripted.ts';
import { marksOfOurs, memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

let made: MadeChain;
beforeAll(async () => {
  made = await makeChain({ dnsNames: ['shop.example.com'] });
});

const currentOf = (more: Partial<Issued> = {}): Issued => ({
  ...{ facts: factsOf(made.leaf.x509), chainPem: made.chainPem, issuedAt: at(0), origin: 'issued' },
  ...{ sealedKey: made.leaf.keyPem, attempt: 'attempt-1', ...more },
});

/** The certificate `a`, with places of those names; each may be made otherwise. */
async function opened(names: readonly string[], more: { issuance?: Partial<Issuance>; wanted?: Partial<Wanted> } = {}) {
  const [records, clock, store, told] = [openRecords(), jumpingClock(), memoryDestination(), [] as string[]];
  const wanted = things.wanted('a', {
    places: names.map((name) => ({ place: place(name), adopt: false })),
    ...more.wanted,
  });
  await records.put(rows.wanted(wanted, 0));
  await records.put(rows.issuance(things.issuance('a', undefined, { current: currentOf(), ...more.issuance }), 0));
  const asks = (name: string, of: Partial<Destination> = {}) => {
    const body = things.destination(name, undefined, { issuance: 'iss-a', certificate: wanted.id, ...of });
    return records.put(rows.destination(body, 0, at(-1)));
  };
  for (const name of names) await asks(name);
  const { id } = await installationOf(records, { fleet: 'acme', now: START });
  const ports: DeliverLanePorts = {
    fleet: {
      ...{ name: 'acme', clusters: [], zones: [], dns: { resolvers: [], port: 53 }, reach: [], notifications: {} },
      ...{ issuers: [], certificates: [] },
    },
    ...{ records, clock, bell: { ring: async () => undefined }, holder: { name: 'one', isGone: () => false } },
    journal: {
      tell: async ({ what, detail }) => void told.push(`${what} ${detail.outcome ?? detail.type ?? ''}`),
    },
    unseal: async (sealed) => Buffer.from(sealed),
    destinationsOf: async () => store,
    handshakes: nobodyOutside,
    statusesOf: async () => memoryStatuses(clock.now),
  };
  return {
    ...{ records, clock, store, told, installation: id },
    run: (given: Partial<DeliverLanePorts> = {}) => runDeliverLane('prod', { ...ports, ...given }),
    row: (name: string) => records.get(keys.destination(place(name))),
    change: async (name: string, of: Partial<Destination>) => {
      const row = await records.get(keys.destination(place(name)));
      if (row) await records.put(rows.destination({ ...row.body, ...of }, row.rev, at(-1)));
    },
    sealedKey: async () => (await records.get(keys.issuance('iss-a')))?.body.current?.sealedKey,
  };
}

test('no API server is asked to take more than four at once', async () => {
  const { store, run, clock } = await opened(Array.from({ length: 20 }, (_, n) => `n${n}`));
  let [now, most] = [0, 0];
  const destinationsOf = async () => ({
    ...store,
    write: async (...asked: Parameters<typeof store.write>) => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(100);
      now -= 1;
      return store.write(...asked);
    },
  });
  await run({ destinationsOf });
  expect([most, store.writes.length]).toEqual([4, 20]);
});

describe('a place that holds nothing', () => {
  test('is written, read back, and asked for no more; then the key is forgotten, in rows and in memory', async () => {
    const world = await opened(['a', 'b']);
    const plain: Uint8Array[] = [];
    const unseal = async (sealed: string): Promise<Uint8Array> => {
      const key = Buffer.from(sealed);
      plain.push(key);
      return key;
    };
    await world.run({ unseal });
    expect(plain).toHaveLength(2);
    expect(world.store.writes.toSorted()).toEqual([place('a'), place('b')]);
    for (const name of ['a', 'b']) {
      const row = await world.row(name);
      expect(row?.body).toMatchObject({ ownership: { is: 'ours' }, deliveredAt: at(0), have: { keyMatches: true } });
      expect([row?.body.failure, row?.wakeAt]).toEqual([undefined, undefined]);
    }
    expect(world.told).toEqual(['delivered written', 'delivered written']);
    expect(await world.sealedKey()).toBeUndefined();
    for (const key of [...plain, world.store.lastKey ?? Buffer.of(1)])
      expect(key.every((byte) => byte === 0)).toBe(true);
  });

  test('a FleetCertificate keeps its key; an issuance in an attempt keeps it as well', async () => {
    const fleet = await opened(['a'], { issuance: { keyPolicy: 'keep' } });
    await fleet.run();
    expect(await fleet.sealedKey()).toBeDefined();
    const attempt = {
      ...{ id: 'attempt-2', startedAt: at(0), deadline: at(MINUTE), pickups: 1, step: { at: 'intent' as const } },
    };
    const busy = await opened(['a'], { issuance: { attempt } });
    await busy.run();
    expect(await busy.sealedKey()).toBeDefined();
  });
});

describe('trouble', () => {
  test('waits its time, keeps the key for who has none yet, and stops nobody else', async () => {
    const world = await opened(['a', 'b', 'c']);
    world.store.fails.set(place('b'), problem('kubernetes:InternalError'));
    await world.run();
    expect((await world.row('b'))?.body).toMatchObject({ failure: { count: 1, stage: 'deliver' } });
    expect((await world.row('b'))?.wakeAt).toBe(at(MINUTE));
    expect(world.store.writes.toSorted()).toEqual([place('a'), place('c')]);
    expect(await world.sealedKey()).toBeDefined();
    world.store.fails.clear();
    world.clock.later(MINUTE);
    await world.run();
    expect(world.store.writes).toHaveLength(3);
    expect((await world.row('b'))?.body.failure).toBeUndefined();
    expect(await world.sealedKey()).toBeUndefined();
  });

  test('a party that cannot be reached leaves what is known of its places', async () => {
    const world = await opened(['a']);
    const have = { facts: facts(DAY), version: '7', annotations: {} };
    await world.change('a', { have, ownership: { is: 'ours' } });
    await world.run({ destinationsOf: () => Promise.reject(new Error('no route')) });
    expect((await world.row('a'))?.body).toMatchObject({ have, ownership: { is: 'ours' }, failure: { count: 1 } });
  });

  test('what is not there as it was written is tried again', async () => {
    const world = await opened(['a']);
    const meddled = observed('a', facts(DAY), { version: '9', ...marksOfOurs(world.installation) });
    world.store.meddle = (one) => void world.store.holds.set(one, meddled);
    await world.run();
    const row = await world.row('a');
    expect(row?.body.failure).toMatchObject({ stage: 'verify', problem: { type: 'nolapse:not-as-written' } });
    expect(row?.wakeAt).toBe(at(MINUTE));
    expect(world.told).toEqual(['attempt-failed nolapse:not-as-written']);
    expect(await world.sealedKey()).toBeDefined();
  });

  test('a key that cannot be opened is one failure, and nothing is written', async () => {
    const world = await opened(['a']);
    await world.run({ unseal: () => Promise.reject(new Error('seal broken')) });
    expect(world.store.writes).toEqual([]);
    expect((await world.row('a'))?.body.failure?.problem.detail).toBe('seal broken');
  });
});

describe('a no', () => {
  test('of the store is told once and waits for somebody; the key is kept for the day it is allowed', async () => {
    const world = await opened(['a']);
    world.store.refuses.set(place('a'), problem('kubernetes:Forbidden', 'never'));
    await world.run();
    const row = await world.row('a');
    expect(row?.body.failure?.problem.type).toBe('kubernetes:Forbidden');
    expect(row?.wakeAt).toBeUndefined();
    expect(world.told).toEqual(['attempt-failed kubernetes:Forbidden']);
    expect(await world.sealedKey()).toBeDefined();
    await world.run();
    expect(world.store.writes).toHaveLength(1);
  });

  test('of its owner: nothing is written, and no key waits for it', async () => {
    const world = await opened(['a', 'b']);
    world.store.holds.set(place('b'), observed('b', facts(DAY), { owners: ['SealedSecret/b'] }));
    await world.run();
    expect(world.store.writes).toEqual([place('a')]);
    expect(world.told.toSorted()).toEqual(['delivered refused', 'delivered written']);
    expect((await world.row('b'))?.body).toMatchObject({
      ...{ ownership: { is: 'owned' }, have: { facts: facts(DAY) } },
      failure: { problem: { type: 'nolapse:destination-owned' } },
    });
    expect(await world.sealedKey()).toBeUndefined();
  });

  test('of nobody: taken over with consent, which is used up by it', async () => {
    const world = await opened(['a', 'b']);
    const kubectl = { manager: 'kubectl-create', operation: 'Update', dataKeys: ['tls.crt', 'tls.key'] } as const;
    world.store.holds.set(place('a'), observed('a', facts(DAY), { managers: [kubectl] }));
    world.store.holds.set(place('b'), observed('b', facts(DAY), { managers: [kubectl] }));
    await world.change('a', { adopt: true });
    await world.run();
    expect(world.store.writes).toEqual([place('a')]);
    expect((await world.row('b'))?.body.failure?.problem.type).toBe('nolapse:destination-adoptable');
    expect((await world.row('a'))?.body).toMatchObject({ adopt: false, ownership: { is: 'ours' } });
    expect((await world.row('a'))?.body.failure).toBeUndefined();
  });
});

describe('nothing is written', () => {
  test('where this certificate is already', async () => {
    const world = await opened(['a']);
    const chain = [factsOf(made.leaf.x509)];
    world.store.holds.set(place('a'), observed('a', chain[0], marksOfOurs(world.installation)));
    await world.run();
    expect([world.store.writes, world.told]).toEqual([[], ['delivered unchanged']]);
    expect((await world.row('a'))?.body.deliveredAt).toBe(at(0));
    expect(await world.sealedKey()).toBeUndefined();
  });

  const nobody: readonly [string, { issuance?: Partial<Issuance>; wanted?: Partial<Wanted> }][] = [
    ['that nobody wants any more', { wanted: { goneAt: at(-1) } }],
    ['that is held', { wanted: { held: { reason: 'audit', message: 'audit' } } }],
    ['that belongs to another issuance now', { wanted: { issuance: 'iss-b' } }],
    ['that its certificate no longer names', { wanted: { places: [{ place: place('other'), adopt: false }] } }],
  ];
  test.each(nobody)('at a place %s: it sleeps, unread', async (_what, more) => {
    const world = await opened(['a'], more);
    await world.run();
    expect([world.store.reads, (await world.row('a'))?.wakeAt]).toEqual([[], undefined]);
  });

  test('whose key is forgotten', async () => {
    const world = await opened(['a']);
    const row = await world.records.get(keys.issuance('iss-a'));
    const { sealedKey: _gone, ...current } = currentOf();
    if (row) await world.records.put(rows.issuance({ ...row.body, current }, row.rev));
    await world.run();
    expect([world.store.reads, (await world.row('a'))?.wakeAt]).toEqual([[], undefined]);
  });
});
