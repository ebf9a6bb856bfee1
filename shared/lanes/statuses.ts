/** Rows of what objects of clusters are told of themselves: made by the inventory that sees them, made due by whoever changes what is so. */
import { type Cluster, type Fleet, type Issuer, managedNamespaces } from '../contract/fleet.ts';
import {
  deliverLane,
  FLEET_SOURCE,
  type IssuerId,
  issueLane,
  kubernetesPlace,
  type Lane,
  type Place,
} from '../contract/ids.ts';
import type { Observation } from '../contract/observation.ts';
import type { Bell, Clock, ClusterReader } from '../contract/ports.ts';
import type { Problem } from '../contract/problem.ts';
import { decided, keys, type Records, type Row, rows } from '../contract/records.ts';
import { certificateIdOf, type StatusState, type StatusWish, type ToldObject } from '../contract/status.ts';
import { statusNotWritten } from '../stages/assess/judge-source.ts';
import { acmeIssuerWish, certificateWish, isWorthTelling, localIssuerWish } from '../stages/assess/status-of.ts';
import type { Asking } from '../stages/assess/want.ts';
import type { Look } from '../stages/inventory/look.ts';
import { readPlaces } from '../stages/inventory/other-secrets.ts';
import type { StatusSeen } from '../stages/inventory/said.ts';
import { saysAlready } from '../standards/certmanager/status.ts';
import { settle } from './findings.ts';
import { ensureLane } from './lease.ts';
import type { IssuanceSeen } from './members.ts';
import { isSame } from './same.ts';
import { sideBySide } from './side-by-side.ts';

interface Ports {
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent = whoever changes something works in the lane itself, and looks again. */
  readonly bell?: Bell;
}

export const statusLane = ({ cluster }: ToldObject): Lane => deliverLane(`${cluster}/`);

/** Due in the lane of its cluster, at once or when it may be written again. What is due already stays so. */
export async function wake(object: ToldObject, { records, clock, bell }: Ports): Promise<void> {
  const lane = statusLane(object);
  const now = clock.now().toISOString();
  await ensureLane(records, lane);
  const row = await decided(records, keys.status(object), (stored) => {
    if (!stored || (stored.lane === lane && stored.wakeAt !== undefined)) return undefined;
    const { waitsUntil = now } = stored.body;
    return rows.status(stored.body, stored.rev, { lane, at: waitsUntil > now ? waitsUntil : now });
  });
  if (row?.wakeAt && row.wakeAt <= now) await bell?.ring(lane);
}

/** What a Certificate shall say as its rows are; undefined = nothing of ours. Of one that nobody has told anything, trouble or a Secret is worth it. */
export function certificateWishIn(
  { object, generation, told }: StatusState,
  seen: IssuanceSeen | undefined,
  now: Date,
): StatusWish | undefined {
  const wanted = seen?.wanted.find(({ id, origin }) => id === certificateIdOf(object) && origin === 'Certificate');
  if (!seen || !wanted) return undefined;
  const destination = seen.destinations.find(
    ({ place, certificate }) => certificate === wanted.id && wanted.places.some((wish) => wish.place === place),
  );
  const of = { wanted, issuance: seen.issuance, destination, generation, now };
  return told || isWorthTelling(of) ? certificateWish(of) : undefined;
}

/** After the rows of an issuance were judged: Certificates that say something else than what is so are due. */
export async function wakeStatuses(seen: IssuanceSeen | undefined, ports: Ports): Promise<void> {
  for (const { origin, source, namespace, name } of seen?.wanted ?? []) {
    if (origin !== 'Certificate' || namespace === undefined) continue;
    const object = { cluster: source, kind: origin, namespace, name } as const;
    const row = await ports.records.get(keys.status(object));
    const wish = row && certificateWishIn(row.body, seen, ports.clock.now());
    if (wish && !isSame(wish, row.body.told)) await wake(object, ports);
  }
}

/** What cannot be told is one finding of the cluster, as whatever keeps one from being written keeps all. */
export async function settleFailed(
  cluster: string,
  all: readonly StatusState[],
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
): Promise<void> {
  const findings = statusNotWritten(cluster, all);
  await settle(records, { owner: `STATUS#${cluster}`, now: clock.now(), findings });
}

