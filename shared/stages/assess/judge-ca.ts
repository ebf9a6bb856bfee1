/** Certificate authorities among the Secrets: each must outlive the longest leaf it is still to sign. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import { kubernetesPlace, type Place } from '../../contract/ids.ts';
import { type ClusterIndex, isInPlan } from './cluster-index.ts';
import { evidenceOf, namesOf, objectOfPlace } from './content.ts';
import { instant, list, span } from './phrases.ts';
import { caAlarm, DAY_MS, isExpired, lifetimeOf } from './thresholds.ts';

/** cert-manager's default duration. */
const DEFAULT_LEAF_MS = 90 * DAY_MS;

export interface CertificateAuthority {
  readonly place: Place;
  readonly facts: Facts;
  /** Whether its own Secret was seen, or only `ca.crt` beside what it signed. */
  readonly seenIn: 'its Secret' | 'ca.crt';
  /** Milliseconds. */
  readonly longestLeaf: number;
  /** Issuer ids that sign with it. */
  readonly issuers: readonly string[];
  readonly isReferenced: boolean;
}

interface Signed {
  longest: number;
  count: number;
}

/** What each CA signed among the leaves that are there, by the CA's name. */
function signedBy({ seen }: ClusterIndex): ReadonlyMap<string, Signed> {
  const signed = new Map<string, Signed>();
  for (const { chain } of seen.observations) {
    const [leaf] = chain;
    if (!leaf || leaf.isCA || leaf.selfSigned) continue;
    const { longest, count } = signed.get(leaf.issuer) ?? { longest: 0, count: 0 };
    signed.set(leaf.issuer, { longest: Math.max(longest, lifetimeOf(leaf)), count: count + 1 });
  }
  return signed;
}

interface Asked {
  readonly issuers: readonly string[];
  readonly longest: number;
}

/** Which `ca` issuers sign with the Secret at each place, and the longest leaf asked of them. */
function askedAt({ seen, wanted }: ClusterIndex): ReadonlyMap<Place, Asked> {
  const longest = new Map<string, number>();
  for (const { issuer, spec } of wanted)
    if (issuer) longest.set(issuer, Math.max(longest.get(issuer) ?? 0, spec.durationMs));
  const asked = new Map<Place, Asked>();
  for (const { id, source, namespace, spec } of seen.issuers) {
    if (spec.type !== 'ca' || source !== seen.cluster) continue;
    const where = namespace ?? seen.clusterResourceNamespace ?? 'cert-manager';
    const place = kubernetesPlace(seen.cluster, where, spec.secretName);
    const other = asked.get(place) ?? { issuers: [], longest: 0 };
    asked.set(place, {
      issuers: [...other.issuers, id],
      longest: Math.max(other.longest, longest.get(id) ?? 0),
    });
  }
  return asked;
}

/** CAs that are known only by the `ca.crt` of what they signed: one each, at the first place by name. */
function besideLeaves(index: ClusterIndex, own: ReadonlySet<string>, signed: ReadonlyMap<string, Signed>) {
  const found = new Map<string, CertificateAuthority>();
  for (const { place, chain, ca } of index.seen.observations) {
    const [leaf] = chain;
    if (!ca?.isCA || leaf?.issuer !== ca.subject || leaf.selfSigned || own.has(ca.sha256)) continue;
    const other = found.get(ca.sha256);
    const isReferenced = index.referencesAt.has(place) || index.wantedAt.has(place) || isInPlan(index, place);
    found.set(ca.sha256, {
      ...{ facts: ca, seenIn: 'ca.crt', issuers: [] },
      place: other && other.place < place ? other.place : place,
      longestLeaf: signed.get(ca.subject)?.longest || DEFAULT_LEAF_MS,
      isReferenced: isReferenced || other?.isReferenced === true,
    });
  }
  return [...found.values()];
}

/**
 * The CAs that can be seen, but those that our own plan renews. A self-signed certificate that an Ingress serves and that signed
 * nothing is a leaf, whatever its basic constraints say (`openssl req -x509` makes them so).
 */
export function authoritiesOf(index: ClusterIndex): readonly CertificateAuthority[] {
  const [signed, asked] = [signedBy(index), askedAt(index)];
  const own = new Set<string>();
  const inSecrets = index.seen.observations.flatMap(({ place, chain }): CertificateAuthority[] => {
    const [facts] = chain;
    if (!facts?.isCA) return [];
    own.add(facts.sha256);
    const issuers = asked.get(place)?.issuers ?? [];
    const leaves = signed.get(facts.subject);
    const serves = index.referencesAt.has(place);
    if (isInPlan(index, place) || (serves && issuers.length === 0 && !leaves)) return [];
    const longestLeaf = Math.max(asked.get(place)?.longest ?? 0, leaves?.longest ?? 0) || DEFAULT_LEAF_MS;
    const isReferenced = issuers.length > 0 || leaves !== undefined || serves || index.wantedAt.has(place);
    return [{ ...{ place, facts, issuers, longestLeaf, isReferenced }, seenIn: 'its Secret' }];
  });
  return [...inSecrets, ...besideLeaves(index, own, signed)];
}

/** `ca-expiring`; one that is over is `expired`, where its own Secret was seen. */
export function judgeCa(ca: CertificateAuthority, now: Date): readonly Verdict[] {
  const { place, facts, issuers, longestLeaf, isReferenced, seenIn } = ca;
  const isOver = isExpired(facts, now);
  const alarm = caAlarm(facts, longestLeaf, now);
  if (!alarm || (isOver && seenIn === 'its Secret')) return [];
  const who = facts.commonName ?? facts.subject;
  const ends = isOver
    ? `ended on ${instant(facts.notAfter)}`
    : `ends in ${span(Date.parse(facts.notAfter) - now.getTime())}, on ${instant(facts.notAfter)}`;
  const where = seenIn === 'ca.crt' ? `behind ${place}` : `in ${place}`;
  return [
    {
      code: 'ca-expiring',
      severity: isReferenced ? alarm.severity : 'info',
      object: objectOfPlace(place),
      names: namesOf(facts),
      message: `The CA ${who} ${where} ${ends}: ${isReferenced ? `too soon for the leaves of ${span(longestLeaf)} that it signs` : 'nothing that is seen here was signed by it'}.`,
      evidence: {
        secret: place,
        ...evidenceOf(facts),
        longestLeaf: span(longestLeaf),
        ...(issuers.length > 0 ? { issuers: list(issuers, 5) } : {}),
      },
      since: alarm.since,
      fix: 'Make a new CA pair, put it where the issuer reads it, and then issue anew what the old one signed: nolapse renew <id> --force',
      serial: facts.serial,
      rootCause: `ca-expiring:${facts.sha256}`,
    },
  ];
}
