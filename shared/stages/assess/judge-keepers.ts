/** Who keeps the certificates that are there: Secrets whose Certificate is gone, that nobody renews, or that were made twice. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import { FLEET_SOURCE, type Place, placeParts } from '../../contract/ids.ts';
import { MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import { sharing } from '../../contract/sharing.ts';
import { CERTIFICATE_NAME } from '../../standards/kubernetes/ownership.ts';
import { type ClusterIndex, standingAt, unwanted } from './cluster-index.ts';
import { contentOfObservation, evidenceOf, faultOf, namesOf, objectOfPlace } from './content.ts';
import { isByHand } from './managed-by.ts';
import { list } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

/** `namespace/name` of the Certificate for which the Secret was made, where it says so. */
function madeFor({ place, annotations, owners }: Observation): string | undefined {
  const parts = placeParts(place);
  // a FleetCertificate, of whichever fleet, is no object of the cluster
  if (parts.at !== 'kubernetes' || annotations[MARK.certificate]?.startsWith(`${FLEET_SOURCE}/`)) return undefined;
  const owner = owners.find((one) => one.startsWith('Certificate/'))?.slice('Certificate/'.length);
  const name = annotations[CERTIFICATE_NAME] ?? owner;
  return name ? `${parts.namespace}/${name}` : undefined;
}

/** `orphan`: never more than an info, and nothing where it is not known which Certificates there are. */
function orphan(observation: Observation, index: ClusterIndex): readonly Verdict[] {
  const { place, chain } = observation;
  const certificate = madeFor(observation);
  const { certificates } = index.seen;
  if (certificate === undefined || !certificates || certificates.has(certificate)) return [];
  const [facts] = chain;
  const { namespace, name } = objectOfPlace(place);
  const references = index.referencesAt.get(place) ?? [];
  const used =
    references.length > 0 ? `${list(references)} uses it still, and nobody renews it` : 'nothing seen uses it';
  return [
    {
      code: 'orphan',
      severity: 'info',
      object: objectOfPlace(place),
      names: facts ? namesOf(facts) : [],
      message: `The Secret ${place} was made for the Certificate ${certificate}, which is gone; ${used}.`,
      evidence: { secret: place, certificate, ...(facts && evidenceOf(facts)) },
      fix:
        references.length > 0
          ? `Ask for it with a Certificate again, before it ends: kubectl -n ${namespace} get ingress`
          : `When no Pod mounts it: kubectl -n ${namespace} delete secret ${name}`,
      ...(facts && { serial: facts.serial }),
    },
  ];
}

/** `unmanaged`: something uses it, and it has time; when it has none any more it is `expiring-unmanaged`. */
function unmanaged(observation: Observation, index: ClusterIndex, now: Date): readonly Verdict[] {
  const { place } = observation;
  const { references, managedBy } = standingAt(index, place);
  const facts = servedBy(observation, now);
  const isSeen = facts !== undefined && references.length > 0 && namesOf(facts).length > 0;
  if (!isSeen || !isByHand(observation) || leafAlarm(facts, now)) return [];
  const by = managedBy === 'nobody' ? 'nobody' : `${managedBy}, by hand`;
  return [
    {
      code: 'unmanaged',
      severity: 'info',
      object: objectOfPlace(place),
      names: namesOf(facts),
      message: `${list(references)} uses the certificate in ${place}, and nobody is seen to renew it.`,
      evidence: { secret: place, ...evidenceOf(facts), writtenBy: by, references: list(references, 5) },
      fix: 'Ask for it with a Certificate, or with the annotations of its Ingress, before it ends',
      rootCause: `unmanaged:${index.seen.cluster}`,
      serial: facts.serial,
    },
  ];
}

/** What the Secret can serve now; undefined = nothing, or a CA. */
function servedBy(observation: Observation, now: Date): Facts | undefined {
  const content = contentOfObservation(observation);
  const { facts } = content;
  return facts && !faultOf(content) && !facts.isCA && !isExpired(facts, now) ? facts : undefined;
}

/** One of the names, the same for all that have the same names. */
function leastName(facts: Facts): string | undefined {
  const names = namesOf(facts);
  return names.length > 0 ? names.reduce((least, name) => (name < least ? name : least)) : undefined;
}

interface Leaf {
  readonly place: Place;
  readonly facts: Facts;
}

const sameNames = ({ facts }: Leaf): string => namesOf(facts).toSorted().join(' ');

/** By one of them first: only what has that in common is compared by all. */
function ofSameNames(observations: readonly Observation[], now: Date): readonly (readonly Leaf[])[] {
  const nameOf = (one: Observation): string | undefined => {
    const facts = servedBy(one, now);
    return facts && leastName(facts);
  };
  return [...sharing(observations, nameOf).values()].flatMap((group) => {
    const leaves = group.flatMap(({ place, chain: [facts] }): Leaf[] => (facts ? [{ place, facts }] : []));
    return [...Map.groupBy(leaves, sameNames).values()];
  });
}

/** Secrets of one cluster with the same names: each key is a certificate that somebody ordered. */
function duplicates({ seen: { cluster, observations } }: ClusterIndex, now: Date): readonly Verdict[] {
  return ofSameNames(observations, now).flatMap((group): Verdict[] => {
    const keys = new Set(group.map(({ facts }) => facts.publicKeySha256));
    const [first] = group.toSorted((a, b) => (a.place < b.place ? -1 : 1));
    if (keys.size < 2 || !first) return [];
    const places = group.map(({ place }) => place).toSorted();
    return [
      {
        code: 'duplicate',
        severity: 'info',
        object: objectOfPlace(first.place),
        names: namesOf(first.facts),
        message: `${cluster} has ${keys.size} certificates with different keys for ${list(namesOf(first.facts))}, in ${list(places)}: each is ordered by itself.`,
        evidence: { secrets: list(places, 10), keys: String(keys.size) },
        fix: 'Where one would do, have one Certificate or FleetCertificate for all, and name its Secret: a CA counts orders for the same names',
        rootCause: `duplicate:${first.place}`,
      },
    ];
  });
}

/** `orphan`, `unmanaged` and `duplicate` of a whole cluster. */
export function judgeKeepers(index: ClusterIndex, now: Date): readonly Verdict[] {
  const others = unwanted(index);
  return [
    ...others.flatMap((one) => orphan(one, index)),
    ...others.flatMap((one) => unmanaged(one, index, now)),
    ...duplicates(index, now),
  ];
}
