/** One cluster as one pass saw it, indexed once: ten thousand Secrets are judged without looking at any of them twice. */
import type { Issuer } from '../../contract/fleet.ts';
import { FLEET_SOURCE, kubernetesPlace, type Place } from '../../contract/ids.ts';
import {
  byPlace,
  type CaBundle,
  type ChallengeFacts,
  type HostSeen,
  type IngressFacts,
  type Observation,
  type Reference,
} from '../../contract/observation.ts';
import type { Destination, Issuance, Wanted } from '../../contract/rows.ts';
import { type Content, contentOfDestination, contentOfObservation } from './content.ts';
import type { Standing } from './judge-unmanaged.ts';
import { managerOf } from './managed-by.ts';

/** One cluster as one pass saw it, and what the rows say of it. */
export interface SourceSeen {
  readonly cluster: string;
  readonly observations: readonly Observation[];
  readonly ingresses: readonly IngressFacts[];
  /** Of Gateways. */
  readonly references?: readonly Reference[];
  /** Where Secrets could not be read: what their hosts serve. */
  readonly hosts?: readonly HostSeen[];
  /** Of webhooks and extension API servers. */
  readonly bundles?: readonly CaBundle[];
  /** Of cert-manager, not at their end. */
  readonly challenges?: readonly ChallengeFacts[];
  /** Of this source. */
  readonly wanted: readonly Wanted[];
  /** Of these wanted. */
  readonly issuances: ReadonlyMap<string, Issuance>;
  /** Of this cluster's places, those of FleetCertificates too. */
  readonly destinations: ReadonlyMap<Place, Destination>;
  /** The file's and the cluster's. */
  readonly issuers: readonly Issuer[];
  /** False: Secrets could not be read, so that one is not seen says nothing. */
  readonly secretsRead: boolean;
  /** Where the Secrets of its ClusterIssuers are. Default `cert-manager`. */
  readonly clusterResourceNamespace?: string;
  /** `namespace/name` of all Certificates, honoured or not. Absent: not known, so that one is not seen says nothing. */
  readonly certificates?: ReadonlySet<string>;
}

export interface ClusterIndex {
  readonly seen: SourceSeen;
  readonly wanted: readonly Wanted[];
  readonly observationAt: ReadonlyMap<Place, Observation>;
  readonly wantedAt: ReadonlyMap<Place, readonly Wanted[]>;
  /** What uses the Secret, as `Ingress namespace/name`. */
  readonly referencesAt: ReadonlyMap<Place, readonly string[]>;
}

/** Appends to the list under `key`. */
export function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const values = lists.get(key);
  if (values) values.push(value);
  else lists.set(key, [value]);
}

/** Who carries the CA in a Secret, or is to be given it from there. */
function trustedAt({ bundles = [], observations }: SourceSeen): ReadonlyMap<Place, ReadonlySet<string>> {
  const bySha = new Map<string, string[]>();
  const users = new Map<Place, Set<string>>();
  const use = (place: Place, by: string): unknown => users.set(place, (users.get(place) ?? new Set()).add(by));
  for (const { object, authorities, from } of bundles) {
    const by = `${object.kind} ${object.name}`;
    for (const { sha256 } of authorities) addTo(bySha, sha256, by);
    if (from?.found?.place) use(from.found.place, by);
  }
  if (bySha.size > 0)
    for (const { place, chain } of observations)
      for (const by of bySha.get(chain[0]?.sha256 ?? '') ?? []) use(place, by);
  return users;
}

export function indexOf(seen: SourceSeen): ClusterIndex {
  const wanted = seen.wanted.filter(({ goneAt }) => goneAt === undefined);
  const wantedAt = new Map<Place, Wanted[]>();
  for (const one of wanted) for (const { place } of one.places) addTo(wantedAt, place, one);
  const referencesAt = new Map<Place, string[]>();
  for (const { namespace, name, tls } of seen.ingresses) {
    const secrets = new Set(tls.flatMap(({ secretName }) => secretName ?? []));
    for (const secret of secrets)
      addTo(referencesAt, kubernetesPlace(seen.cluster, namespace, secret), `Ingress ${namespace}/${name}`);
  }
  for (const { place, by } of seen.references ?? []) addTo(referencesAt, place, by);
  for (const [place, users] of trustedAt(seen)) for (const by of users) addTo(referencesAt, place, by);
  const observationAt = byPlace(seen.observations);
  return { seen, wanted, observationAt, wantedAt, referencesAt };
}

/** Whether the place's own row is judged with its issuance: then nothing is said of it here. */
export function isInPlan({ seen, wantedAt }: ClusterIndex, place: Place): boolean {
  const row = seen.destinations.get(place);
  if (!row) return false;
  if (row.certificate.startsWith(`${FLEET_SOURCE}/`)) return true;
  return (wantedAt.get(place) ?? []).some(({ id, held }) => id === row.certificate && !held);
}

/** The Secrets that neither somebody in the cluster nor a FleetCertificate wants. */
export const unwanted = (index: ClusterIndex): readonly Observation[] =>
  index.seen.observations.filter(({ place }) => !index.wantedAt.has(place) && !isInPlan(index, place));

/** What was seen at the place, else what its row remembers. */
export function contentAt({ seen, observationAt }: ClusterIndex, place: Place): Content {
  const observation = observationAt.get(place);
  if (observation) return contentOfObservation(observation);
  const row = seen.destinations.get(place);
  if (row && row.ownership.is !== 'absent' && row.ownership.is !== 'unknown') return contentOfDestination(row);
  if (seen.secretsRead) return { place, is: 'absent' };
  return row ? contentOfDestination(row) : { place, is: 'unknown' };
}

export const standingAt = ({ referencesAt, observationAt }: ClusterIndex, place: Place): Standing => ({
  references: referencesAt.get(place) ?? [],
  managedBy: managerOf(observationAt.get(place)),
});
