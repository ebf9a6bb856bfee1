/** The lane of endpoints over real rows: when it looks, what it says and takes back, and that nothing of it is lost or stays due. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Facts } from '../../../shared/contract/certificate.ts';
import { PROBE_LANE } from '../../../shared/contract/ids.ts';
import type { Handshakes, Shaken } from '../../../shared/contract/ports.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { keys, type Records, rows } from '../../../shared/contract/records.ts';
import type { Happened, Issued, Wanted } from '../../../shared/contract/rows.ts';
import { type DeliverLanePorts, runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { closeLeaving, installationOf } from '../../../shared/lanes/installation.ts';
import { closeWanted, storeWanted } from '../../../shared/lanes/source-rows.ts';
import { wake } from '../../../shared/lanes/wake.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { type MadeChain, makeChain } from '../../fixtures/x509.ts';
import * as things from '../stages/assess/judged-things.ts';
import { brief, DAY, place } from '../stages/assess/judged-things.ts';
import { at, HOUR, jumpingClock, MINUTE, openRecords, problem, START } from '../stages/issue/scripted.ts';
import { memoryDestination } from './memory-destination.ts';

const ENDPOINT = 'shop.example.com:443';
const OLD = things.facts(20 * DAY, { serial: '01d0', sha256: '01'.repeat(32) });
let made: MadeChain;
let next: MadeChain;
beforeAll(async () => {
  [made, next] = await Promise.all([
    makeChain({ dnsNames: ['shop.example.com'] }),
    makeChain({ now: new Date(at(DAY)) }),
  ]);
});

/** What servers at two addresses show, and how often they were asked. */
function outside(...serves: readonly (Facts | string)[]) {
  const shows = new Map<string, Facts | string>(serves.map((one, i) => [`10.0.0.${i + 1}`, one]));
  const asked: string[] = [];
  let trouble: ProblemError | undefined;
  const shaken = (one: Facts | string | undefined): Shaken => {
    if (typeof one === 'object') return { is: 'shown', chain: [one, factsOf(made.intermediate.x509)] };
    return one === undefined || one === 'unseen'
      ? { is: 'unseen', why: 'it does not answer' }
      : { is: 'nothing', why: one };
  };
  const handshakes: Handshakes = {
    addressesOf: async (host) => {
      asked.push(host);
      if (trouble) throw trouble;
      return [...shows.keys()];
    },
    shake: async ({ address }) => shaken(shows.get(address)),
  };
  const fail = (error?: ProblemError): void => {
    trouble = error;
  };
  return { handshakes, shows, asked, fail };
}

const currentOf = ({ leaf, chainPem }: MadeChain): Issued => ({
  ...{ facts: factsOf(leaf.x509), chainPem, issuedAt: at(0), origin: 'issued' },
  ...{ sealedKey: leaf.keyPem, attempt: 'attempt-1' },
});

const wantedOf = (more: Partial<Wanted> = {}): Wanted =>
  things.wanted('a', {
    ...{ id: 'fleet/a', source: 'fleet', origin: 'FleetCertificate', endpoints: [ENDPOINT], seenAt: at(0) },
    places: [{ place: place('a'), adopt: false }],
    ...more,
  });

const issuance = (current: Issued) =>
  things.issuance('a', undefined, { keyPolicy: 'keep', members: ['fleet/a'], current });

