/** Whether an issuance is due, why, and which of its places wait for a delivery: from rows and `now` alone. Pure. */
import type { CertificateSpec, Facts, IssuanceRequest } from '../../contract/certificate.ts';
import type { Iso } from '../../contract/ids.ts';
import type { Destination, Due, Issuance, Issued, Wanted } from '../../contract/rows.ts';
import { foundIn } from './found.ts';
import { renewalTime } from './renewal-time.ts';
import { holds, type Placed, type Trigger, triggerOf } from './triggers.ts';

export interface IssuanceSeen {
  readonly id: string;
  readonly request: IssuanceRequest;
  /** Absent = as stored. */
  readonly registeredDomains?: readonly string[];
  /** As stored; absent = new. */
  readonly issuance?: Issuance;
  /** When its row wakes, as stored. */
  readonly wakeAt?: Iso;
  /** Those who want it now, none of them held. */
  readonly wanted: readonly Wanted[];
  /** Rows of their places; one that is missing was never looked at. */
  readonly destinations: readonly Destination[];
  /** Whether a look at the party was tried, whatever came of it: nobody waits for a source that does not answer. */
  readonly wasTried: (destination: { readonly place: string }) => boolean;
  readonly now: Date;
}

export interface Assessment {
  readonly issuance: Issuance;
  /** Absent = nothing to do until somebody looks again. */
  readonly wakeAt?: Iso;
  /** Places to be delivered now. */
  readonly deliver: readonly string[];
}

/** Whether somebody may write there; places that were refused never cause an order. */
export function isWritable({ ownership, adopt }: Destination): boolean {
  if (ownership.is === 'owned' || ownership.is === 'unwritable') return false;
  return ownership.is === 'adoptable' || ownership.is === 'other-installation' ? adopt : true;
}

const wasSeen = ({ ownership }: Destination): boolean => ownership.is !== 'unknown';

function placedOf({ wanted, destinations, request, now }: IssuanceSeen): readonly Placed[] {
  const members = new Map(wanted.map((one) => [one.id, one]));
  return destinations.flatMap((destination) => {
    const member = members.get(destination.certificate);
    const isPlaceOf = member?.places.some(({ place }) => place === destination.place);
    return member && isPlaceOf ? [{ destination, request, spec: member.spec, name: member.name, now }] : [];
  });
}

/** The stored certificate, unless a place holds a later one that is what is wanted. */
function currentOf({ id, issuance }: IssuanceSeen, placed: readonly Placed[]): Issued | undefined {
  const stored = issuance?.current;
  const found = foundIn(
    placed.filter(({ destination }) => wasSeen(destination)),
    id,
  );
  return found && (!stored || found.facts.notAfter > stored.facts.notAfter) ? found : stored;
}

function renewAtBy(spec: CertificateSpec, { notBefore, notAfter }: Facts): Iso | undefined {
  const { at } = renewalTime({
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    ...(spec.renewBeforeMs === undefined ? {} : { renewBefore: spec.renewBeforeMs }),
    ...(spec.renewBeforePercentage === undefined ? {} : { renewBeforePercentage: spec.renewBeforePercentage }),
    ...(spec.renewal ? { policy: spec.renewal.policy, windows: spec.renewal.windows } : {}),
  });
  return at?.toISOString();
}

/** The earliest that any member asks for. */
export const renewAtOf = (current: Issued, wanted: readonly Wanted[]): Iso | undefined =>
  wanted.flatMap(({ spec }) => renewAtBy(spec, current.facts) ?? []).toSorted()[0];

type Verdict = { readonly is: 'fine' | 'deliver' } | { readonly is: 'order'; readonly trigger: Trigger };

/** A pair that does not fit is never repaired by delivering the same again: the key may be known, so it is replaced. */
function verdictOn(placed: Placed, current: Issued | undefined): Verdict {
  const hit = triggerOf(placed);
  const { have } = placed.destination;
  if (!hit) {
    if (!current || holds(have, current) || endsLater(have?.facts?.notAfter, current)) return { is: 'fine' };
    if (current.sealedKey !== undefined) return { is: 'deliver' };
    const own = ageTriggerOf(placed);
    return own ? { is: 'order', trigger: own } : { is: 'fine' };
  }
  const isKept = current?.sealedKey !== undefined && current.facts.notAfter > placed.now.toISOString();
  const isRepairable = hit.reason !== 'InvalidKeyPair' || (have !== undefined && !holdsSameLeaf(have, current));
  return isKept && isRepairable ? { is: 'deliver' } : { is: 'order', trigger: hit };
}

/** A place whose own certificate is due cannot wait for a younger one that others have, and whose key is forgotten. */
function ageTriggerOf({ destination: { place, have }, spec, now }: Placed): Trigger | undefined {
  const renewAt = have?.facts && renewAtBy(spec, have.facts);
  return renewAt && renewAt <= now.toISOString()
    ? { reason: 'Renewing', message: `the renewal time of what ${place} holds was ${renewAt}` }
    : undefined;
}

