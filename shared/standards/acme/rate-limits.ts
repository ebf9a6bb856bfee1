/** Let's Encrypt's rate limits as data, counted as boulder counts them (GCRA), and which of them a 429 speaks of. Pure. */
import { createHash } from 'node:crypto';
import type { IssuanceRequest } from '../../contract/certificate.ts';
import type { Iso } from '../../contract/ids.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Issuance, Limit } from '../../contract/rows.ts';
import { namesIn } from './fixes.ts';

/** `burst` at once, refilled evenly over `periodMs`. */
export interface LimitRule {
  readonly burst: number;
  readonly periodMs: number;
}

/** One limit that an order spends from. */
export interface SpentLimit {
  /** Sort key of the row (keys.limit). */
  readonly key: string;
  readonly rule: LimitRule;
  /** For people: what is counted. */
  readonly what: string;
}

interface DirectoryLimits {
  readonly newOrders: LimitRule;
  readonly certificatesPerDomain: LimitRule;
  readonly exactSet: LimitRule;
  readonly failedAuthorizations: LimitRule;
}

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

/** letsencrypt.org/docs/rate-limits and /docs/staging-environment, August 2026. Other CAs say theirs by 429 only. */
const LIMITS: ReadonlyMap<string, DirectoryLimits> = new Map([
  [
    'acme-v02.api.letsencrypt.org',
    {
      newOrders: { burst: 300, periodMs: 3 * HOUR },
      certificatesPerDomain: { burst: 50, periodMs: WEEK },
      exactSet: { burst: 5, periodMs: WEEK },
      failedAuthorizations: { burst: 5, periodMs: HOUR },
    },
  ],
  [
    'acme-staging-v02.api.letsencrypt.org',
    {
      newOrders: { burst: 1_500, periodMs: 3 * HOUR },
      certificatesPerDomain: { burst: 30_000, periodMs: WEEK },
      exactSet: { burst: 30_000, periodMs: WEEK },
      failedAuthorizations: { burst: 200, periodMs: HOUR },
    },
  ],
]);

const NEW_ORDERS = 'new-orders';
const NEW_ACCOUNTS = 'new-accounts';
const domainKey = (domain: string): string => `certificates-per-domain#${domain}`;
const failedKey = (name: string): string => `failed-authorizations#${name}`;

type Names = Pick<IssuanceRequest, 'dnsNames' | 'ipAddresses'>;

const identifiersOf = ({ dnsNames, ipAddresses }: Names): readonly string[] =>
  [...new Set([...dnsNames, ...ipAddresses])].sort();

const exactSetKey = (names: Names): string =>
  `exact-set#${createHash('sha256').update(identifiersOf(names).join('\n')).digest('hex')}`;

const bare = (name: string): string => name.replace(/^\*\./, '').toLowerCase();

type Ordered = Pick<Issuance, 'registeredDomains'> & { readonly request: Names };

/** What new certificates are counted under. */
const domainsOf = ({ request, registeredDomains }: Ordered): readonly string[] =>
  [...new Set([...(registeredDomains ?? request.dnsNames.map(bare)), ...request.ipAddresses])].sort();

/**
 * The limits that one order spends from, each a row of (directory host, account). Unknown hosts have none.
 * `renewal`: the same set of names was issued before, so boulder spends neither of the first two.
 */
export function limitsOf(
  directoryHost: string,
  issuance: Ordered,
  { renewal }: { readonly renewal: boolean },
): readonly SpentLimit[] {
  const limits = LIMITS.get(directoryHost);
  if (!limits) return [];
  const exactSet = {
    key: exactSetKey(issuance.request),
    rule: limits.exactSet,
    what: 'certificates for this exact set of names',
  };
  if (renewal) return [exactSet];
  return [
    { key: NEW_ORDERS, rule: limits.newOrders, what: 'new orders of the account' },
    ...domainsOf(issuance).map((domain) => ({
      key: domainKey(domain),
      rule: limits.certificatesPerDomain,
      what: `new certificates under ${domain}`,
    })),
    exactSet,
  ];
}