/** `fleet/a`, to be delivered to one place. */
async function opened(out: ReturnType<typeof outside>) {
  const [records, clock, store] = [openRecords(), jumpingClock(), memoryDestination()];
  const told: Omit<Happened, 'at'>[] = [];
  await installationOf(records, { fleet: 'acme', now: START });
  await records.put(rows.issuance(issuance(currentOf(made)), 0));
  await storeWanted(records, wantedOf());
  const body = things.destination('a', undefined, { issuance: 'iss-a', certificate: 'fleet/a' });
  await records.put(rows.destination(body, 0, at(-1)));
  const ports: DeliverLanePorts = {
    fleet: {
      ...{ name: 'acme', clusters: [], zones: [], dns: { resolvers: [], port: 53 }, reach: [], notifications: {} },
      ...{ issuers: [], certificates: [] },
    },
    ...{ records, clock, bell: { ring: async () => undefined }, holder: { name: 'one', isGone: () => false } },
    journal: { tell: async (event) => void told.push(event) },
    unseal: async (sealed) => Buffer.from(sealed),
    ...{ destinationsOf: async () => store, handshakes: out.handshakes },
  };
  const run = (more: Partial<DeliverLanePorts> = {}) => runDeliverLane('endpoints', { ...ports, ...more });
  return {
    ...{ records, clock, ports, told, run, asked: out.asked },
    deliver: (more: Partial<DeliverLanePorts> = {}) => runDeliverLane('prod', { ...ports, ...more }),
    row: () => records.get(keys.probe('fleet/a', ENDPOINT)),
    /** At that instant after START. */
    runAt: async (ms: number) => {
      clock.later(ms - clock.elapsed());
      await run();
    },
    findings: () => openFindings(records),
    said: async () => brief(await openFindings(records)),
    /** The next certificate, and its delivery due. */
    renewed: async () => {
      const stored = await records.get(keys.issuance('iss-a'));
      await records.put(rows.issuance(issuance(currentOf(next)), stored?.rev ?? 0));
      const dest = await records.get(keys.destination(place('a')));
      if (dest) await records.put(rows.destination(dest.body, dest.rev, clock.now().toISOString()));
    },
  };
}

const isDue = async (records: Records, now: Date): Promise<boolean> =>
  (await records.dueSince(PROBE_LANE, now.toISOString())) !== undefined;

test('one of two addresses that goes on with the old one is told at 30 minutes, and taken back when it follows', async () => {
  const out = outside(OLD, OLD);
  const world = await opened(out);
  await world.deliver();
  const ours = factsOf(made.leaf.x509);
  const looks: string[] = [];
  for (const minutes of [1, 3, 10]) {
    if (minutes === 3) out.shows.set('10.0.0.1', ours);
    await world.runAt(minutes * MINUTE);
    looks.push(`${minutes}: ${world.asked.length} ${(await world.said()).join()}`);
  }
  expect(looks).toEqual(['1: 1 ', '3: 2 ', '10: 3 ']);
  await world.runAt(30 * MINUTE);
  expect(world.asked).toHaveLength(4);
  expect(await world.findings()).toEqual([
    {
      code: 'not-served',
      severity: 'warning',
      object: { kind: 'Endpoint', name: ENDPOINT },
      names: ['shop.example.com'],
      message: `1 of 2 addresses of ${ENDPOINT} still serves serial 01d0, until 2026-12-14 09:00 UTC; serial ${ours.serial} was delivered 30 minutes ago.`,
      evidence: {
        ...{ certificate: 'fleet/a', serial: ours.serial, notAfter: ours.notAfter, delivered: at(0) },
        probed: at(30 * MINUTE),
        '10.0.0.1': expect.stringContaining(`serial ${ours.serial} until`),
        '10.0.0.2': expect.stringContaining('serial 01d0 until 2026-12-14 09:00 UTC, of CN=R10'),
        places: place('a'),
      },
      since: at(30 * MINUTE),
      fix: expect.stringMatching(/^Reload or restart what answers at 10\.0\.0\.2: /),
    },
  ]);
  out.shows.set('10.0.0.2', ours);
  await world.runAt(45 * MINUTE);
  expect(world.asked).toHaveLength(4);
  await world.runAt(HOUR);
  expect(await world.findings()).toEqual([]);
  expect(
    world.told.filter(({ stage }) => stage === 'verify').map(({ what, detail }) => [what, detail.addresses]),
  ).toEqual([
    ['not-served', '1 of 2'],
    ['served', '2'],
  ]);
  expect(world.told.at(-1)?.detail).toEqual({
    endpoint: ENDPOINT,
    serial: ours.serial,
    addresses: '2',
    after: '60 minutes',
  });
  expect((await world.row())?.wakeAt).toBe(at(DAY));
});