export interface StatusPass {
  readonly cluster: Cluster;
  readonly ports: Required<Ports> & { readonly fleet: Fleet };
  readonly seen: Look;
  /** Of this cluster, as they were stored. */
  readonly own: readonly Asking[];
  readonly observations: ReadonlyMap<Place, Observation>;
  readonly reader: ClusterReader;
}

/** Whether an object is ours to speak of. A ClusterIssuer serves all namespaces: where the cluster is ours, it is. */
export function isOfUs({ kind, namespace = '' }: Pick<ToldObject, 'kind' | 'namespace'>, cluster: Cluster): boolean {
  const managed = managedNamespaces(cluster);
  if (kind === 'ClusterIssuer') return cluster.mode === 'manage' && managed.length > 0;
  return managed.includes('*') || managed.includes(namespace);
}

interface Told extends Pick<StatusState, 'issuance' | 'wish'> {
  readonly seen: StatusSeen;
  /** The lane that knows what it shall say. */
  readonly asks?: Lane;
}

/** Certificates of the cluster itself that are renewed by us; the file's word may be about another one of the name. */
function certificatesOf({ seen, own, ports: { fleet } }: StatusPass): readonly Told[] {
  const inFile = new Set(fleet.certificates.map(({ id }) => id));
  const asked = new Set(seen.asked.flatMap(({ origin, id }) => (origin === 'Certificate' ? [id] : [])));
  const renewed = new Map(
    own.flatMap(({ wanted: { id, issuance } }) =>
      issuance !== undefined && asked.has(id) && !inFile.has(id) ? [[id, issuance] as const] : [],
    ),
  );
  return seen.statuses.flatMap((one) => {
    const issuance = one.object.kind === 'Certificate' ? renewed.get(certificateIdOf(one.object)) : undefined;
    return issuance === undefined ? [] : [{ seen: one, issuance }];
  });
}

/** The Secret of a private CA may be of any type, and is then in no list. */
async function secretOf(
  { spec, namespace }: Issuer,
  { cluster, observations, reader }: StatusPass,
): Promise<Observation | undefined> {
  if (spec.type !== 'ca') return undefined;
  const place = kubernetesPlace(cluster.name, namespace ?? cluster.clusterResourceNamespace, spec.secretName);
  return observations.get(place) ?? (await readPlaces(reader, [place]))[0];
}

async function issuersOf(pass: StatusPass): Promise<readonly Told[]> {
  const { seen, cluster } = pass;
  const ours = seen.issuers.filter((issuer) => isOfUs(issuer, cluster));
  const statuses = new Map(seen.statuses.map((one) => [keys.status(one.object).sk, one]));
  const told = await sideBySide(ours, async (issuer): Promise<readonly Told[]> => {
    const { spec } = issuer;
    const one = statuses.get(keys.status({ ...issuer, cluster: cluster.name }).sk);
    // what the Secret of a CA holds is unknown where Secrets may not be read
    if (!one || (spec.type === 'ca' && !seen.secretsRead)) return [];
    if (spec.type === 'acme') return [{ seen: one, asks: issueLane(issuer.id) }];
    const wish = localIssuerWish(issuer, await secretOf(issuer, pass), one.generation);
    return [{ seen: one, ...(wish ? { wish } : {}) }];
  });
  return told.flat();
}

/**
 * As it was seen now; what it said and says no more is forgotten, so that it is due again. Whose it is, is looked at anew: a cert-manager may
 * be gone, and so may the object that it kept.
 */
function stateOf({ seen, issuance, wish, asks }: Told, before: StatusState | undefined): StatusState {
  const { told, wish: known, waitsUntil, ...rest } = before ?? {};
  const isAsked = asks !== undefined && before?.generation === seen.generation;
  const next = wish ?? (isAsked ? known : undefined);
  return {
    ...rest,
    ...{ object: seen.object, generation: seen.generation },
    ...(issuance === undefined ? {} : { issuance }),
    ...(next ? { wish: next } : {}),
    ...(told && saysAlready(seen, told) ? { told } : {}),
    ...(waitsUntil !== undefined && before?.failure ? { waitsUntil } : {}),
  };
}

