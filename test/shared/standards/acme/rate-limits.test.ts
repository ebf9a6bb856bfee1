/** Let's Encrypt's limits: which an order spends, that none is overspent, and what a 429 blocks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Limit } from '../../../../shared/contract/rows.ts';
import {
  failedAuthorizationLimits,
  type LimitRule,
  limitsOf,
  scopeOf429,
  spend,
  useOf,
} from '../../../../shared/standards/acme/rate-limits.ts';

import { registeredDomains } from '../../../../shared/standards/dns/public-suffix.ts';

const PRODUCTION = 'acme-v02.api.letsencrypt.org';
const STAGING = 'acme-staging-v02.api.letsencrypt.org';
const start = Date.parse('2026-11-24T09:00:00.000Z');
const names = (...dnsNames: string[]) => ({ dnsNames, ipAddresses: [] });
const ordered = (...dnsNames: string[]) => ({
  request: names(...dnsNames),
  registeredDomains: registeredDomains(dnsNames),
});
const exactSet = (...dnsNames: string[]): string =>
  limitsOf(PRODUCTION, ordered(...dnsNames), { renewal: true })[0]?.key ?? '';
const domainsOf = (issuance: Parameters<typeof limitsOf>[1]): readonly string[] =>
  limitsOf(PRODUCTION, issuance, { renewal: false }).flatMap(
    ({ key }) => /^certificates-per-domain#(.*)/.exec(key)?.[1] ?? [],
  );

/** The instants of `tries` at which the rule allowed one. */
function allowedAt(rule: LimitRule, tries: readonly number[]): readonly number[] {
  let limit: Limit | undefined;
  return tries.filter((at) => {
    const spending = spend(limit, rule, new Date(at));
    if (spending.allowed) limit = spending.limit;
    return spending.allowed;
  });
}

describe('spend', () => {
  test('allows the burst at once, then one each interval', () => {
    const rule = { burst: 5, periodMs: 3_600_000 };
    const tries = [...Array.from({ length: 7 }, () => start), start + 719_999, start + 720_000, start + 720_001];
    expect(allowedAt(rule, tries)).toEqual([start, start, start, start, start, start + 720_000]);
  });

  test('names the instant from which it allows one, and allows it then', () => {
    const rule = { burst: 1, periodMs: 1_000 };
    const first = spend(undefined, rule, new Date(start));
    if (!first.allowed) throw new Error('the first was not allowed');
    expect(spend(first.limit, rule, new Date(start + 1))).toEqual({ allowed: false, at: '2026-11-24T09:00:01.000Z' });
    expect(spend(first.limit, rule, new Date(start + 1_000)).allowed).toBe(true);
  });

  test('allows nothing until what the CA blocked is over, and forgets the block after', () => {
    const limit: Limit = { tat: new Date(start).toISOString(), blockedUntil: '2026-11-24T12:00:00.000Z', saidBy: 'ca' };
    const rule = { burst: 300, periodMs: 10_800_000 };
    expect(spend(limit, rule, new Date(start))).toEqual({ allowed: false, at: '2026-11-24T12:00:00.000Z' });
    expect(spend(limit, rule, new Date('2026-11-24T12:00:00.000Z'))).toEqual({
      allowed: true,
      limit: { tat: '2026-11-24T12:00:36.000Z', saidBy: 'us' },
    });
  });

  const rules = fc.record({ burst: fc.integer({ min: 1, max: 40 }), periodMs: fc.integer({ min: 1, max: 100_000 }) });
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })), { maxLength: 120 });

  test('never allows more than burst + rate in any window', () => {
    fc.assert(
      fc.property(rules, gaps, (rule, waits) => {
        let at = start;
        const allowed = allowedAt(
          rule,
          waits.map((wait) => {
            at += wait;
            return at;
          }),
        );
        allowed.forEach((from, i) => {
          allowed.slice(i).forEach((to, n) => {
            expect(n + 1).toBeLessThanOrEqual(rule.burst + Math.floor((to - from) / (rule.periodMs / rule.burst)));
          });
        });
      }),
    );
  });

  test('allows the whole burst, and one at the instant it named', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 10_000 }), (rule, extra) => {
        let limit: Limit | undefined;
        for (let n = 0; n < rule.burst; n += 1) {
          const spending = spend(limit, rule, new Date(start));
          if (!spending.allowed) throw new Error(`only ${n} of a burst of ${rule.burst}`);
          limit = spending.limit;
        }
        const refused = spend(limit, rule, new Date(start));
        if (refused.allowed) throw new Error('more than the burst');
        expect(spend(limit, rule, new Date(Date.parse(refused.at) - 1)).allowed).toBe(false);
        expect(spend(limit, rule, new Date(Date.parse(refused.at) + extra)).allowed).toBe(true);
      }),
    );
  });
});

describe('useOf', () => {
  const limit = { key: 'k', what: 'orders', rule: { burst: 5, periodMs: 500_000 } };
  const use = (row: Limit | undefined, later = 0) => useOf(row, limit, new Date(start + later));

  test('counts what was spent, and gives it back evenly', () => {
    let row: Limit | undefined;
    const used = [use(row).used];
    for (let n = 0; n < 5; n += 1) {
      const answer = spend(row, limit.rule, new Date(start));
      if (answer.allowed) row = answer.limit;
      used.push(use(row).used);
    }
    expect(used).toEqual([0, 1, 2, 3, 4, 5]);
    expect([99_999, 100_000, 300_000, 500_000, 900_000].map((later) => use(row, later).used)).toEqual([5, 4, 2, 0, 0]);
    expect(use(row)).toEqual({ what: 'orders', used: 5, of: 5, periodMs: 500_000 });
  });

  test("has the CA's own no as long as it holds", () => {
    const blockedUntil = new Date(start + 1_000).toISOString();
    const row: Limit = { tat: new Date(start).toISOString(), blockedUntil, saidBy: 'ca' };
    expect(use(row)).toMatchObject({ used: 0, blockedUntil });
    expect(use(row, 1_000)).not.toHaveProperty('blockedUntil');
  });
});