test('it is looked at daily from then on, and one that was put back is told at once', async () => {
  const ours = factsOf(made.leaf.x509);
  const out = outside(ours, ours);
  const world = await opened(out);
  await world.deliver();
  for (const ms of [MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, DAY, 2 * DAY]) await world.runAt(ms);
  expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([6, at(3 * DAY)]);
  out.shows.set('10.0.0.1', things.facts(3 * DAY, { serial: '01d1' }));
  await world.runAt(3 * DAY - HOUR);
  expect(world.asked).toHaveLength(6);
  await world.runAt(3 * DAY);
  expect(await world.said()).toEqual(['not-served critical Endpoint/shop.example.com:443']);
  expect(world.told.map(({ what }) => what)).toEqual(['delivered', 'served', 'not-served']);
});

describe('what is served', () => {
  const cases: readonly (readonly [string, Facts | string, string, RegExp, RegExp])[] = [
    ['lives long', OLD, 'warning', /^1 of 1 address of .* still serves serial 01d0/, /^Reload/],
    ['is near its end', things.facts(15 * DAY), 'high', /still serves/, /^Reload/],
    ['is at its end', things.facts(5 * DAY), 'critical', /still serves/, /^Reload/],
    ['has expired', things.facts(-DAY), 'critical', /still serves/, /^Reload/],
    [
      'began later than ours',
      things.facts(89 * DAY, { serial: 'beef' }),
      'warning',
      /serial beef, .* newer than ours and not ours/,
      /^Find who else/,
    ],
    [
      'is for another name',
      things.facts(60 * DAY, { dnsNames: ['x.test'] }),
      'warning',
      /\(it is for x\.test\)/,
      /^Reload/,
    ],
    [
      'is nothing',
      'it refused the connection',
      'warning',
      /shows no certificate: it refused the connection/,
      /^See why/,
    ],
  ];
  test.each(cases)('%s', async (_, shown, severity, message, fix) => {
    const world = await opened(outside(shown));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    const [finding] = await world.findings();
    expect([finding?.code, finding?.severity]).toEqual(['not-served', severity]);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(fix);
  });

  test('lacks the certificates of its issuers', async () => {
    const ours = factsOf(made.leaf.x509);
    const out = outside(ours);
    const shake: Handshakes['shake'] = async () => ({ is: 'shown', chain: [ours] });
    const world = await opened({ ...out, handshakes: { ...out.handshakes, shake } });
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual(['chain-incomplete high Endpoint/shop.example.com:443']);
    expect((await world.findings())[0]?.message).toMatch(/sent without Test Intermediate/);
  });

  test('cannot be by anybody: a name without any address is told', async () => {
    const world = await opened(outside());
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect((await world.findings()).map(({ message }) => message)).toEqual([
      'shop.example.com:443 cannot be reached by anybody: its name has no address.',
    ]);
  });
});

describe('what is not seen from here', () => {
  test('says nothing beside what is: an address without a way to it is none', async () => {
    const world = await opened(outside(factsOf(made.leaf.x509), 'unseen'));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual([]);
    expect((await world.row())?.body).toMatchObject({ servedAt: at(30 * MINUTE) });
  });

  test.each(['an address', 'a name'])('is told once for all, and taken back: %s', async (what) => {
    const out = outside('unseen', 'unseen');
    if (what === 'a name') out.fail(new ProblemError(problem('nolapse:unresolved')));
    const world = await opened(out);
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual(['source-down info Lane/deliver:endpoints']);
    expect((await world.findings())[0]?.message).toBe(
      '1 of 1 endpoints is not seen from here, so what they serve is not known: shop.example.com:443.',
    );
    out.fail();
    for (const address of out.shows.keys()) out.shows.set(address, factsOf(made.leaf.x509));
    await world.runAt(DAY);
    expect(await world.said()).toEqual([]);
  });
});

