/** Rows that one pass over a source writes: issuers, what is wanted, what its places hold. Only what changed is written. */
import type { Issuer, WantedPlace } from '../contract/fleet.ts';
import { type CertificateId, deliverLane, type Iso, type Place, partyOf } from '../contract/ids.ts';
import type { Observation, Ownership } from '../contract/observation.ts';
import { decided, isIssuerRow, isWantedRow, keys, type Records, type Row, rows } from '../contract/records.ts';
import type { Destination, Wanted } from '../contract/rows.ts';
import { haveOf } from '../stages/deliver/decide.ts';
import { ensureLane } from './lease.ts';
import { forgetProbes, storeProbes } from './probes.ts';
import { isSame } from './same.ts';

/** Wanted rows of a source that nobody has closed. */
export async function wantedRows(records: Records, source: string): Promise<readonly Row<Wanted>[]> {
  const all: Row<Wanted>[] = [];
  for await (const row of records.children<unknown>(`SRC#${source}`))
    if (isWantedRow(row) && !row.body.goneAt) all.push(row);
  return all;
}

export async function storeIssuers(records: Records, source: string, found: readonly Issuer[]): Promise<void> {
  const now = new Map(found.map((issuer) => [keys.issuer(source, issuer.namespace, issuer.name).sk, issuer]));
  for await (const row of records.children<unknown>(`SRC#${source}`))
    if (isIssuerRow(row) && !now.has(row.sk)) await records.remove(row, row.rev);
}

export async function storeIssuer(records: Records, issuer: Issuer, seenAt: Iso): Promise<void> {
  await decided(records, keys.issuer(issuer.source, issuer.namespace, issuer.name), (row) =>
    row && isSame(row.body.issuer, issuer) ? undefined : rows.issuer({ issuer, seenAt }, row?.rev ?? 0),
  );
}

/** A place that its certificate no longer names is nobody's; what is there stays as it is. */
async function forgetPlace(records: Records, place: Place, certificate: CertificateId): Promise<void> {
  const row = await records.get(keys.destination(place));
  if (row?.body.certificate === certificate) await records.remove(row, row.rev);
}

/** seenAt is of the pass that wrote the row: a pass that sees the same writes nothing. */
export async function storeWanted(records: Records, wanted: Wanted): Promise<void> {
  const before = await records.get(keys.wanted(wanted.id));
  const now = new Set(wanted.places.map(({ place }) => place));
  for (const { place } of before?.body.places ?? []) if (!now.has(place)) await forgetPlace(records, place, wanted.id);
  const next = (row: Row<Wanted> | undefined) =>
    row && isSame({ ...row.body, seenAt: wanted.seenAt }, wanted) ? undefined : rows.wanted(wanted, row?.rev ?? 0);
  await decided(records, keys.wanted(wanted.id), next, before);
  if (wanted.endpoints || before?.body.endpoints) await storeProbes(records, wanted, new Date(wanted.seenAt));
}

export async function closeWanted(records: Records, id: CertificateId, goneAt: Iso): Promise<void> {
  const row = await decided(records, keys.wanted(id), (stored) =>
    stored && !stored.body.goneAt ? rows.wanted({ ...stored.body, goneAt }, stored.rev) : undefined,
  );
  if (row?.body.endpoints) await forgetProbes(records, row.body, new Date(goneAt));
}

export interface PlaceSeen {
  readonly wish: WantedPlace;
  readonly issuance: string;
  readonly certificate: CertificateId;
  /** Absent = nobody could look. */
  readonly seen?: { readonly observation?: Observation; readonly ownership: Ownership; readonly at: Iso };
}

function destinationOf({ wish, issuance, certificate, seen }: PlaceSeen, before: Destination | undefined): Destination {
  const { have: known, failure, ...rest } = before ?? {};
  const isOther = before !== undefined && before.certificate !== certificate;
  const have = seen ? haveOf(seen.observation) : known;
  const ownership = seen?.ownership ?? before?.ownership ?? { is: 'unknown' };
  // a refusal holds for what was refused: once the place has changed, it is judged anew
  const isStale =
    failure?.problem.retry === 'never' && !isSame([have?.version, ownership], [known?.version, before?.ownership]);
  return {
    ...rest,
    ...{ place: wish.place, issuance, certificate, ownership },
    adopt: wish.adopt || (!isOther && (before?.adopt ?? false)),
    ...(have ? { have } : {}),
    ...(seen ? { observedAt: seen.at } : {}),
    ...(failure && !isStale ? { failure } : {}),
  };
}

/** What was seen at a place, or that it is waited for; when it wakes stays as it was. */
export async function storeDestination(records: Records, seen: PlaceSeen): Promise<void> {
  await ensureLane(records, deliverLane(`${partyOf(seen.wish.place)}/`));
  await decided(records, keys.destination(seen.wish.place), (row) => {
    const next = destinationOf(seen, row?.body);
    if (row && isSame({ ...row.body, observedAt: next.observedAt }, next)) return undefined;
    return rows.destination(next, row?.rev ?? 0, next.failure || !row?.body.failure ? row?.wakeAt : undefined);
  });
}