const endsLater = (notAfter: Iso | undefined, current: Issued | undefined): boolean =>
  notAfter !== undefined && current !== undefined && notAfter > current.facts.notAfter;

const holdsSameLeaf = (have: NonNullable<Destination['have']>, current: Issued | undefined): boolean =>
  have.facts?.sha256 === current?.facts.sha256;

function dueOf(seen: IssuanceSeen, current: Issued | undefined, order: Trigger | undefined): Due | undefined {
  const { issuance, now } = seen;
  const since = (reason: Due['reason']): Iso =>
    issuance?.due?.reason === reason ? issuance.due.since : now.toISOString();
  const forced = issuance?.forced;
  if (forced) return { reason: 'Forced', message: `asked for by ${forced.by}`, since: forced.at };
  const hasFailed = issuance?.failure !== undefined && issuance.current === current;
  if (issuance?.due?.reason === 'Forced' && hasFailed) return issuance.due;
  if (issuance?.attempt)
    return issuance.due ?? { reason: 'Resumed', message: 'an attempt was begun', since: issuance.attempt.startedAt };
  if (order) return { reason: order.reason, message: order.message, since: since(order.reason) };
  const renewAt = current && renewAtOf(current, seen.wanted);
  if (!renewAt || renewAt > now.toISOString()) return undefined;
  const { notAfter } = current.facts;
  if (notAfter <= now.toISOString())
    return { reason: 'Expired', message: `it expired at ${notAfter}`, since: notAfter };
  return { reason: 'Renewing', message: `its renewal time was ${renewAt}, it ends at ${notAfter}`, since: renewAt };
}

/** Nothing is decided before every party that answers was looked at: what is wanted may be there already. */
const isUndecided = ({ destinations, wanted, wasTried }: IssuanceSeen): boolean =>
  wanted.some(({ places }) =>
    places.some((wish) => {
      const row = destinations.find(({ place }) => place === wish.place);
      return !(row && wasSeen(row)) && !wasTried(wish);
    }),
  );

function wakeAtOf(issuance: Issuance, stored: Iso | undefined, canWrite: boolean): Iso | undefined {
  const { due, failure, renewAt, members, attempt, forced } = issuance;
  if (forced && !(failure && failure.lastAt >= forced.at)) return forced.at;
  // one that was put to sleep while nobody wanted it goes on when somebody does
  if (attempt) return stored ?? (members.length > 0 ? attempt.startedAt : undefined);
  if (members.length === 0) return undefined;
  if (!due) return canWrite ? renewAt : undefined;
  return failure && failure.retryAt > due.since ? failure.retryAt : due.since;
}

/** What the rows say of one issuance. An attempt that was begun is never touched. */
export function assessIssuance(seen: IssuanceSeen): Assessment {
  const { id, request, registeredDomains, issuance, wanted } = seen;
  const placed = placedOf(seen);
  const writable = placed.filter(({ destination }) => isWritable(destination));
  const current = currentOf(seen, placed);
  const undecided = isUndecided(seen);
  const verdicts = undecided
    ? []
    : writable
        .filter(({ destination }) => wasSeen(destination) || current?.sealedKey !== undefined)
        .map((one) => ({ place: one.destination.place, verdict: verdictOn(one, current) }));
  const order = verdicts.flatMap(({ verdict }) => (verdict.is === 'order' ? [verdict.trigger] : []))[0];
  const { due: _due, current: stored, renewAt: _renewAt, failure, ...rest } = issuance ?? {};
  const due = undecided ? issuance?.due : dueOf(seen, current, order);
  const isDue = due !== undefined && (writable.length > 0 || due.reason === 'Forced' || due.reason === 'Resumed');
  const renewAt = current && renewAtOf(current, wanted);
  const next: Issuance = {
    ...rest,
    ...{ id, request, members: wanted.map((one) => one.id).toSorted(), keyPolicy: keyPolicyOf(wanted) },
    ...(registeredDomains ? { registeredDomains } : {}),
    ...(current ? { current } : {}),
    ...(failure && current === stored ? { failure } : {}),
    ...(renewAt ? { renewAt } : {}),
    ...(isDue ? { due } : {}),
  };
  const wakeAt = undecided ? seen.wakeAt : wakeAtOf(next, seen.wakeAt, writable.length > 0);
  return {
    issuance: next,
    ...(wakeAt ? { wakeAt } : {}),
    deliver: verdicts.flatMap(({ place, verdict }) => (verdict.is === 'deliver' ? [place] : [])),
  };
}

const keyPolicyOf = (wanted: readonly Wanted[]): Issuance['keyPolicy'] =>
  wanted.some(({ origin }) => origin === 'FleetCertificate') ? 'keep' : 'ephemeral';