/** Every scope whose 429 stops an order for these names (scopeOf429), whether or not anybody published a number for it. */
export const blockingScopes = (issuance: Ordered): readonly string[] => [
  NEW_ORDERS,
  NEW_ACCOUNTS,
  exactSetKey(issuance.request),
  ...domainsOf(issuance).map(domainKey),
  ...[...new Set(issuance.request.dnsNames.map(bare))].map(failedKey),
];

/** The limit that one failed authorization of each name spends from. */
export function failedAuthorizationLimits(directoryHost: string, names: readonly string[]): readonly SpentLimit[] {
  const limits = LIMITS.get(directoryHost);
  if (!limits) return [];
  return [...new Set(names.map(bare))].sort().map((name) => ({
    key: failedKey(name),
    rule: limits.failedAuthorizations,
    what: `failed authorizations of ${name}`,
  }));
}

/** How much of a limit is used at an instant. */
export interface LimitUse {
  /** For people: what is counted. */
  readonly what: string;
  readonly used: number;
  /** So many at once, refilled evenly over `periodMs`. */
  readonly of: number;
  readonly periodMs: number;
  /** The CA itself takes no more before. */
  readonly blockedUntil?: Iso;
}

// rounded up: a row holds whole milliseconds, and a fraction lost on each would add up to one too many
const intervalOf = ({ burst, periodMs }: LimitRule): number => Math.ceil(periodMs / burst);

/** As its row tells, so of what was spent here; what others spend of the same limit only the CA knows. */
export function useOf(limit: Limit | undefined, { rule, what }: SpentLimit, now: Date): LimitUse {
  const ahead = Math.max(0, (limit ? Date.parse(limit.tat) : 0) - now.getTime());
  const { blockedUntil } = limit ?? {};
  return {
    ...{
      what,
      used: Math.min(rule.burst, Math.ceil(ahead / intervalOf(rule))),
      of: rule.burst,
      periodMs: rule.periodMs,
    },
    ...(blockedUntil && blockedUntil > now.toISOString() ? { blockedUntil } : {}),
  };
}

export type Spending =
  | { readonly allowed: true; readonly limit: Limit }
  | { readonly allowed: false; readonly at: Iso };

/**
 * Spends one from a limit: the row to write, or the instant from which there is one to spend. Never lends: over any span of
 * `w` ms at most `burst + w / (periodMs / burst)` are allowed. What the CA blocked stays blocked until then.
 */
export function spend(limit: Limit | undefined, rule: LimitRule, now: Date): Spending {
  const at = now.getTime();
  const blockedUntil = limit?.blockedUntil ? Date.parse(limit.blockedUntil) : 0;
  if (blockedUntil > at) return { allowed: false, at: new Date(blockedUntil).toISOString() };
  const arrival = Math.max(limit ? Date.parse(limit.tat) : 0, at);
  const interval = intervalOf(rule);
  const next = arrival + interval;
  const earliest = next - rule.burst * interval;
  if (earliest > at) return { allowed: false, at: new Date(earliest).toISOString() };
  return { allowed: true, limit: { tat: new Date(next).toISOString(), saidBy: 'us' } };
}

/**
 * The row that a 429 blocks, read from boulder's words; what cannot be told from them blocks the new orders of the account.
 * A domain or name that is quoted is taken as quoted: it is what the CA counts under.
 */
export function scopeOf429(problem: Pick<Problem, 'detail' | 'subproblems'>, request: Names): string {
  const { detail } = problem;
  if (/too many new registrations/.test(detail)) return NEW_ACCOUNTS;
  if (/exact set of (identifiers|domains)/.test(detail)) return exactSetKey(request);
  const domain = /too many certificates \(\d+\) already issued for "([^"]+)"/.exec(detail)?.[1];
  if (domain) return domainKey(domain);
  const failed = /too many failed authorizations \(\d+\) for "([^"]+)"/.exec(detail)?.[1];
  if (failed) return failedKey(failed);
  const [paused] = /temporarily prevented from requesting/.test(detail)
    ? namesIn({ detail, subproblems: problem.subproblems ?? [] })
    : [];
  return paused ? failedKey(paused) : NEW_ORDERS;
}
