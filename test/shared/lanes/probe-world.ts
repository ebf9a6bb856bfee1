/** `fleet/a` with one endpoint and one place, over real rows: servers that show what a test says, and a clock that it moves. */
import { beforeAll } from 'vitest';
import type { Facts } from '../../../shared/contract/certificate.ts';
import type { Blobs, Handshakes, Shaken } from '../../../shared/contract/ports.ts';
import type { ProblemError } from '../../../shared/contract/problem.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Happened, Issued, Wanted } from '../../../shared/contract/rows.ts';
import { type DeliverLanePorts, runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { installationOf } from '../../../shared/lanes/installation.ts';
import { storeWanted } from '../../../shared/lanes/source-rows.ts';
import { viewsOf } from '../../../shared/lanes/sources.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { type MadeChain, makeChain } from '../../fixtures/x509.ts';
import * as things from '../stages/assess/judged-things.ts';
import { brief, DAY, place } from '../stages/assess/judged-things.ts';
import { at, jumpingClock, openRecords, START } from '../stages/issue/scripted.ts';
import { memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

export const ENDPOINT = 'shop.example.com:443';
export const OLD = things.facts(20 * DAY, { serial: '01d0', sha256: '01'.repeat(32) });
export let made: MadeChain;
export let next: MadeChain;
beforeAll(async () => {
  [made, next] = await Promise.all([
    makeChain({ dnsNames: ['shop.example.com'] }),
    makeChain({ now: new Date(at(DAY)) }),
  ]);
});

/** What servers at two addresses show, and how often they were asked. */
export function outside(...serves: readonly (Facts | string)[]) {
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

export const wantedOf = (more: Partial<Wanted> = {}): Wanted =>
  things.wanted('a', {
    ...{ id: 'fleet/a', source: 'fleet', origin: 'FleetCertificate', endpoints: [ENDPOINT], seenAt: at(0) },
    places: [{ place: place('a'), adopt: false }],
    ...more,
  });

const issuance = (current: Issued) =>
  things.issuance('a', undefined, { keyPolicy: 'keep', members: ['fleet/a'], current });

const NO_BLOBS: Blobs = { read: async () => undefined, write: async () => undefined };

/** `fleet/a`, to be delivered to one place. */
export async function opened(out: ReturnType<typeof outside>) {
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
    statusesOf: async () => memoryStatuses(clock.now),
  };
  const run = (more: Partial<DeliverLanePorts> = {}) => runDeliverLane('endpoints', { ...ports, ...more });
  return {
    ...{ records, clock, ports, told, run, store, asked: out.asked },
    deliver: (more: Partial<DeliverLanePorts> = {}) => runDeliverLane('prod', { ...ports, ...more }),
    row: () => records.get(keys.probe('fleet/a', ENDPOINT)),
    /** At that instant after START. */
    runAt: async (ms: number) => {
      clock.later(ms - clock.elapsed());
      await run();
    },
    findings: () => openFindings(records),
    /** As the line of the certificate has it. */
    view: async () => (await viewsOf(['fleet'], { ...ports, blobs: NO_BLOBS }))[0]?.endpoints,
    said: async () => brief(await openFindings(records)),
    /** The next certificate. */
    renewed: async () => {
      const stored = await records.get(keys.issuance('iss-a'));
      await records.put(rows.issuance(issuance(currentOf(next)), stored?.rev ?? 0));
    },
    /** Its delivery is due again. */
    asks: async () => {
      const dest = await records.get(keys.destination(place('a')));
      if (dest) await records.put(rows.destination(dest.body, dest.rev, clock.now().toISOString()));
    },
  };
}
