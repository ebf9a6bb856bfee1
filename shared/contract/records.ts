/** Port 1, Records, and how every row is keyed and indexed. One table; SQLite and DynamoDB hold the same. */
import { createHash } from 'node:crypto';
import { SEVERITIES } from './finding.ts';
import {
  type CertificateId,
  deliverLane,
  type Endpoint,
  type Iso,
  type IssuerId,
  issueLane,
  type Lane,
  type Place,
  PROBE_LANE,
} from './ids.ts';
import type { Probe } from './probe.ts';
import { withUnknown } from './row-fields.ts';
import type {
  Account,
  ChannelState,
  Destination,
  FindingState,
  Happened,
  Installation,
  Issuance,
  IssuerState,
  LaneState,
  Limit,
  OwnedFinding,
  TxtEntry,
  Wanted,
} from './rows.ts';
import type { StatusState, ToldObject } from './status.ts';

/**
 * Counts changes of the rows. A store that is one version ahead is read and written as it is, and what that version added is kept: its
 * rows can be read by us, as ours by it. One that is further ahead is refused. A change that the version before could not live with counts twice.
 */
export const SCHEMA_VERSION = 1;
export const isTooNew = (version: number): boolean => version > SCHEMA_VERSION + 1;

/** A row's address; the type parameter is what its body holds. */
export interface Key<B> {
  readonly pk: string;
  readonly sk: string;
  /** Never present at run time. */
  readonly body?: B;
}

export interface Row<B> {
  readonly pk: string;
  readonly sk: string;
  /** What was read; 0 = must not exist yet. A write stores rev + 1. */
  readonly rev: number;
  readonly body: B;
  /** Index `due`: sparse; absent = nothing to do. */
  readonly lane?: Lane;
  readonly wakeAt?: Iso;
  /** Index `list`: sparse. */
  readonly kind?: string;
  readonly order?: string;
  /** Epoch seconds after which the store may forget the row; readers compare with now as well. */
  readonly forgetAt?: number;
}

/**
 * Rows with compare-and-set on `rev`, and nothing else: no transactions, no conditions on attributes.
 * Three writes: create (rev 0), replace if rev, remove if rev. On `conflict` the caller re-reads and decides again; it never merges.
 * MUST be safe for concurrent use by several processes. A write that returned MUST survive a crash.
 * `get` and `children` read what was last written; `due`, `dueSince` and `list` may lag in a remote store and are followed by a `get`
 * before a write.
 * Throws ProblemError `nolapse:state-*`: retry never when the store is corrupt, full or written by a newer version, later when it is out of reach.
 */
