/** Who keeps the certificates that are there: Secrets whose Certificate is gone, that nobody renews, or that were made twice. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import { FLEET_SOURCE, type Place, placeParts } from '../../contract/ids.ts';
import { MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import { CERTIFICATE_NAME } from '../../standards/kubernetes/ownership.ts';
import { addTo, type ClusterIndex, isInPlan, standingAt } from './cluster-index.ts';
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
function unmanaged(observation: Observation, facts: Facts, index: ClusterIndex, now: Date): readonly Verdict[] {
  const { place } = observation;
  const { references, managedBy } = standingAt(index, place);
  if (references.length === 0 || !isByHand(observation) || leafAlarm(facts, now)) return [];
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

interface Leaf {
  readonly place: Place;
  readonly facts: Facts;
}

/** Those of the same names. By one of them first: only what has that in common is compared by all. */
function ofSameNames(leaves: readonly (readonly [Place, Facts])[]): readonly (readonly Leaf[])[] {
  const byFirst = new Map<string, Leaf[]>();
  for (const [place, facts] of leaves) {
    const [first = ''] = namesOf(facts).length === 1 ? namesOf(facts) : namesOf(facts).toSorted();
    addTo(byFirst, first, { place, facts });
  }
  const shared = [...byFirst.values()].filter((group) => group.length > 1);
  return shared.flatMap((group) => [
    ...Map.groupBy(group, ({ facts }) => namesOf(facts).toSorted().join(' ')).values(),
  ]);
}

/** Secrets of one cluster with the same names: each key is a certificate that somebody ordered. */
function duplicates(index: ClusterIndex, leaves: readonly (readonly [Place, Facts])[]): readonly Verdict[] {
  return ofSameNames(leaves).flatMap((group): Verdict[] => {
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
        message: `${index.seen.cluster} has ${keys.size} certificates with different keys for ${list(namesOf(first.facts))}, in ${list(places)}: each is ordered by itself.`,
        evidence: { secrets: list(places, 10), keys: String(keys.size) },
        fix: 'Where one would do, have one Certificate or FleetCertificate for all, and name its Secret: a CA counts orders for the same names',
        rootCause: `duplicate:${first.place}`,
      },
    ];
  });
}

/** `orphan`, `unmanaged` and `duplicate` of a whole cluster. */
export function judgeKeepers(index: ClusterIndex, now: Date): readonly Verdict[] {
  const leaves = index.seen.observations.flatMap((one): (readonly [Place, Facts])[] => {
    const { facts } = contentOfObservation(one);
    const isServing = facts && !faultOf(contentOfObservation(one)) && !facts.isCA && !isExpired(facts, now);
    return isServing && namesOf(facts).length > 0 ? [[one.place, facts]] : [];
  });
  const facts = new Map(leaves);
  const others = index.seen.observations.filter(({ place }) => !index.wantedAt.has(place) && !isInPlan(index, place));
  return [
    ...others.flatMap((one) => orphan(one, index)),
    ...others.flatMap((one) => {
      const leaf = facts.get(one.place);
      return leaf ? unmanaged(one, leaf, index, now) : [];
    }),
    ...duplicates(index, leaves),
  ];
}
