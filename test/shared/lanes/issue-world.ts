/** One issue lane over real rows, a scripted CA and zone; a process of it that can be killed at any call. */
import type { CertificateSpec } from '../../../shared/contract/certificate.ts';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import type { Authority, ChallengeZone, Clock } from '../../../shared/contract/ports.ts';
import { isTxtRow, keys, type Records, rows } from '../../../shared/contract/records.ts';
import type { Destination, Issuance, TxtEntry } from '../../../shared/contract/rows.ts';
import { type IssueLanePorts, runIssueLane } from '../../../shared/lanes/issue.ts';
import { want } from '../../../shared/stages/assess/want.ts';
import { registeredDomains } from '../../../shared/standards/dns/public-suffix.ts';
import { spec } from '../stages/assess/judged-things.ts';
import { cluster, context, fleet, LETS_ENCRYPT, wish } from '../stages/assess/wishes-of-shop.ts';
import { at, jumpingClock, openRecords, scriptedZone } from '../stages/issue/scripted.ts';
import { type ScriptedCa, scriptedCa } from './scripted-ca.ts';

export const ISSUER = 'fleet/letsencrypt';
export const LANE = `issue:${ISSUER}` as const;
const FAR = '2099-01-01T00:00:00.000Z';

/** Thrown by every port of a process from its death on. */
export class Killed extends Error {}

/** `before`: the call never reached anybody; `after`: it did, and its answer got lost. */
export interface Death {
  /** From 1. */
  readonly call: number;
  /** Only calls of these names are counted; default all. */
  readonly of?: readonly string[];
  readonly when: 'before' | 'after';
}

const USAGES = ['digital signature', 'key encipherment', 'server auth'];

/** One cluster whose policy allows all that is asked for here. */
export const FLEET: Fleet = fleet({
  clusters: [cluster('prod', { namePolicy: [{ namespaces: ['shop'], names: ['**.example.com'] }] })],
  issuers: [LETS_ENCRYPT],
});

/** As an inventory of that fleet writes it. */
function askingFor(name: string, dnsNames: readonly string[], more: Partial<CertificateSpec> = {}) {
  const asked = wish(name, { spec: spec({ secretName: name, dnsNames, usages: USAGES, ...more }) });
  const { wanted, request } = want(asked, context(FLEET));
  if (!wanted.issuance || !request) throw new Error(`${name} is held: ${wanted.held?.message}`);
  return { wanted, request, id: wanted.issuance };
}

const due = { reason: 'DoesNotExist', message: 'there is nothing', since: at(-1) } as const;

export function openIssueWorld(records: Records = openRecords()) {
  const [clock, zone] = [jumpingClock(), scriptedZone()];
  const ca = scriptedCa({ zone, clock });
  const world = { records, clock, zone, ca, rang: [] as string[], told: [] as string[] };
  const ids = new Map<string, string>();
  /** The issuance of what was asked for by that name alone, by whoever did. */
  const idOf = (name: string): string => ids.get(name) ?? askingFor(name, [`${name}.example.com`]).id;
  return {
    ...world,
    /** An issuance that is due, with its member and its place. */
    async asks(
      name: string,
      dnsNames = ['shop.example.com', '*.shop.example.com'],
      { spec: specified, ...more }: Partial<Issuance> & { readonly spec?: Partial<CertificateSpec> } = {},
    ) {
      const { wanted, request, id } = askingFor(name, dnsNames, specified);
      ids.set(name, id);
      const issuance: Issuance = { id, request, members: [wanted.id], keyPolicy: 'ephemeral', due, ...more };
      const destination: Destination = {
        ...{ place: `prod/shop/${name}`, issuance: issuance.id, certificate: wanted.id, adopt: false },
        ownership: { is: 'absent' },
      };
      await records.put(rows.wanted(wanted, 0));
      await records.put(rows.destination(destination, 0));
      const counted = { registeredDomains: registeredDomains(dnsNames), ...issuance };
      await records.put(rows.issuance(counted, 0, at(-1)));
    },
    idOf,
    issuance: async (name: string) => (await records.get(keys.issuance(idOf(name))))?.body,
    place: (name: string) => records.get(keys.destination(`prod/shop/${name}`)),
    ledger: async (): Promise<readonly TxtEntry[]> =>
      (await records.due(LANE, FAR, 1_000)).flatMap((row) => (isTxtRow(row) ? [row.body] : [])),
    ports: () => portsOf(world, 'one'),
    run: (more: Partial<IssueLanePorts> = {}) => runIssueLane(ISSUER, { ...portsOf(world, 'one'), ...more }),
    runUntil: (death: Death, work: Work = (ports) => runIssueLane(ISSUER, ports)) => dying(world, death, work),
  };
}

interface World {
  readonly records: Records;
  readonly clock: Clock;
  readonly zone: ChallengeZone;
  readonly ca: ScriptedCa;
  readonly rang: string[];
  readonly told: string[];
}

const portsOf = ({ records, clock, zone, ca, rang, told }: World, name: string): IssueLanePorts => ({
  ...{ fleet: FLEET, records, clock, zone },
  bell: { ring: async (lane) => void rang.push(lane) },
  journal: { tell: async ({ what }) => void told.push(what) },
  holder: { name, isGone: (holder) => holder !== name },
  seal: async (plain) => `sealed ${plain.length}`,
  authorityOf: async () => ca,
});

/** What the process does. */
type Work = (ports: IssueLanePorts & { readonly authority: Authority }) => Promise<unknown>;

interface Died {
  readonly wasKilled: boolean;
  readonly at: string;
}

/** Every call of the process that another one could notice is counted; from its death on, none reaches anybody. */
async function dying(world: World, { call, of, when }: Death, work: Work): Promise<Died> {
  let calls = 0;
  let where = '';
  const isDead = (): boolean => where !== '';
  const fatal =
    <Given extends readonly unknown[], T>(name: string, does: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      if (isDead()) throw new Killed(name);
      const isCounted = of?.includes(name) ?? true;
      if (isCounted) calls += 1;
      const isNow = isCounted && calls === call;
      if (isNow) where = `${when} ${name}`;
      if (isNow && when === 'before') throw new Killed(name);
      const answer = await does(...given);
      if (isDead()) throw new Killed(name);
      return answer;
    };
  const alive =
    <Given extends readonly unknown[], T>(does: (...given: Given) => T) =>
    (...given: Given): T => {
      if (isDead()) throw new Killed('dead');
      return does(...given);
    };
  const { records, clock, zone, ca } = world;
  const mortal: Records = {
    ...{ get: async (key) => alive(() => records.get(key))(), list: alive((...given) => records.list(...given)) },
    ...{ children: alive((pk) => records.children(pk)), due: async (...given) => alive(() => records.due(...given))() },
    dueSince: async (...given) => alive(() => records.dueSince(...given))(),
    put: fatal('put', (row) => records.put(row)) as Records['put'],
    remove: fatal('remove', (key, rev) => records.remove(key, rev)),
  };
  const ports = portsOf(world, 'dying');
  const authority: Authority = { advance: fatal('advance', (attempt, request) => ca.advance(attempt, request)) };
  const running = work({
    ...ports,
    records: mortal,
    clock: { ...clock, sleep: async (ms, signal) => alive(() => clock.sleep(ms, signal))() },
    zone: {
      change: fatal('change', (...given) => zone.change(...given)),
      inSync: fatal('inSync', (...given) => zone.inSync(...given)),
    },
    seal: fatal('seal', ports.seal),
    ...{ authority, authorityOf: async () => authority },
  });
  await running.catch(() => undefined);
  return { wasKilled: isDead(), at: where };
}
