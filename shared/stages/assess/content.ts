/** What one place holds, whether it was just observed or is remembered in its row: the same judgement for both. */
import type { CertificateSpec, Facts } from '../../contract/certificate.ts';
import { type ObjectRef, SEVERITIES, subjectOf, type Verdict } from '../../contract/finding.ts';
import { type Place, partyOf, placeParts } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Destination, Issuance, Wanted } from '../../contract/rows.ts';
import { renewalTime } from './renewal-time.ts';

export interface Content {
  readonly place: Place;
  /** unknown: nobody has looked, or could. */
  readonly is: 'there' | 'absent' | 'unknown';
  readonly facts?: Facts;
  readonly keyMatches?: boolean;
  readonly problem?: { readonly code: string; readonly detail: string };
}

export function contentOfObservation({ place, chain, keyMatches, problem }: Observation): Content {
  const [facts] = chain;
  return {
    ...{ place, is: 'there' },
    ...(facts && { facts }),
    ...(keyMatches === undefined ? {} : { keyMatches }),
    ...(problem && { problem }),
  };
}

export function contentOfDestination({ place, ownership, have }: Destination): Content {
  if (ownership.is === 'absent') return { place, is: 'absent' };
  if (!have) return { place, is: 'unknown' };
  const { facts, keyMatches, problem } = have;
  return {
    ...{ place, is: 'there' },
    ...(facts && { facts }),
    ...(keyMatches === undefined ? {} : { keyMatches }),
    ...(problem && { problem }),
  };
}

export type Fault = 'unreadable' | 'mismatch';

/** Why what is there cannot serve, whatever its dates. */
export function faultOf({ is, keyMatches, problem }: Content): Fault | undefined {
  if (is !== 'there') return undefined;
  if (keyMatches === false || problem?.code === 'key-mismatch') return 'mismatch';
  return problem ? 'unreadable' : undefined;
}

/** A secret of another region than the environment's is told apart by its party, as a Kubernetes Secret is by its cluster. */
export const objectOfPlace = (place: Place): ObjectRef => {
  const parts = placeParts(place);
  if (parts.at === 'secretsManager') {
    const region = parts.region === undefined ? {} : { cluster: partyOf(place) };
    return { ...region, kind: 'SecretsManagerSecret', name: parts.name };
  }
  return { cluster: parts.cluster, kind: 'Secret', namespace: parts.namespace, name: parts.name };
};

export const objectOfWanted = ({ source, origin, namespace, name }: Wanted): ObjectRef => ({
  ...(origin === 'FleetCertificate' ? {} : { cluster: source }),
  // the shim's Certificate has the name of its Secret, which is what people can find
  kind: origin === 'Ingress' || origin === 'Gateway' ? 'Secret' : origin,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});

type Named = Pick<Facts, 'dnsNames' | 'ipAddresses' | 'uris' | 'emailAddresses' | 'commonName'>;

/** Every name; the common name only where there is no other. */
export function namesOf({ dnsNames, ipAddresses, uris, emailAddresses, commonName }: Named): readonly string[] {
  // most have no others, and there are many
  const isPlain = ipAddresses.length + uris.length + emailAddresses.length === 0;
  const all = isPlain ? dnsNames : [...dnsNames, ...ipAddresses, ...uris, ...emailAddresses];
  return all.length === 0 && commonName ? [commonName] : all;
}

/** When this certificate is to be renewed as the spec says: the row's instant where the row speaks of this very certificate. */
export function renewAtOf(facts: Facts, spec: CertificateSpec, issuance?: Issuance): string | undefined {
  if (issuance?.renewAt && issuance.current?.facts.sha256 === facts.sha256) return issuance.renewAt;
  const { renewBeforeMs, renewBeforePercentage, renewal } = spec;
  const { at } = renewalTime({
    notBefore: new Date(facts.notBefore),
    notAfter: new Date(facts.notAfter),
    ...(renewBeforeMs === undefined ? {} : { renewBefore: renewBeforeMs }),
    ...(renewBeforePercentage === undefined ? {} : { renewBeforePercentage }),
    ...(renewal ? { policy: renewal.policy, windows: renewal.windows } : {}),
  });
  return at?.toISOString();
}

/** The evidence of every finding about one certificate. */
export const evidenceOf = (facts: Facts): Readonly<Record<string, string>> => ({
  serial: facts.serial,
  notBefore: facts.notBefore,
  notAfter: facts.notAfter,
  issuer: facts.issuer,
});

/** One verdict for each object and code: of several the worst, of equals the first. */
export function oneEach(verdicts: readonly Verdict[]): readonly Verdict[] {
  const kept = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const key = `${subjectOf(verdict.object)} ${verdict.code}`;
    const other = kept.get(key);
    if (!other || SEVERITIES.indexOf(verdict.severity) > SEVERITIES.indexOf(other.severity)) kept.set(key, verdict);
  }
  return [...kept.values()];
}
