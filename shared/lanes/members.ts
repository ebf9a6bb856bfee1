/** Rows that belong to one issuance: who wants it, and where it must be. */
import type { CertificateId, Place } from '../contract/ids.ts';
import { KIND, keys, type Records, type Row } from '../contract/records.ts';
import type { Destination, Issuance, Wanted } from '../contract/rows.ts';

/** Those of the members that are still asked for as this issuance. */
export async function wantedOf(
  records: Records,
  { id, members }: { readonly id: string; readonly members: readonly CertificateId[] },
): Promise<readonly Wanted[]> {
  const read = await Promise.all(members.map((member) => records.get(keys.wanted(member))));
  return read.flatMap((row) => (row && isAsked(row.body, id) ? [row.body] : []));
}

export async function destinationRowsOf(records: Records, issuance: string): Promise<readonly Row<Destination>[]> {
  const all: Row<Destination>[] = [];
  for await (const row of records.list<Destination>(KIND.destinationsOf(issuance)))
    if (row.body.issuance === issuance) all.push(row);
  return all;
}

/** All places that a certificate names. */
export async function placesInRows(records: Records): Promise<ReadonlySet<Place>> {
  const places = new Set<Place>();
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    for (const row of await destinationRowsOf(records, body.id)) places.add(row.body.place);
  return places;
}

/**
 * Who asks for it and the rows of the places that they name, as they are now. By their keys, which a remote store answers many of at once;
 * an index would be asked once for each issuance, and lags.
 */
export async function membersOf(
  records: Records,
  { id, members }: { readonly id: string; readonly members: readonly CertificateId[] },
): Promise<{ readonly wanted: readonly Wanted[]; readonly destinations: readonly Row<Destination>[] }> {
  const asked = await Promise.all(members.map((member) => records.get(keys.wanted(member))));
  const named = asked.flatMap((row) => row?.body.places ?? []).map(({ place }) => place);
  const rows = await Promise.all([...new Set(named)].toSorted().map((place) => records.get(keys.destination(place))));
  return {
    wanted: asked.flatMap((row) => (row && isAsked(row.body, id) ? [row.body] : [])),
    destinations: rows.flatMap((row) => (row?.body.issuance === id ? [row] : [])),
  };
}

const isAsked = (wanted: Wanted, id: string): boolean => wanted.issuance === id && !wanted.held && !wanted.goneAt;

export interface IssuanceSeen {
  readonly issuance: Issuance;
  readonly wanted: readonly Wanted[];
  readonly destinations: readonly Destination[];
}

/** The issuance with all that its judgement needs; undefined = there is none. */
export async function seenOf(records: Records, id: string): Promise<IssuanceSeen | undefined> {
  const row = await records.get(keys.issuance(id));
  if (!row) return undefined;
  const { wanted, destinations } = await membersOf(records, row.body);
  return { issuance: row.body, wanted, destinations: destinations.map(({ body }) => body) };
}
