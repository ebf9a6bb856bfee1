/** The entries of a plan: for each certificate why and when, its places and what would be done there, limits and TXT names. Reads nothing. */
import type { Fleet } from '../contract/fleet.ts';
import type { CertificateId, Endpoint, Iso, Place } from '../contract/ids.ts';
import type { Destination, Issuance, Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { foreseen, type PlannedPlace } from '../stages/deliver/foreseen.ts';
import type { LimitUse } from '../standards/acme/rate-limits.ts';
import { challengesIn } from '../standards/dns/names.ts';

/** A TXT record that an order writes and takes away again; its value is known once the CA was asked. */
export interface PlannedTxt {
  readonly name: string;
  readonly zone: string;
  readonly hostedZoneId: string;
  /** Who writes into that zone, where it is a role of its own. */
  readonly roleArn?: string;
}

export interface PlanEntry {
  readonly id: CertificateId;
  readonly reason: string;
  readonly message: string;
  readonly at: Iso;
  /** The places that are written. */
  readonly destinations: readonly Place[];
  /** Those and the others that it names. */
  readonly places: readonly PlannedPlace[];
  /** Where it must be seen served afterwards. */
  readonly endpoints: readonly Endpoint[];
  /** What the order spends, as used before it; empty where there is no new order, or no numbers of the CA are known. */
  readonly limits: readonly LimitUse[];
  /** At most these: for a name that the CA still takes for proved, nothing is written. */
  readonly txt: readonly PlannedTxt[];
}

/** Whose plan it is. */
export interface Planner {
  readonly fleet: Fleet;
  /** Empty before the first run. */
  readonly installation: string;
}

export interface Ordered extends Planner {
  readonly issuance: Issuance;
  readonly wanted: readonly Wanted[];
  readonly destinations: readonly Destination[];
  /** Of the issuer; absent = it is gone. */
  readonly by?: { readonly isAcme: boolean; readonly limits: readonly LimitUse[] };
}

export type EntriesOf = (reason: string, message: string, at: Iso) => readonly PlanEntry[];

/** Steps of an attempt before which its TXT values stand. */
const UNPROVED: readonly string[] = ['intent', 'created', 'authorizing'];

function txtOf({ issuance: { request, attempt }, fleet, by }: Ordered): readonly PlannedTxt[] {
  if (!by?.isAcme || (attempt && !UNPROVED.includes(attempt.step.at))) return [];
  return challengesIn(request.dnsNames, fleet.zones).map(({ fqdn, zone: { name, hostedZoneId, roleArn } }) => ({
    ...{ name: fqdn, zone: name, hostedZoneId },
    ...(roleArn ? { roleArn } : {}),
  }));
}

const byPlace = (a: { readonly place: Place }, b: { readonly place: Place }): number => a.place.localeCompare(b.place);

/** Of an order: one entry for each member, with the places of that member. */
export function orderEntries(ordered: Ordered): EntriesOf {
  const { issuance, wanted, destinations, fleet, installation, by } = ordered;
  const of = { issuance, isOrdered: true, hasCa: by?.isAcme === false, fleet: fleet.name, installation };
  const txt = txtOf(ordered);
  return (reason, message, at) =>
    wanted.map((member) => {
      const own = destinations.filter(({ certificate }) => certificate === member.id).toSorted(byPlace);
      return {
        ...{ id: member.id, reason, message, at },
        destinations: own.filter(isWritable).map(({ place }) => place),
        places: own.map((destination) => foreseen({ ...of, destination, wanted: member })),
        ...{ endpoints: member.endpoints ?? [], limits: by?.limits ?? [], txt },
      };
    });
}

export interface Delivered extends Planner {
  readonly issuance: Issuance;
  readonly wanted: Wanted;
  readonly destinations: readonly Destination[];
}

/** Of a delivery without an order. */
export function deliveryEntry(
  { issuance, wanted, destinations, fleet, installation }: Delivered,
  why: Pick<PlanEntry, 'reason' | 'message' | 'at'>,
): PlanEntry {
  const own = destinations.toSorted(byPlace);
  const of = { issuance, wanted, isOrdered: false, hasCa: false, fleet: fleet.name, installation };
  return {
    ...{ id: wanted.id, ...why },
    destinations: own.map(({ place }) => place),
    places: own.map((destination) => foreseen({ ...of, destination })),
    ...{ endpoints: wanted.endpoints ?? [], limits: [], txt: [] },
  };
}