export interface Records {
  get<B>(key: Key<B>): Promise<Row<B> | undefined>;
  put<B>(row: Row<B>): Promise<'written' | 'conflict'>;
  remove(key: Key<unknown>, rev: number): Promise<'removed' | 'conflict'>;
  /** All rows of one pk, by sk. */
  children<B>(pk: string): AsyncIterable<Row<B>>;
  /** Rows of the lane with wakeAt ≤ now, soonest first. */
  due(lane: Lane, now: Iso, limit: number): Promise<Row<unknown>[]>;
  /** Since when the soonest of them is due; undefined = none is. Of the index alone: what it tells may be over, and is never decided by. */
  dueSince(lane: Lane, now: Iso): Promise<Iso | undefined>;
  /** Rows of a kind by `order`, from ≤ order < to. */
  list<B>(kind: string, range?: { readonly from?: string; readonly to?: string }): AsyncIterable<Row<B>>;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const keys = {
  installation: (): Key<Installation> => ({ pk: 'META', sk: 'INSTALLATION' }),
  lane: (lane: Lane): Key<LaneState> => ({ pk: 'LANE', sk: lane }),
  account: (directory: string, eabKeyId = ''): Key<Account> => ({
    pk: `ACCOUNT#${hash(`${directory}|${eabKeyId}`)}`,
    sk: 'STATE',
  }),
  issuer: (source: string, namespace: string | undefined, name: string): Key<IssuerState> => ({
    pk: `SRC#${source}`,
    sk: `ISSUER#${namespace ?? ''}/${name}`,
  }),
  /** `<cluster>/<ns>/<name>` → SRC#<cluster> / CERT#<ns>/<name>; `fleet/<name>` → SRC#fleet / CERT#<name>. */
  wanted: (id: CertificateId): Key<Wanted> => {
    const slash = id.indexOf('/');
    return { pk: `SRC#${id.slice(0, slash)}`, sk: `CERT#${id.slice(slash + 1)}` };
  },
  issuance: (id: string): Key<Issuance> => ({ pk: `ISS#${id}`, sk: 'STATE' }),
  destination: (place: Place): Key<Destination> => ({ pk: `DEST#${place}`, sk: 'STATE' }),
  probe: (certificate: CertificateId, endpoint: Endpoint): Key<Probe> => ({ pk: `PROBE#${certificate}`, sk: endpoint }),
  status: ({ cluster, kind, namespace, name }: ToldObject): Key<StatusState> => ({
    pk: `STATUS#${cluster}`,
    sk: `${kind}/${namespace ?? ''}/${name}`,
  }),
  txt: (e: { readonly zoneId: string; readonly fqdn: string; readonly value: string }): Key<TxtEntry> => ({
    pk: `ZONE#${e.zoneId}`,
    sk: `TXT#${e.fqdn}#${e.value}`,
  }),
  limit: (directoryHost: string, account: string, limit: string): Key<Limit> => ({
    pk: `LIMIT#${directoryHost}#${account}`,
    sk: limit,
  }),
  finding: (subject: string, code: string): Key<FindingState> => ({ pk: `FIND#${subject}`, sk: code }),
  owned: ({ owner, subject, code }: OwnedFinding): Key<OwnedFinding> => ({
    pk: `OWNER#${owner}`,
    sk: `${subject}#${code}`,
  }),
  channel: (name: string): Key<ChannelState> => ({ pk: `CHANNEL#${name}`, sk: 'STATE' }),
  event: (subject: string, at: Iso, n: string): Key<Happened> => ({ pk: `EVT#${subject}`, sk: `${at}#${n}` }),
} as const;

/** Which rows a pk or sk stands for, where one query meets several kinds. */
export const isIssuanceRow = (row: Row<unknown>): row is Row<Issuance> => row.pk.startsWith('ISS#');
export const isStatusRow = (row: Row<unknown>): row is Row<StatusState> => row.pk.startsWith('STATUS#');
export const isTxtRow = (row: Row<unknown>): row is Row<TxtEntry> => row.pk.startsWith('ZONE#');
export const isWantedRow = (row: Row<unknown>): row is Row<Wanted> => row.sk.startsWith('CERT#');
export const isIssuerRow = (row: Row<unknown>): row is Row<IssuerState> => row.sk.startsWith('ISSUER#');

/** The kinds of index `list`. */
export const KIND = {
  lane: 'LANE',
  issuance: 'ISS',
  finding: 'FINDING',
  probe: 'PROBE',
  destinationsOf: (issuance: string): string => `DEST#${issuance}`,
  /** Events that are counted, of one day (`2026-11-24`, UTC), by their instant. */
  countedOn: (day: string): string => `EVT#${day}`,
} as const;

/** What the digest counts. All other events are read for one subject only, and an index of them would cost as much as they do. */
const COUNTED: ReadonlySet<string> = new Set(['issued', 'delivered', 'attempt-failed']);

/** Severity so that the worst sorts first. */
const rank = (severity: FindingState['severity']): string =>
  String(SEVERITIES.length - 1 - SEVERITIES.indexOf(severity));

/** wakeAt only where there is something to do: the pair (lane, wakeAt) is what `due` finds. */
const waking = (lane: Lane, wakeAt: Iso | undefined): { lane?: Lane; wakeAt?: Iso } => (wakeAt ? { lane, wakeAt } : {});

/** Rows with their indexes. `rev` is what was read (0: create); `wakeAt` absent = nothing to do. */
export const rows = {
  /** `wakeAt`: there is something to say of the installation itself. */
  installation: (body: Installation, rev: number, wakeAt?: Iso): Row<Installation> => ({
    ...keys.installation(),
    rev,
    body,
    ...waking('notify', wakeAt),
  }),
  lane: (body: LaneState, rev: number): Row<LaneState> => ({
    ...keys.lane(body.lane),
    rev,
    body,
    kind: KIND.lane,
    order: body.lane,
  }),
  account: (body: Account, rev: number): Row<Account> => ({
    ...keys.account(body.directory, body.eabKeyId),
    rev,
    body,
  }),
  issuer: (body: IssuerState, rev: number): Row<IssuerState> => ({
    ...keys.issuer(body.issuer.source, body.issuer.namespace, body.issuer.name),
    rev,
    body,
  }),
  wanted: (body: Wanted, rev: number): Row<Wanted> => ({ ...keys.wanted(body.id), rev, body }),
  issuance: (body: Issuance, rev: number, wakeAt?: Iso): Row<Issuance> => ({
    ...keys.issuance(body.id),
    rev,
    body,
    kind: KIND.issuance,
    order: body.current?.facts.notAfter ?? '',
    ...waking(issueLane(body.request.issuer), wakeAt),
  }),
  destination: (body: Destination, rev: number, wakeAt?: Iso): Row<Destination> => ({
    ...keys.destination(body.place),
    rev,
    body,
    kind: KIND.destinationsOf(body.issuance),
    order: body.place,
    ...waking(deliverLane(body.place), wakeAt),
  }),
  probe: (body: Probe, rev: number, wakeAt?: Iso): Row<Probe> => ({
    ...keys.probe(body.certificate, body.endpoint),
    rev,
    body,
    kind: KIND.probe,
    order: body.certificate,
    ...waking(PROBE_LANE, wakeAt),
  }),
  /** `wake` with the lane that has to say or to write something. */
  status: (body: StatusState, rev: number, wake?: { readonly lane: Lane; readonly at: Iso }): Row<StatusState> => ({
    ...keys.status(body.object),
    rev,
    body,
    ...(wake ? waking(wake.lane, wake.at) : {}),
  }),
  txt: (body: TxtEntry, rev: number, issuer: IssuerId): Row<TxtEntry> => ({
    ...keys.txt(body),
    rev,
    body,
    ...waking(issueLane(issuer), body.removeAt),
  }),
  limit: (key: Key<Limit>, body: Limit, rev: number): Row<Limit> => ({ pk: key.pk, sk: key.sk, rev, body }),
  finding: (body: FindingState, rev: number, wakeAt?: Iso): Row<FindingState> => ({
    ...keys.finding(body.subject, body.code),
    rev,
    body,
    ...(body.resolvedAt && !wakeAt ? {} : { kind: KIND.finding, order: `${rank(body.severity)}#${body.since}` }),
    ...waking('notify', wakeAt),
  }),
  owned: (body: OwnedFinding, rev: number): Row<OwnedFinding> => ({ ...keys.owned(body), rev, body }),
  channel: (body: ChannelState, rev: number): Row<ChannelState> => ({ ...keys.channel(body.channel), rev, body }),
  event: (body: Happened, n: string): Row<Happened> => ({
    ...keys.event(body.subject, body.at, n),
    rev: 0,
    body,
    ...(COUNTED.has(body.what) ? { kind: KIND.countedOn(body.at.slice(0, 10)), order: body.at } : {}),
    forgetAt: Math.floor(Date.parse(body.at) / 1000) + 400 * 86_400,
  }),
} as const;

/**
 * Reads a row, decides, writes; on conflict reads and decides again. `decide` returns the row to store (its rev as read), or undefined
 * to leave things as they are. Resolves to what is stored then. `decide` may throw; nothing was written in that case.
 * A body may be built anew: what a newer version has put into the old one stays.
 * `known` is what the caller has read or written last, and is decided on first: the write tells whether it still is so.
 */
export async function decided<B>(
  records: Records,
  key: Key<B>,
  decide: (row: Row<B> | undefined) => Row<B> | undefined,
  known?: Row<B>,
): Promise<Row<B> | undefined> {
  for (let row = known ?? (await records.get(key)); ; row = await records.get(key)) {
    const decision = decide(row);
    if (!decision) return row;
    const next = withUnknown(decision, row);
    if ((await records.put(next)) === 'written') return { ...next, rev: next.rev + 1 };
  }
}
