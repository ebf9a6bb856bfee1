/** Whether an issuance that is due may be ordered now: the same decision for `nolapse plan` and at the head of the issue lane. Pure. */
import { type Iso, placeParts } from '../../contract/ids.ts';
import { MAX_SECRET_BYTES } from '../../contract/limits.ts';
import type { Authority } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Destination, Failure, Issuance, Limit, Wanted } from '../../contract/rows.ts';
import {
  blockingScopes,
  failedAuthorizationLimits,
  type LimitUse,
  limitsOf,
  type SpentLimit,
  spend,
  useOf,
} from '../../standards/acme/rate-limits.ts';
import { estimatedBundleBytes } from './bundle-size.ts';

export interface PlanInput {
  readonly issuance: Issuance;
  /** The rows of its members, whatever they say now. */
  readonly wanted: readonly Wanted[];
  readonly destinations: readonly Destination[];
  readonly scope?: NonNullable<Authority['scope']>;
  /** Limit rows of the scope by their keys. */
  readonly limits: ReadonlyMap<string, Limit>;
  /** The fleet is given up. */
  readonly isLeaving?: boolean;
  readonly now: Date;
}

/** A limit as it is written before the CA is asked, and as it was when that was decided. */
export interface Spent {
  readonly limit: Limit;
  readonly before: Limit | undefined;
}

export type Decision =
  /** `spent`: by the keys of their rows. */
  | { readonly is: 'go'; readonly spent: ReadonlyMap<string, Spent> }
  | { readonly is: 'deferred'; readonly reason: string; readonly message: string; readonly at?: Iso }
  /** Not before somebody changes something; nothing was asked of anyone. */
  | { readonly is: 'refused'; readonly problem: Problem };

type Check = (input: PlanInput) => Decision | undefined;

const deferred = (reason: string, message: string, at?: Iso): Decision => ({
  is: 'deferred',
  ...{ reason, message },
  ...(at ? { at } : {}),
});

/** What was asked for may have changed since it became due; then the next look says so. */
const isStillWanted: Check = ({ issuance, wanted }) => {
  const still = wanted.filter((one) => one.issuance === issuance.id && !one.held && !one.goneAt);
  if (still.length > 0) return undefined;
  const why = wanted.flatMap(({ held }) => held?.message ?? [])[0];
  return deferred('NotWanted', why ?? 'nobody asks for it any more');
};

/** Of an order as of a delivery. */
export const backoffOf = ({ count, problem, retryAt }: Failure) => ({
  ...{ reason: 'Backoff', at: retryAt },
  message: `${count === 1 ? 'tried once' : `tried ${count} times`}: ${problem.detail}`,
});

const isBackingOff: Check = ({ issuance: { failure, forced }, now }) => {
  if (!failure || failure.retryAt <= now.toISOString()) return undefined;
  if (forced && forced.at > failure.lastAt) return undefined;
  return { is: 'deferred', ...backoffOf(failure) };
};

/** Limits are spent by new orders; an attempt that has one goes on. */
const isGoingOn: Check = ({ issuance }) => (issuance.attempt ? { is: 'go', spent: new Map() } : undefined);

const isLeft: Check = ({ isLeaving }) =>
  isLeaving ? deferred('Leaving', 'the fleet was left: no new order is begun') : undefined;

const isTooLarge: Check = ({ issuance, destinations }) => {
  const store = destinations.find(({ place }) => placeParts(place).at === 'secretsManager');
  const bytes = estimatedBundleBytes(issuance.request, issuance.current);
  if (!store || bytes <= MAX_SECRET_BYTES) return undefined;
  return {
    is: 'refused',
    problem: {
      type: 'nolapse:bundle-too-large',
      detail: `the value of ${store.place} would have about ${bytes} bytes, Secrets Manager takes ${MAX_SECRET_BYTES}`,
      retry: 'never',
      fix: 'spread the names over several certificates, or take the Secrets Manager destination out',
    },
  };
};

/** What a new order spends from. */
const spentBy = (issuance: Issuance, directoryHost: string): readonly SpentLimit[] =>
  limitsOf(directoryHost, issuance, { renewal: issuance.current !== undefined });

const isLimited: Check = ({ issuance, scope, limits, now }) => {
  if (!scope) return { is: 'go', spent: new Map() };
  const blocked = blockingScopes(issuance).flatMap((key) => limits.get(key)?.blockedUntil ?? []);
  const until = blocked.toSorted().at(-1);
  if (until && until > now.toISOString())
    return deferred('RateLimited', `${scope.directoryHost} takes no such order before ${until}`, until);
  const failed = failedAuthorizationLimits(scope.directoryHost, issuance.request.dnsNames).map((limit) => ({
    ...limit,
    answer: spend(limits.get(limit.key), limit.rule, now),
  }));
  const spent = new Map<string, Spent>();
  for (const { key, rule, what } of spentBy(issuance, scope.directoryHost)) {
    const answer = spend(limits.get(key), rule, now);
    if (!answer.allowed)
      return deferred('RateLimited', `the limit of ${what} at ${scope.directoryHost} is spent`, answer.at);
    spent.set(key, { limit: answer.limit, before: limits.get(key) });
  }
  const stopped = failed.find(({ answer }) => !answer.allowed);
  if (stopped && !stopped.answer.allowed)
    return deferred(
      'RateLimited',
      `the limit of ${stopped.what} at ${scope.directoryHost} is spent`,
      stopped.answer.at,
    );
  return { is: 'go', spent };
};

/** In this order: the first that decides, decides. */
const CHECKS: readonly Check[] = [isStillWanted, isBackingOff, isGoingOn, isLeft, isTooLarge, isLimited];

export function planIssuance(input: PlanInput): Decision {
  for (const check of CHECKS) {
    const decision = check(input);
    if (decision) return decision;
  }
  return { is: 'go', spent: new Map() };
}

/** How much is used of what the order spends from; an attempt that has its order spends nothing more. */
export const usesOf = ({
  issuance,
  scope,
  limits,
  now,
}: Pick<PlanInput, 'issuance' | 'scope' | 'limits' | 'now'>): readonly LimitUse[] =>
  scope && !issuance.attempt
    ? spentBy(issuance, scope.directoryHost).map((one) => useOf(limits.get(one.key), one, now))
    : [];

/** Every row that planIssuance may ask for. */
export const limitKeysOf = (issuance: Issuance, directoryHost: string): readonly string[] => [
  ...new Set([
    ...blockingScopes(issuance),
    ...limitsOf(directoryHost, issuance, { renewal: false }).map(({ key }) => key),
    ...failedAuthorizationLimits(directoryHost, issuance.request.dnsNames).map(({ key }) => key),
  ]),
];

/** Soonest end first; what has never been issued before everything else. */
export const byExpiry = (a: Issuance, b: Issuance): number =>
  (a.current?.facts.notAfter ?? '').localeCompare(b.current?.facts.notAfter ?? '') || a.id.localeCompare(b.id);
