/** What a delivery would find and do in a place, as far as the last look at it tells. Pure; never the value of a secret. */
import type { Facts } from '../../contract/certificate.ts';
import { type Iso, type Place, placeParts } from '../../contract/ids.ts';
import { isMark, MARK } from '../../contract/marks.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Destination, Issuance, Wanted } from '../../contract/rows.ts';
import { type MarksInput, marksOf } from './bundle.ts';
import { decideDelivery } from './decide.ts';

/**
 * create: nothing is there. replace: the certificate of ours. take-over: somebody else's, with consent. keep: it is there already.
 * adopt-first: somebody else's, without consent. refused: of an owner who would write again, or unwritable. unknown: not looked at yet.
 */
export type Foreseen = 'create' | 'replace' | 'take-over' | 'keep' | 'adopt-first' | 'refused' | 'unknown';

/** What taking a place over sets there; nothing else in it is changed. */
export interface Adopting {
  readonly labels: readonly string[];
  /** Names of those that are not there, or say something else; of Secrets Manager: tags. */
  readonly annotations: readonly string[];
  /** Of the Secret's data. In Secrets Manager `*`: the value is replaced as a whole. */
  readonly keys: readonly string[];
}

/** A certificate in short. */
export interface Brief {
  /** Absent = it is not known, or yet to be issued. */
  readonly serial?: string;
  /** Sorted; absent = what is there cannot be read. */
  readonly names?: readonly string[];
}

export interface PlannedPlace {
  readonly place: Place;
  /** Who decides what is there. */
  readonly ownership: Destination['ownership'];
  /** When that was seen; absent = never. */
  readonly observedAt?: Iso;
  readonly delivery: Foreseen;
  /** Why it would be refused, and what to do. */
  readonly refusal?: Pick<Problem, 'detail' | 'fix'>;
  /** What is there; absent = nothing, or it is not known. */
  readonly have?: Brief;
  readonly want: Brief;
  /** Where it is somebody else's who would not write again. */
  readonly adopting?: Adopting;
}

export interface ForeseenInput {
  readonly destination: Destination;
  readonly wanted: Wanted;
  readonly issuance: Issuance;
  /** A certificate is ordered first; else the current one is delivered. */
  readonly isOrdered: boolean;
  /** The issuer gives a CA certificate beside it. */
  readonly hasCa: boolean;
  readonly fleet: string;
  readonly installation: string;
}

type Names = Pick<Facts, 'dnsNames' | 'ipAddresses' | 'uris' | 'emailAddresses'>;

const namesIn = ({ dnsNames, ipAddresses, uris, emailAddresses }: Names): readonly string[] =>
  [...dnsNames, ...ipAddresses, ...uris, ...emailAddresses].toSorted();

const NOT_ISSUED = { sha256: '', serial: '', notBefore: '', notAfter: '' };

/** What is known of the certificate that comes; of its subject no more than the one before tells, because a CA may leave it out. */
function factsOf({ issuance: { request, current }, isOrdered }: ForeseenInput): MarksInput['facts'] {
  if (!isOrdered && current) return current.facts;
  const { commonName, dnsNames, ipAddresses, uris, emailAddresses } = request;
  const names = { dnsNames, ipAddresses, uris, emailAddresses, ...(commonName === undefined ? {} : { commonName }) };
  return { ...NOT_ISSUED, ...names, subject: current?.facts.subject ?? '' };
}

function adoptingOf(input: ForeseenInput): Adopting {
  const { destination, wanted, issuance, fleet, installation, hasCa } = input;
  const facts = factsOf(input);
  const { labels, annotations } = marksOf({ facts, wanted, issuance: issuance.id, fleet, installation });
  const there = destination.have?.annotations ?? {};
  const differing = Object.keys(annotations).filter((name) => there[name] !== annotations[name]);
  if (placeParts(destination.place).at === 'secretsManager')
    return { labels: [], annotations: differing.filter(isMark), keys: ['*'] };
  const ca = hasCa || issuance.current?.caPem !== undefined ? ['ca.crt'] : [];
  return { labels: Object.keys(labels), annotations: differing, keys: ['tls.crt', 'tls.key', ...ca] };
}

const isOfOthers = ({ ownership: { is } }: Destination): boolean => is === 'adoptable' || is === 'other-installation';

function deliveryTo({ destination, issuance, isOrdered }: ForeseenInput): Pick<PlannedPlace, 'delivery' | 'refusal'> {
  const { ownership, have } = destination;
  if (ownership.is === 'unknown') return { delivery: 'unknown' };
  const decided = decideDelivery({ destination, ownership, have, current: isOrdered ? undefined : issuance.current });
  if (decided.is === 'refused') {
    const { detail, fix } = decided.problem;
    const refusal = { detail, ...(fix ? { fix } : {}) };
    return { delivery: isOfOthers(destination) ? 'adopt-first' : 'refused', refusal };
  }
  if (decided.is !== 'write') return { delivery: 'keep' };
  if (isOfOthers(destination)) return { delivery: 'take-over' };
  return { delivery: ownership.is === 'absent' ? 'create' : 'replace' };
}

export function foreseen(input: ForeseenInput): PlannedPlace {
  const { place, ownership, observedAt, have } = input.destination;
  const serial = have?.facts?.serial ?? have?.annotations[MARK.serial];
  const next = factsOf(input);
  return {
    ...{ place, ownership },
    ...(observedAt ? { observedAt } : {}),
    ...deliveryTo(input),
    ...(have ? { have: { ...(serial ? { serial } : {}), ...(have.facts ? { names: namesIn(have.facts) } : {}) } } : {}),
    want: { ...(next.serial ? { serial: next.serial } : {}), names: namesIn(next) },
    ...(isOfOthers(input.destination) ? { adopting: adoptingOf(input) } : {}),
  };
}
