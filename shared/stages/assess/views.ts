/** One line of the inventory for each who wants a certificate and each Secret that nobody wants: the worst state comes first. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import {
  CERTIFICATE_STATES,
  type CertificateState,
  type CertificateView,
  type Observation,
} from '../../contract/observation.ts';
import type { Destination, Issuance, Wanted } from '../../contract/rows.ts';
import { type Content, contentOfObservation, faultOf, namesOf, objectOfPlace, renewAtOf } from './content.ts';
import type { CertificateAuthority } from './judge-ca.ts';
import { failureOf, overdueSince } from './judge-managed.ts';
import { managerOf, managerOfWanted } from './managed-by.ts';
import { caAlarm, isExpired, leafAlarm } from './thresholds.ts';

const worst = (states: readonly CertificateState[]): CertificateState =>
  CERTIFICATE_STATES.find((state) => states.includes(state)) ?? 'ok';

function stateOfContent(content: Content, now: Date): CertificateState {
  if (content.is === 'absent') return 'missing';
  if (content.facts && isExpired(content.facts, now)) return 'expired';
  return faultOf(content) ?? 'ok';
}

const validityOf = (facts: Facts | undefined): Partial<CertificateView> =>
  facts ? { serial: facts.serial, notBefore: facts.notBefore, notAfter: facts.notAfter } : {};

export interface WantedSeen {
  readonly wanted: Wanted;
  readonly issuance?: Issuance;
  /** What its places hold. */
  readonly contents: readonly Content[];
  /** Rows of its places. */
  readonly destinations: readonly Destination[];
  /** Those of its places, where the cluster was read. */
  readonly observations: readonly Observation[];
  /** As what it is judged where it is a CA that our plan does not renew. */
  readonly ca?: CertificateAuthority;
}

/** Near its end, where nobody is seen to renew it. */
const isExpiring = (facts: Facts | undefined, ca: CertificateAuthority | undefined, now: Date): boolean =>
  facts !== undefined && (ca?.isReferenced ? caAlarm(facts, ca.longestLeaf, now) : leafAlarm(facts, now)) !== undefined;

/** The certificate that ends first among its places; what was issued last where nothing is known of them. */
function factsOfWanted({ contents, issuance }: WantedSeen): Facts | undefined {
  const [soonest] = contents
    .flatMap(({ facts }) => facts ?? [])
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return soonest ?? (contents.every(({ is }) => is === 'unknown') ? issuance?.current?.facts : undefined);
}

function planStates(seen: WantedSeen, facts: Facts | undefined, now: Date): readonly CertificateState[] {
  const { wanted, issuance, destinations, ca } = seen;
  const byHand = !issuance || wanted.spec.renewal?.policy === 'Disabled';
  const byAge: readonly CertificateState[] = byHand && isExpiring(facts, ca, now) ? ['expiring'] : [];
  if (!issuance) return byAge;
  const renewAt = facts && renewAtOf(facts, wanted.spec, issuance);
  return [
    ...byAge,
    ...(failureOf({ issuance, destinations }) ? ['failing' as const] : []),
    ...(overdueSince({ wanted, issuance, destinations }, facts, now) ? ['overdue' as const] : []),
    ...(issuance.due || (renewAt && Date.parse(renewAt) <= now.getTime()) ? ['due' as const] : []),
  ];
}

/** The line of one Wanted. */
export function viewOfWanted(seen: WantedSeen, now: Date): CertificateView {
  const { wanted, issuance, contents, destinations, observations } = seen;
  const { id, source, origin, namespace, name, spec } = wanted;
  const facts = factsOfWanted(seen);
  const renewAt = facts ? renewAtOf(facts, spec, issuance) : issuance?.renewAt;
  const ofPlaces = contents.map((content) => stateOfContent(content, now));
  const ofFacts: readonly CertificateState[] = facts && isExpired(facts, now) ? ['expired'] : [];
  const ofNowhere: readonly CertificateState[] = wanted.held && contents.length === 0 ? ['missing'] : [];
  const names = facts ? namesOf(facts) : [];
  return {
    id,
    ...(origin === 'FleetCertificate' ? {} : { cluster: source }),
    ...(namespace === undefined ? {} : { namespace }),
    ...{ name, kind: origin, names: names.length > 0 ? names : namesOf(spec) },
    issuer: wanted.issuer ?? `${spec.issuerRef.kind} ${spec.issuerRef.name}`,
    ...validityOf(facts),
    ...(renewAt && { renewAt }),
    state: worst([...ofPlaces, ...ofNowhere, ...ofFacts, ...planStates(seen, facts, now)]),
    managedBy: managerOfWanted(wanted, destinations, observations),
  };
}

/** The line of a Secret that nobody wants. */
export function viewOfSecret(
  observation: Observation,
  ca: CertificateAuthority | undefined,
  now: Date,
): CertificateView {
  const content = contentOfObservation(observation);
  const { facts } = content;
  const { cluster, namespace, name } = objectOfPlace(observation.place);
  return {
    id: observation.place,
    ...(cluster === undefined ? {} : { cluster }),
    ...(namespace === undefined ? {} : { namespace }),
    ...{ name, kind: 'Secret', names: facts ? namesOf(facts) : [] },
    ...(facts && { issuer: facts.issuer }),
    ...validityOf(facts),
    state: worst([stateOfContent(content, now), ...(isExpiring(facts, ca, now) ? ['expiring' as const] : [])]),
    managedBy: managerOf(observation),
  };
}
