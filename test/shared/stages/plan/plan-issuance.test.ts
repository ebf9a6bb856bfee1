/** The plan of one issuance: every check alone, which comes before which, and limits that never lend. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Issuance, Limit, Wanted } from '../../../../shared/contract/rows.ts';
import { byExpiry, limitKeysOf, type PlanInput, planIssuance } from '../../../../shared/stages/plan/plan-issuance.ts';
import { blockingScopes, limitsOf } from '../../../../shared/standards/acme/rate-limits.ts';
import * as things from '../assess/judged-things.ts';
import { at, DAY, destination, facts, failure, HOUR, NOW, wanted } from '../assess/judged-things.ts';

const SCOPE = { directoryHost: 'acme-v02.api.letsencrypt.org', account: 'https://ca/acct/1' };
const issuance = (more: Partial<Issuance> = {}): Issuance => things.issuance('a', undefined, more);
const { request } = issuance();
const input = (more: Partial<PlanInput> = {}): PlanInput => ({
  ...{ issuance: issuance(), wanted: [wanted('a')], destinations: [destination('a')], limits: new Map(), now: NOW },
  ...more,
});
const ATTEMPT = {
  ...{ id: 'attempt-1', startedAt: at(-HOUR), deadline: at(HOUR), pickups: 1 },
  step: { at: 'created', orderUrl: 'https://ca/order/1' },
} as const;
const LARGE = { ...request, dnsNames: Array.from({ length: 300 }, (_, n) => `${'n'.repeat(60)}.${n}.example.com`) };
const store = destination('a', undefined, { place: 'secretsmanager/certs/shop' });
const spentBy = (scope: string): ReadonlyMap<string, Limit> =>
  new Map([[scope, { tat: at(0), blockedUntil: at(HOUR), saidBy: 'ca' }]]);
const [newOrders = '', , exactSet = ''] = blockingScopes(issuance());

/** What is wrong, in the order in which it decides; `forced` and the like undo none before them. */
const WRONG: readonly [string, Partial<PlanInput>, object][] = [
  ['nobody asks for it', { wanted: [] }, { is: 'deferred', reason: 'NotWanted' }],
  ['backing off', { issuance: issuance({ failure: failure(2) }) }, { is: 'deferred', reason: 'Backoff', at: at(HOUR) }],
  ['of a fleet that is left', { isLeaving: true }, { is: 'deferred', reason: 'Leaving' }],
  [
    'too large',
    { issuance: issuance({ request: LARGE }), destinations: [store] },
    { is: 'refused', problem: { type: 'nolapse:bundle-too-large', retry: 'never' } },
  ],
  ['limited', { scope: SCOPE, limits: spentBy(exactSet) }, { is: 'deferred', reason: 'RateLimited', at: at(HOUR) }],
];

describe('one thing in the way', () => {
  test.each(WRONG)('%s', (_what, more, decision) => expect(planIssuance(input(more))).toMatchObject(decision));
  test('nothing: it goes', () => expect(planIssuance(input())).toEqual({ is: 'go', spent: new Map() }));

  const pairs = WRONG.flatMap(([first, a, decision], n) =>
    WRONG.slice(n + 1).map(([second, b]) => [first, second, { ...b, ...a }, b, decision] as const),
  );
  test.each(pairs)('%s comes before %s', (_first, _second, both, b, decision) => {
    const issuanceOfBoth = { ...b.issuance, ...both.issuance } as Issuance;
    const request = b.issuance?.request ?? both.issuance?.request;
    const more = both.issuance ? { issuance: { ...issuanceOfBoth, ...(request ? { request } : {}) } } : {};
    expect(planIssuance(input({ ...both, ...more }))).toMatchObject(decision);
  });
});

describe('still wanted', () => {
  const gone: readonly [string, Partial<Wanted>][] = [
    ['gone', { goneAt: at(-1) }],
    ['held', { held: { reason: 'audit', message: 'audit' } }],
    ['moved', { issuance: 'iss-b' }],
  ];
  test.each(gone)('a member that is %s does not count', (_what, more) => {
    expect(planIssuance(input({ wanted: [wanted('a', more)] }))).toMatchObject({ reason: 'NotWanted' });
    expect(planIssuance(input({ wanted: [wanted('a', more), wanted('b', { issuance: 'iss-a' })] })).is).toBe('go');
  });
});

test('an attempt that has its order goes on although the fleet is left', () => {
  expect(planIssuance(input({ isLeaving: true, issuance: issuance({ attempt: ATTEMPT }) })).is).toBe('go');
});

