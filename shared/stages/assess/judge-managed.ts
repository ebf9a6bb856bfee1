/** Certificates that our plan renews: judged by the plan, not by age: overdue, failing, expired. From rows alone. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import type { Iso } from '../../contract/ids.ts';
import type { Destination, Failure, Issuance, Wanted } from '../../contract/rows.ts';
import { isWritable } from './assess-issuance.ts';
import { contentOfDestination, evidenceOf, namesOf, objectOfWanted, oneEach, renewAtOf } from './content.ts';
import { judgeDestination } from './judge-destination.ts';
import { ageVerdict } from './judge-unmanaged.ts';
import { instant, list, shortened, span, times } from './phrases.ts';
import { criticalWindow, isExpired, lifetimeOf, overdueAt } from './thresholds.ts';

/** Failures in a row that say it will not come right by itself. */
const FAILURES_THAT_TELL = 3;

export interface Managed {
  readonly wanted: Wanted;
  readonly issuance: Issuance;
  /** Rows of its places. */
  readonly destinations: readonly Destination[];
}

interface PlacedFacts {
  readonly facts: Facts;
  readonly where: string;
}

/** What the places hold, soonest end first; what was issued last where nobody knows. */
function certificatesOf({ issuance, destinations }: Managed): readonly PlacedFacts[] {
  const contents = destinations.map(contentOfDestination);
  const seen = contents.flatMap(({ facts, place }) => (facts ? [{ facts, where: place }] : []));
  const isUnknown = contents.every(({ is }) => is === 'unknown');
  const current = issuance.current?.facts;
  if (seen.length === 0 && isUnknown && current) return [{ facts: current, where: 'the last issuance' }];
  return seen.toSorted((a, b) => Date.parse(a.facts.notAfter) - Date.parse(b.facts.notAfter));
}

/** The failure that tells most: of the order, else of the delivery that failed most often. A place that refuses is told as such. */
export function failureOf({ issuance, destinations }: Omit<Managed, 'wanted'>): Failure | undefined {
  const delivery = destinations
    .filter(isWritable)
    .flatMap(({ failure }) => failure ?? [])
    .toSorted((a, b) => b.count - a.count);
  return issuance.failure ?? delivery[0];
}

const rootCauseOf = ({ stage, problem }: Failure, { wanted, issuance }: Managed): string =>
  `${stage}:${stage === 'deliver' || stage === 'verify' ? wanted.source : issuance.request.issuer}:${problem.type}`;

const failureEvidence = (failure: Failure): Readonly<Record<string, string>> => ({
  stage: failure.stage,
  problem: failure.problem.detail,
  problemType: failure.problem.type,
  tried: String(failure.count),
  firstFailure: failure.firstAt,
  lastFailure: failure.lastAt,
  nextAttempt: failure.retryAt,
});

interface Seen extends Managed {
  readonly certificates: readonly PlacedFacts[];
  readonly failure?: Failure;
}

function shared({ wanted, issuance, failure }: Seen, facts: Facts | undefined) {
  return {
    object: objectOfWanted(wanted),
    names: namesOf(issuance.request),
    evidence: {
      ...(facts && evidenceOf(facts)),
      secret: list(wanted.places.map(({ place }) => place)),
      askedOf: issuance.request.issuer,
      ...(failure && failureEvidence(failure)),
    },
    ...(facts && { serial: facts.serial }),
  };
}

const needsConsent = ({ ownership, adopt }: Destination): boolean =>
  !adopt && (ownership.is === 'adoptable' || ownership.is === 'other-installation');

/** What comes right by itself needs patience first. */
function fixOf({ wanted: { id }, failure, destinations }: Seen): string {
  const waits = destinations.length > 0 && destinations.every(needsConsent);
  if (waits) return `Agree that its Secret is taken over: nolapse adopt ${id}`;
  if (!failure) return `Renew it now: nolapse renew ${id}`;
  const { problem, retryAt, count } = failure;
  if (problem.fix) return problem.fix;
  const isPatient = problem.retry === 'later' && count < FAILURES_THAT_TELL;
  const wait = isPatient ? `Nothing yet: it is tried again at ${instant(retryAt)}. ` : '';
  return `${wait}See every step: nolapse explain ${id}`;
}

function expired(seen: Seen, now: Date): readonly Verdict[] {
  const gone = seen.certificates.filter(({ facts }) => isExpired(facts, now));
  const [first] = gone;
  if (!first) return [];
  const where = list(gone.map((one) => one.where));
  return [
    {
      ...shared(seen, first.facts),
      code: 'expired',
      severity: 'critical',
      message: `The certificate of ${seen.wanted.id} in ${where} expired on ${instant(first.facts.notAfter)}.`,
      since: first.facts.notAfter,
      fix: fixOf(seen),
      ...(seen.failure && { rootCause: rootCauseOf(seen.failure, seen) }),
    },
  ];
}

