/** The fields of each kind of row, so that what a newer version has added is known as such, and kept by whoever builds a body anew. */
import type { Probe } from './probe.ts';
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
import type { StatusState } from './status.ts';

const fields = <B>(of: Readonly<Record<keyof B, true>>): ReadonlySet<string> => new Set(Object.keys(of));

/** By the first word of the row's pk, of a source's rows by that of its sk. */
const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  META: fields<Installation>({ id: true, fleet: true, createdAt: true, firstRenewalToldAt: true, leaving: true }),
  LANE: fields<LaneState>({
    ...{ lane: true, holder: true, leasedUntil: true, lastOkAt: true, lastTryAt: true, failures: true },
    ...{ problem: true, pause: true, clusterUid: true },
  }),
  ACCOUNT: fields<Account>({
    ...{ directory: true, url: true, sealedKey: true, contact: true, eabKeyId: true, termsAgreedAt: true },
  }),
  ISSUER: fields<IssuerState>({ issuer: true, seenAt: true }),
  CERT: fields<Wanted>({
    ...{ id: true, source: true, origin: true, namespace: true, name: true, labels: true, spec: true },
    ...{ issuance: true, issuer: true, held: true, places: true, endpoints: true, seenAt: true, goneAt: true },
  }),
  ISS: fields<Issuance>({
    ...{ id: true, request: true, members: true, keyPolicy: true, current: true, attempt: true, forced: true },
    ...{ renewAt: true, due: true, failure: true, registeredDomains: true },
  }),
  DEST: fields<Destination>({
    ...{ place: true, issuance: true, certificate: true, adopt: true, ownership: true, have: true },
    ...{ observedAt: true, deliveredAt: true, failure: true },
  }),
  PROBE: fields<Probe>({
    ...{ certificate: true, endpoint: true, issuance: true, awaited: true, seen: true, servedAt: true },
  }),
  STATUS: fields<StatusState>({
    ...{ object: true, generation: true, issuance: true, wish: true, told: true, waitsUntil: true, failure: true },
  }),
  ZONE: fields<TxtEntry>({
    ...{ zoneId: true, fqdn: true, value: true, holders: true, state: true, changeId: true, removeAt: true },
  }),
  LIMIT: fields<Limit>({ tat: true, blockedUntil: true, saidBy: true }),
  FIND: fields<FindingState>({
    ...{ subject: true, code: true, owner: true, severity: true, object: true, names: true, message: true },
    ...{ evidence: true, fix: true, rootCause: true, serial: true, since: true, resolvedAt: true, snoozedUntil: true },
    said: true,
  }),
  OWNER: fields<OwnedFinding>({ owner: true, subject: true, code: true }),
  CHANNEL: fields<ChannelState>({
    ...{ channel: true, failures: true, problem: true, since: true, retryAt: true, toldOn: true, digestFor: true },
  }),
  EVT: fields<Happened>({ subject: true, what: true, stage: true, at: true, detail: true }),
};

interface Kept {
  readonly pk: string;
  readonly sk: string;
  readonly body: unknown;
}

const wordOf = ({ pk, sk }: Kept): string => (pk.startsWith('SRC#') ? sk : pk).split('#', 1)[0] ?? '';

/** The row to write, with what its predecessor holds that this version does not know. */
export function withUnknown<R extends Kept>(next: R, before: Kept | undefined): R {
  const known = FIELDS[wordOf(next)];
  if (!before || !known) return next;
  const unknown = Object.entries(before.body as object).filter(([name]) => !known.has(name));
  if (unknown.length === 0) return next;
  return { ...next, body: { ...Object.fromEntries(unknown), ...(next.body as object) } };
}
