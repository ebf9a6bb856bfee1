/** Copies of a CA that are not the CA with which the issuer signs now: what trusts the one refuses what the other signs. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import { kubernetesPlace, type Place } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Wanted } from '../../contract/rows.ts';
import type { ClusterIndex } from './cluster-index.ts';
import { evidenceOf, namesOf, objectOfPlace } from './content.ts';
import { instant } from './phrases.ts';

interface Current {
  readonly issuer: string;
  readonly place: Place;
  readonly ca: Facts;
  /** What may stand in `ca.crt`: the CA and what is above it. */
  readonly all: readonly Facts[];
}

/** The CA of each `ca` issuer of the cluster, by the issuer's id, where its Secret was seen. */
function currentCas({ seen, observationAt }: ClusterIndex): ReadonlyMap<string, Current> {
  const found = new Map<string, Current>();
  for (const { id, kind, name, source, namespace, spec } of seen.issuers) {
    if (spec.type !== 'ca' || source !== seen.cluster) continue;
    const where = namespace ?? seen.clusterResourceNamespace ?? 'cert-manager';
    const place = kubernetesPlace(seen.cluster, where, spec.secretName);
    const { chain = [], ca: above } = observationAt.get(place) ?? {};
    const [ca] = chain;
    if (ca) found.set(id, { issuer: `${kind} ${name}`, place, ca, all: above ? [...chain, above] : chain });
  }
  return found;
}

const fixOf = ({ held, id, source, namespace, name }: Wanted): string =>
  held
    ? `Have it issued anew: cmctl renew -n ${namespace} ${name} (cert-manager does not by itself when a CA changes)`
    : `Have it issued anew: nolapse renew ${source === 'fleet' ? name : id} --force`;

function driftOf(wanted: Wanted, observation: Observation, current: Current): readonly Verdict[] {
  const { place, ca, chain } = observation;
  if (!ca || current.all.some(({ sha256 }) => sha256 === ca.sha256)) return [];
  // a CA that was renewed with its key verifies what either of the two signed
  const isSameKey = current.all.some(({ publicKeySha256 }) => publicKeySha256 === ca.publicKeySha256);
  const [leaf] = chain;
  const who = ca.commonName ?? ca.subject;
  const then = isSameKey
    ? `its key is the same, but this copy ends on ${instant(ca.notAfter)}`
    : 'who trusts this copy refuses what the issuer signs now';
  return [
    {
      code: 'ca-drift',
      severity: isSameKey ? 'warning' : 'high',
      object: objectOfPlace(place),
      names: leaf ? namesOf(leaf) : [],
      message: `ca.crt in ${place} is ${who} with the serial ${ca.serial}, but the ${current.issuer} signs with ${current.ca.serial} of ${current.place}: ${then}.`,
      evidence: {
        secret: place,
        ...(leaf && evidenceOf(leaf)),
        caSerial: ca.serial,
        caNotAfter: ca.notAfter,
        currentCaSerial: current.ca.serial,
        currentCaNotAfter: current.ca.notAfter,
        currentCa: current.place,
      },
      fix: fixOf(wanted),
      ...(leaf && { serial: leaf.serial }),
      rootCause: `ca-drift:${current.place}`,
    },
  ];
}

/** `ca-drift` of what is wanted from the `ca` issuers of the cluster. */
export function judgeDrift(index: ClusterIndex): readonly Verdict[] {
  const current = currentCas(index);
  return index.wanted.flatMap((wanted) => {
    const now = current.get(wanted.issuer ?? '');
    if (!now) return [];
    return wanted.places.flatMap(({ place }) => {
      const observation = index.observationAt.get(place);
      return observation ? driftOf(wanted, observation, now) : [];
    });
  });
}