describe('limitsOf', () => {
  test("lists Let's Encrypt's three for a new set, each registered domain once", () => {
    const issuance = ordered('*.shop.example.co.uk', 'a.example.co.uk', 'b.example.com', 'me.github.io');
    expect(
      limitsOf(PRODUCTION, issuance, { renewal: false }).map(({ key, rule }) => [
        key.split('#')[0],
        key.split('#')[1]?.length === 64 ? 'hash' : key.split('#')[1],
        rule.burst,
        rule.periodMs,
      ]),
    ).toEqual([
      ['new-orders', undefined, 300, 10_800_000],
      ['certificates-per-domain', 'example.co.uk', 50, 604_800_000],
      ['certificates-per-domain', 'example.com', 50, 604_800_000],
      ['certificates-per-domain', 'me.github.io', 50, 604_800_000],
      ['exact-set', 'hash', 5, 604_800_000],
    ]);
  });

  test('a renewal of the same set spends the exact set only', () => {
    const limits = limitsOf(PRODUCTION, ordered('a.example.com'), { renewal: true });
    expect(limits.map(({ what }) => what)).toEqual(['certificates for this exact set of names']);
  });

  test('staging is wider', () => {
    const bursts = limitsOf(STAGING, ordered('a.example.com'), { renewal: false }).map(({ rule }) => rule.burst);
    expect(bursts).toEqual([1_500, 30_000, 30_000]);
  });

  test.each(['127.0.0.1:14000', 'acme.zerossl.com', 'letsencrypt.org'])('%s has none that we know', (host) => {
    expect(limitsOf(host, ordered('a.example.com'), { renewal: false })).toEqual([]);
    expect(failedAuthorizationLimits(host, ['a.example.com'])).toEqual([]);
  });

  test('the exact set is the same whatever the order, and another with another name', () => {
    expect(exactSet('b.example.com', 'a.example.com')).toBe(exactSet('a.example.com', 'b.example.com'));
    expect(exactSet('a.example.com')).not.toBe(exactSet('a.example.com', 'b.example.com'));
    expect(exactSet('*.example.com')).not.toBe(exactSet('example.com'));
  });

  test('a row of a version that did not write the registered domains counts each name under itself', () => {
    const request = names('*.shop.example.com', 'Shop.example.com', 'b.example.com');
    expect(domainsOf({ request })).toEqual(['b.example.com', 'shop.example.com']);
    expect(domainsOf({ request, registeredDomains: ['example.com'] })).toEqual(['example.com']);
  });

  test('an address counts under itself', () => {
    const request = { dnsNames: ['a.example.com'], ipAddresses: ['192.0.2.1'] };
    expect(domainsOf({ request, registeredDomains: ['example.com'] })).toEqual(['192.0.2.1', 'example.com']);
  });
});

test('failed authorizations are counted by name, a wildcard with its base', () => {
  expect(failedAuthorizationLimits(PRODUCTION, ['*.a.example.com', 'a.example.com', 'b.example.com'])).toEqual([
    {
      key: 'failed-authorizations#a.example.com',
      rule: { burst: 5, periodMs: 3_600_000 },
      what: 'failed authorizations of a.example.com',
    },
    {
      key: 'failed-authorizations#b.example.com',
      rule: { burst: 5, periodMs: 3_600_000 },
      what: 'failed authorizations of b.example.com',
    },
  ]);
});

describe('scopeOf429', () => {
  const request = names('shop.example.com');
  test.each([
    ['too many new orders (300) from this account in the last 3h0m0s, retry after X', 'new-orders'],
    [
      'too many certificates (50) already issued for "example.com" in the last 168h0m0s',
      'certificates-per-domain#example.com',
    ],
    [
      'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s',
      exactSet('shop.example.com'),
    ],
    [
      'too many certificates (5) already issued for this exact set of domains in the last 168 hours',
      exactSet('shop.example.com'),
    ],
    [
      'too many failed authorizations (5) for "shop.example.com" in the last 1h0m0s',
      'failed-authorizations#shop.example.com',
    ],
    ['too many new registrations (10) from this IP address in the last 3h0m0s', 'new-accounts'],
    [
      'Your account is temporarily prevented from requesting certificates for "shop.example.com" and possibly others',
      'failed-authorizations#shop.example.com',
    ],
    ['Your account is temporarily prevented from requesting certificates', 'new-orders'],
    ['Service busy; retry later.', 'new-orders'],
    ['', 'new-orders'],
  ])('%s', (detail, key) => {
    expect(scopeOf429({ detail }, request)).toBe(key);
  });

  test('blocks a row that an order of the same names looks at', () => {
    const keys = limitsOf(PRODUCTION, ordered('shop.example.com'), { renewal: false }).map(({ key }) => key);
    for (const detail of [
      'too many new orders (300)',
      'already issued for this exact set of identifiers',
      'too many certificates (50) already issued for "example.com"',
    ])
      expect(keys).toContain(scopeOf429({ detail }, request));
  });
});