describe('rows', () => {
  test('nothing is due before something is delivered, and what is due is never left so', async () => {
    const world = await opened(outside(OLD));
    await world.run();
    expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([0, undefined]);
    await world.deliver();
    expect([await isDue(world.records, world.clock.now()), (await world.row())?.wakeAt]).toEqual([false, at(MINUTE)]);
    world.clock.later(MINUTE);
    const rung: string[] = [];
    await wake({ ...world.ports, bell: { ring: async (lane) => void rung.push(lane) } });
    expect(rung).toContain(PROBE_LANE);
    await world.run();
    expect(await isDue(world.records, world.clock.now())).toBe(false);
  });

  test('a kill between the delivery and its row loses no look', async () => {
    const world = await opened(outside(OLD));
    const put: Records['put'] = async (row) => {
      if (row.pk.startsWith('DEST#')) throw new Error('killed');
      return world.records.put(row);
    };
    await expect(world.deliver({ records: { ...world.records, put } })).rejects.toThrow('killed');
    expect((await world.row())?.wakeAt).toBe(at(MINUTE));
    world.clock.later(MINUTE / 2);
    await world.deliver();
    expect((await world.row())?.wakeAt).toBe(at(MINUTE));
  });

  test('the next delivery begins anew, and ends nothing that was told before its own time', async () => {
    const ours = factsOf(made.leaf.x509);
    const out = outside(ours, OLD);
    const world = await opened(out);
    await world.deliver();
    await world.runAt(30 * MINUTE);
    world.clock.later(HOUR);
    await world.renewed();
    await world.deliver();
    const delivered = world.clock.elapsed();
    await world.runAt(delivered + MINUTE);
    expect((await world.findings()).map(({ message }) => message)).toEqual([
      expect.stringContaining('serves serial 01d0'),
    ]);
    await world.runAt(delivered + 30 * MINUTE);
    const [finding] = await world.findings();
    expect(finding?.message).toMatch(
      /^1 of 2 addresses .* still serves serial .*; 1 of 2 addresses .* still serves serial/,
    );
    expect(finding?.evidence.serial).toBe(factsOf(next.leaf.x509).serial);
  });

  test('what is in its places already is looked for at once', async () => {
    const world = await opened(outside(OLD));
    const have = { facts: factsOf(made.leaf.x509), keyMatches: true, version: '1', annotations: {} };
    const row = await world.records.get(keys.destination(place('a')));
    if (row) await world.records.put(rows.destination({ ...row.body, ownership: { is: 'ours' }, have }, row.rev));
    await world.run();
    expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([1, at(MINUTE)]);
  });

  test('an endpoint that is no longer named is gone, with what was said of it', async () => {
    const world = await opened(outside(OLD));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toHaveLength(1);
    const { endpoints: _none, ...rest } = wantedOf();
    await storeWanted(world.records, rest);
    expect([await world.row(), await world.said()]).toEqual([undefined, []]);
  });

  test('so is one of a certificate that nobody asks for any more', async () => {
    const world = await opened(outside(OLD));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    await closeWanted(world.records, 'fleet/a', at(HOUR));
    expect([await world.row(), await world.said()]).toEqual([undefined, []]);
  });

  test('after the fleet was left nobody looks; when it is taken up again it goes on', async () => {
    const world = await opened(outside(OLD));
    await world.deliver();
    await closeLeaving(world.records, 'ada', at(0));
    await world.runAt(MINUTE);
    expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([0, undefined]);
    await storeWanted(world.records, wantedOf({ seenAt: at(HOUR) }));
    expect((await world.row())?.wakeAt).toBe(at(HOUR));
  });

  test('a row that was lost is made again by the next look at what is asked for', async () => {
    const world = await opened(outside(OLD));
    await world.deliver();
    const row = await world.row();
    if (row) await world.records.remove(row, row.rev);
    await storeWanted(world.records, wantedOf());
    await world.run();
    expect([world.asked.length, (await world.row())?.body.awaited?.since]).toEqual([1, at(0)]);
  });
});