describe('backing off', () => {
  const at2 = (forcedAt: string): Issuance => issuance({ failure: failure(2), forced: { by: 'jo', at: forcedAt } });
  test('one that was forced since goes once; one that was forced before waits', () => {
    expect(planIssuance(input({ issuance: at2(at(-1)) })).is).toBe('go');
    expect(planIssuance(input({ issuance: at2(at(-2 * HOUR)) }))).toMatchObject({ reason: 'Backoff' });
  });
  test('over at its instant', () => {
    expect(planIssuance(input({ issuance: issuance({ failure: failure(2, { retryAt: at(0) }) }) })).is).toBe('go');
  });
});

describe('limits', () => {
  const limited = (limits: ReadonlyMap<string, Limit>, more: Partial<Issuance> = {}) =>
    planIssuance(input({ scope: SCOPE, limits, issuance: issuance(more) }));

  test('an attempt that has its order spends nothing and is stopped by none', () => {
    expect(limited(spentBy(newOrders), { attempt: ATTEMPT })).toEqual({ is: 'go', spent: new Map() });
  });

  test('a new order spends all of its limits, a renewal that of the exact set alone', () => {
    const keysOf = (more: Partial<Issuance>) => {
      const decision = limited(new Map(), more);
      return decision.is === 'go' ? [...decision.spent.keys()] : [];
    };
    expect(keysOf({})).toHaveLength(3);
    expect(keysOf({ current: things.issuance('a', facts(DAY)).current as NonNullable<Issuance['current']> })).toEqual([
      exactSet,
    ]);
  });

  test.each(blockingScopes(issuance()).map((scope) => [scope] as const))(
    'what the CA blocked stays blocked: %s',
    (scope) => {
      expect(limited(spentBy(scope))).toMatchObject({ reason: 'RateLimited', at: at(HOUR) });
      const over = new Map([[scope, { tat: at(-1), blockedUntil: at(0), saidBy: 'ca' as const }]]);
      expect(limited(over).is).toBe('go');
    },
  );

  test('a name whose proofs failed too often is not ordered, and nothing is spent', () => {
    const failed = `failed-authorizations#shop.example.com`;
    expect(limited(new Map([[failed, { tat: at(HOUR), saidBy: 'us' }]]))).toMatchObject({ reason: 'RateLimited' });
  });

  test('nobody knows the limits of another CA; its word is heeded all the same', () => {
    const scope = { directoryHost: 'ca.example.org', account: '1' };
    expect(planIssuance(input({ scope }))).toEqual({ is: 'go', spent: new Map() });
    expect(planIssuance(input({ scope, limits: spentBy(newOrders) }))).toMatchObject({ reason: 'RateLimited' });
  });

  test('every row that it asks for is among limitKeysOf', () => {
    const keys = limitKeysOf(issuance(), SCOPE.directoryHost);
    for (const { key } of limitsOf(SCOPE.directoryHost, issuance(), { renewal: false })) expect(keys).toContain(key);
    for (const key of blockingScopes(issuance())) expect(keys).toContain(key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('never lend: over any span no more orders go than the rule allows', () => {
    const rule = limitsOf(SCOPE.directoryHost, issuance(), { renewal: true })[0]?.rule;
    if (!rule) throw new Error('there is no such limit');
    fc.assert(
      fc.property(fc.array(fc.nat(rule.periodMs), { minLength: 1, maxLength: 40 }), (gaps) => {
        const limits = new Map<string, Limit>();
        const went: number[] = [];
        let now = NOW.getTime();
        for (const gap of gaps) {
          now += gap;
          const decision = planIssuance(input({ scope: SCOPE, limits, now: new Date(now) }));
          if (decision.is === 'deferred') expect(Date.parse(decision.at ?? '')).toBeGreaterThan(now);
          if (decision.is !== 'go') continue;
          for (const [key, { limit, before }] of decision.spent) {
            expect(before).toBe(limits.get(key));
            limits.set(key, limit);
          }
          went.push(now);
        }
        for (const [i, from] of went.entries())
          for (const [j, to] of went.entries())
            if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(rule.burst + (to - from) / (rule.periodMs / rule.burst));
      }),
    );
  });
});

test('soonest end first, what was never issued before all', () => {
  const of = (id: string, left?: number) => ({ ...things.issuance(id, left === undefined ? undefined : facts(left)) });
  const all = [of('c', 9 * DAY), of('b'), of('d', 2 * DAY), of('a')];
  expect(all.toSorted(byExpiry).map(({ id }) => id)).toEqual(['iss-a', 'iss-b', 'iss-d', 'iss-c']);
});