/** The instant from which it should have been renewed: by age, or since another reason made it due. */
function dueSince({ wanted, issuance }: Managed, facts: Facts | undefined, now: Date): Iso | undefined {
  const byAge = facts && renewAtOf(facts, wanted.spec, issuance);
  return [byAge, issuance.due?.since]
    .flatMap((at) => (at !== undefined && Date.parse(at) <= now.getTime() ? [at] : []))
    .toSorted()[0];
}

/** When a managed certificate became overdue; undefined while it is in time. */
export function overdueSince(managed: Managed, facts: Facts | undefined, now: Date): Date | undefined {
  const base = dueSince(managed, facts, now);
  const at = base && overdueAt(base, facts ? lifetimeOf(facts) : managed.issuance.request.durationMs);
  return at && at <= now ? at : undefined;
}

function overdue(seen: Seen, now: Date): readonly Verdict[] {
  const facts = seen.certificates[0]?.facts;
  const since = overdueSince(seen, facts, now);
  const base = dueSince(seen, facts, now);
  if (!since || !base || (facts && isExpired(facts, now))) return [];
  const left = facts && Date.parse(facts.notAfter) - now.getTime();
  const isCritical = facts !== undefined && left !== undefined && left <= criticalWindow(lifetimeOf(facts));
  const ending = left === undefined ? '' : ` and ends in ${span(left)}`;
  const { id } = seen.wanted;
  const { evidence, ...rest } = shared(seen, facts);
  return [
    {
      ...rest,
      code: 'renewal-overdue',
      severity: isCritical ? 'critical' : 'high',
      message: `The certificate of ${id} should have been renewed by ${instant(base)}${ending}.`,
      evidence: { ...evidence, renewAt: base },
      since: since.toISOString(),
      fix: fixOf(seen),
      ...(seen.failure && { rootCause: rootCauseOf(seen.failure, seen) }),
    },
  ];
}

function failing(seen: Seen): readonly Verdict[] {
  const { failure, wanted, certificates } = seen;
  if (!failure) return [];
  const { count, problem, stage, firstAt } = failure;
  const needsSomebody = problem.retry === 'never' || certificates.length === 0;
  const what = stage === 'deliver' || stage === 'verify' ? 'Delivery' : 'Renewal';
  return [
    {
      ...shared(seen, certificates[0]?.facts),
      code: 'renewal-failing',
      severity: count >= FAILURES_THAT_TELL ? 'high' : needsSomebody ? 'warning' : 'info',
      message: `${what} of ${wanted.id} failed ${times(count)} since ${instant(firstAt)}: ${shortened(problem.detail)}`,
      since: firstAt,
      fix: fixOf(seen),
      rootCause: rootCauseOf(failure, seen),
    },
  ];
}

/** Renewal is switched off, so that there is no plan to be judged by: its age is all there is. */
function byHand({ wanted, certificates }: Seen, now: Date): readonly Verdict[] {
  const facts = certificates[0]?.facts;
  if (!facts || isExpired(facts, now) || wanted.spec.renewal?.policy !== 'Disabled') return [];
  const standing = { references: [], heldId: wanted.id, managedBy: 'nolapse' };
  return ageVerdict(facts, { object: objectOfWanted(wanted), label: wanted.id, standing }, now);
}

function judgeOne(managed: Managed, now: Date): readonly Verdict[] {
  const failure = failureOf(managed);
  const seen: Seen = { ...managed, certificates: certificatesOf(managed), ...(failure && { failure }) };
  return [...expired(seen, now), ...overdue(seen, now), ...byHand(seen, now), ...failing(seen)];
}

/**
 * What rows alone say of one issuance, for the owner `ISS#<id>`: `expired`, `renewal-overdue`, `renewal-failing` of each who wants it;
 * `destination-refused`, `adoptable`, `key-mismatch`, `unreadable` of each of its places.
 * `destinations`: the rows of its places.
 */
export function judgeIssuance(
  seen: {
    readonly issuance: Issuance;
    readonly wanted: readonly Wanted[];
    readonly destinations: readonly Destination[];
  },
  now: Date,
): readonly Verdict[] {
  const { issuance, wanted } = seen;
  const mine = seen.destinations.filter((row) => row.issuance === issuance.id);
  const ofWanted = wanted
    .filter(({ goneAt }) => goneAt === undefined)
    .flatMap((one) => {
      const destinations = mine.filter(({ certificate }) => certificate === one.id);
      return judgeOne({ wanted: one, issuance, destinations }, now);
    });
  return oneEach([...ofWanted, ...mine.flatMap((destination) => judgeDestination(destination, issuance, now))]);
}