async function store(told: Told, known: Row<StatusState> | undefined, ports: Required<Ports>): Promise<void> {
  const { records, clock, bell } = ports;
  const { object } = told.seen;
  const { asks } = told;
  if (asks) await ensureLane(records, asks);
  const at = clock.now().toISOString();
  const next = (row: Row<StatusState> | undefined): Row<StatusState> | undefined => {
    const body = stateOf(told, row?.body);
    if (row && isSame(body, row.body)) return undefined;
    // only who has the account knows what an ACME issuer shall say
    const isUnknown = asks !== undefined && body.wish === undefined;
    const isWaiting = row?.wakeAt !== undefined && (row.wakeAt <= at || body.waitsUntil !== undefined);
    const stays = isWaiting && row.lane && row.wakeAt ? { lane: row.lane, at: row.wakeAt } : undefined;
    return rows.status(body, row?.rev ?? 0, isUnknown ? { lane: asks, at } : stays);
  };
  const row = await decided(records, keys.status(object), next, known);
  if (asks && row?.lane === asks) await bell.ring(asks);
  else if (row?.body.wish && !isSame(row.body.wish, row.body.told)) await wake(object, ports);
}

/** Rows for all that is ours to speak of in a cluster; those of what is gone, or not ours any more, are forgotten. */
export async function storeStatuses(pass: StatusPass): Promise<void> {
  const { cluster, ports, seen } = pass;
  const before = new Map<string, Row<StatusState>>();
  for await (const row of ports.records.children<StatusState>(`STATUS#${cluster.name}`)) before.set(row.sk, row);
  const all = [...certificatesOf(pass), ...(await issuersOf(pass))];
  const still = new Set(all.map((one) => keys.status(one.seen.object).sk));
  await sideBySide(all, (one) => store(one, before.get(keys.status(one.seen.object).sk), ports));
  const gone = seen.whole ? [...before.values()].filter(({ sk }) => !still.has(sk)) : [];
  await sideBySide(gone, (row) => ports.records.remove(row, row.rev));
  // what failed for an object that is gone is over, and nobody writes there any more who would say so
  const left = [...before.values()].filter((row) => !gone.includes(row)).map(({ body }) => body);
  await settleFailed(cluster.name, left, ports);
}

/** The object that an issuer of a cluster is; undefined = it is the fleet file's. */
export function issuerObject(id: IssuerId): ToldObject | undefined {
  const [cluster = '', ...rest] = id.split('/');
  const [first = '', second] = rest;
  if (cluster === FLEET_SOURCE) return undefined;
  if (second === undefined) return { cluster, kind: 'ClusterIssuer', name: first };
  return { cluster, kind: 'Issuer', namespace: first, name: second };
}

async function acmeWish(
  { cluster, namespace, name }: ToldObject,
  problem: Problem | undefined,
  { records }: Ports,
): Promise<(generation: number) => StatusWish | undefined> {
  const spec = (await records.get(keys.issuer(cluster, namespace, name)))?.body.issuer.spec;
  if (spec?.type !== 'acme') return () => undefined;
  const account = (await records.get(keys.account(spec.server, spec.externalAccountBinding?.keyId)))?.body;
  return (generation) => acmeIssuerWish({ account, problem }, generation);
}

/** An ACME issuer of a cluster, as its lane knows its account now. `problem`: why there is none, where somebody has asked for one. */
export async function tellAcmeIssuer(
  object: ToldObject,
  problem: Problem | undefined,
  ports: Required<Ports>,
): Promise<void> {
  const { records } = ports;
  const known = await records.get(keys.status(object));
  if (!known) return;
  const wishFor = await acmeWish(object, problem, ports);
  const next = (row: Row<StatusState> | undefined): Row<StatusState> | undefined => {
    if (!row) return undefined;
    const wish = wishFor(row.body.generation) ?? row.body.wish;
    const isAsked = row.lane !== undefined && row.lane !== statusLane(object);
    if (isSame(wish, row.body.wish) && !isAsked) return undefined;
    return rows.status({ ...row.body, ...(wish ? { wish } : {}) }, row.rev);
  };
  const row = await decided(records, keys.status(object), next, known);
  if (row?.body.wish && !isSame(row.body.wish, row.body.told)) await wake(object, ports);
}
