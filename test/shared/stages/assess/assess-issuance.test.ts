/** When an issuance is due and what waits for a delivery: a table of places, then the rules that hold over all of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../../shared/contract/certificate.ts';
import { MARK } from '../../../../shared/contract/marks.ts';
import type { Destination, Issuance, Issued, Wanted } from '../../../../shared/contract/rows.ts';
import { assessIssuance, type IssuanceSeen } from '../../../../shared/stages/assess/assess-issuance.ts';
import * as things from './judged-things.ts';
import { at, DAY, destination, facts, failure, HOUR, NOW, place, spec } from './judged-things.ts';

const ID = 'iss-a';
const CURRENT = facts(60 * DAY, { sha256: '01'.repeat(32), serial: '01' });
const OLDER = facts(50 * DAY, { sha256: '02'.repeat(32), serial: '02' });
const OLD = facts(10 * DAY, { sha256: '03'.repeat(32), serial: '03' });
const issued = (of: Facts, more: Partial<Issued> = {}): Issued => ({
  ...{ facts: of, chainPem: '', issuedAt: of.notBefore, origin: 'issued', ...more },
});
const kept = (of: Facts = CURRENT): Issued => issued(of, { sealedKey: 'sealed', attempt: 'attempt-1' });
const wanted = (more: Partial<Wanted> = {}): Wanted => things.wanted('a', more);
const stored = (more: Partial<Issuance> = {}): Issuance => things.issuance('a', undefined, more);

function seen(more: Partial<IssuanceSeen> = {}): IssuanceSeen {
  const issuance = more.issuance ?? stored();
  return {
    ...{ id: ID, request: issuance.request, wanted: [wanted()], destinations: [destination('a', CURRENT)] },
    ...{ wasTried: () => true, now: NOW, ...more },
  };
}

const ATTEMPT = {
  ...{ id: 'attempt-2', startedAt: at(-HOUR), deadline: at(5 * HOUR), pickups: 1 },
  step: { at: 'created', orderUrl: 'https://ca/order/1' },
} as const;

const ours = (have?: Facts, more: Partial<Destination> = {}): Destination => destination('a', have, more);
const bad = (of: Facts, code: 'bad-key' | 'key-mismatch' | 'bad-certificate'): Partial<Destination> => ({
  have: { facts: of, keyMatches: false, version: '1', annotations: {}, problem: { code, detail: code } },
});
const adoptable = { ownership: { is: 'adoptable', by: 'kubectl' } } as const;
const otherInstallation = { ownership: { is: 'other-installation', installation: 'i2' } } as const;
const unknown = { ownership: { is: 'unknown' } } as const;
const owned = { ownership: { is: 'owned', owner: 'Helm' } } as const;
const immutable = { ownership: { is: 'unwritable', why: 'it is immutable' } } as const;

/** place, current → due reason or nothing, and whether the place is delivered. */
const TABLE: readonly [string, Destination, Issued | undefined, string | undefined, boolean][] = [
  ['nothing there, nothing known', ours(), undefined, 'DoesNotExist', false],
  ['nothing there, key kept', ours(), kept(), undefined, true],
  ['nothing there, key forgotten', ours(), issued(CURRENT), 'DoesNotExist', false],
  ['nothing there, kept one expired', ours(), kept(facts(-HOUR)), 'DoesNotExist', false],
  ['the current one there', ours(CURRENT), kept(), undefined, false],
  ['the current one there, state lost', ours(CURRENT), undefined, undefined, false],
  ['an older one there, key kept', ours(OLDER), kept(), undefined, true],
  ['an older one there, key forgotten, not due yet', ours(OLDER), issued(CURRENT), undefined, false],
  ['one there that is due by its own age, key kept', ours(OLD), kept(), undefined, true],
  ['one there that is due by its own age, key forgotten', ours(OLD), issued(CURRENT), 'Renewing', false],
  ['expired there, key kept', ours(facts(-HOUR)), kept(), undefined, true],
  ['expired there, key forgotten', ours(facts(-HOUR)), issued(CURRENT), 'Expired', false],
  ['its key damaged, key kept', ours(CURRENT, bad(CURRENT, 'bad-key')), kept(), 'InvalidKeyPair', false],
  ['an older one damaged, key kept', ours(OLDER, bad(OLDER, 'key-mismatch')), kept(), undefined, true],
  ['damaged, nothing known', ours(OLDER, bad(OLDER, 'key-mismatch')), undefined, 'InvalidKeyPair', false],
  ['no certificate in it', ours(OLDER, bad(OLDER, 'bad-certificate')), undefined, 'InvalidKeyPair', false],
  ['other names there', ours(facts(60 * DAY, { dnsNames: ['x.org'] })), undefined, 'RequestChanged', false],
  ['another key there', ours(facts(9, { key: { algorithm: 'RSA', size: 2048 } })), undefined, 'SecretMismatch', false],
  ['never looked at, tried, nothing known', ours(undefined, unknown), undefined, undefined, false],
  ['never looked at, tried, key kept', ours(undefined, unknown), kept(), undefined, true],
  ['owned, and expired', ours(facts(-HOUR), owned), undefined, undefined, false],
  ['immutable, and broken', ours(OLDER, { ...bad(OLDER, 'bad-key'), ...immutable }), undefined, undefined, false],
  ['adoptable, and expired', ours(facts(-HOUR), adoptable), undefined, undefined, false],
  [
    'adoptable with consent, and expired',
    ours(facts(-HOUR), { ...adoptable, adopt: true }),
    undefined,
    'Expired',
    false,
  ],
  ['adoptable with consent, key kept', ours(facts(-1), { ...adoptable, adopt: true }), kept(), undefined, true],
  ['of another installation', ours(facts(-HOUR), otherInstallation), kept(), undefined, false],
  ['of another, with consent', ours(facts(-1), { ...otherInstallation, adopt: true }), undefined, 'Expired', false],
];

describe('one place', () => {
  test.each(TABLE)('%s', (_what, row, current, reason, isDelivered) => {
    const answer = assessIssuance(
      seen({ destinations: [row], issuance: stored(current ? { current } : {}), wanted: [wanted()] }),
    );
    expect(answer.issuance.due?.reason).toBe(reason);
    expect(answer.deliver).toEqual(isDelivered ? [place('a')] : []);
    if (reason) expect(answer.wakeAt ? answer.wakeAt <= NOW.toISOString() : false).toBe(true);
    else expect(answer.wakeAt === undefined || answer.wakeAt > NOW.toISOString()).toBe(true);
  });

  test('the mark alone is believed where the value is not read, for this issuance only', () => {
    const marks = (issuance: string) => ({
      ...{ [MARK.issuance]: issuance, [MARK.sha256]: 'aa', [MARK.serial]: '0a' },
      ...{ [MARK.notBefore]: at(-30 * DAY), [MARK.notAfter]: at(60 * DAY) },
    });
    const marked = (issuance: string) =>
      ours(undefined, {
        ...{ have: { version: 'v1', annotations: marks(issuance) }, ownership: { is: 'ours' } },
      });
    const found = assessIssuance(seen({ destinations: [marked(ID)] })).issuance;
    expect(found.current).toMatchObject({ origin: 'found', facts: { sha256: 'aa', notAfter: at(60 * DAY) } });
    expect(found.renewAt).toBe(at(30 * DAY));
    expect(assessIssuance(seen({ destinations: [marked('iss-b')] })).issuance.current).toBeUndefined();
  });

  test('a later certificate that somebody put there becomes current, and what failed before is past', () => {
    const issuance = stored({ current: kept(OLDER), failure: failure(3) });
    const answer = assessIssuance(seen({ issuance, destinations: [ours(CURRENT)] }));
    expect(answer.issuance.current).toMatchObject({ origin: 'found', facts: { sha256: CURRENT.sha256 } });
    expect(answer.issuance.failure).toBeUndefined();
    expect(answer.deliver).toEqual([]);
    const earlier = assessIssuance(seen({ issuance, destinations: [ours(OLD)] }));
    expect(earlier.issuance).toMatchObject({ current: { facts: OLDER }, failure: { count: 3 } });
  });

  test('a place that its certificate no longer names is left alone', () => {
    const left = destination('left', undefined, { issuance: ID, certificate: 'prod/shop/a' });
    const answer = assessIssuance(seen({ destinations: [ours(CURRENT), left] }));
    expect(answer).toMatchObject({ deliver: [], issuance: { current: { facts: CURRENT } } });
    expect(answer.issuance.due).toBeUndefined();
  });
});

describe('when', () => {
  const twoYears = spec({ secretName: 'b', renewBeforeMs: 50 * DAY });
  test('the earliest member decides', () => {
    const b = things.wanted('b', { issuance: ID, spec: twoYears });
    const answer = assessIssuance(
      seen({
        issuance: stored({ current: kept() }),
        wanted: [wanted(), b],
        destinations: [ours(CURRENT), destination('b', CURRENT, { issuance: ID })],
      }),
    );
    expect(answer.issuance).toMatchObject({ renewAt: at(10 * DAY), members: ['prod/shop/a', 'prod/shop/b'] });
    expect(answer.wakeAt).toBe(at(10 * DAY));
  });

  test('policy Disabled is never renewed by age, and still repaired', () => {
    const rule = wanted({ spec: spec({ renewal: { policy: 'Disabled', windows: [] } }) });
    const asked = (row: Destination) =>
      assessIssuance(seen({ wanted: [rule], destinations: [row], issuance: stored({ current: issued(OLD) }) }));
    expect(asked(ours(OLD))).toEqual({
      issuance: expect.not.objectContaining({ due: expect.anything() }),
      deliver: [],
    });
    expect(asked(ours(OLD)).wakeAt).toBeUndefined();
    expect(asked(ours()).issuance.due?.reason).toBe('DoesNotExist');
  });

  test('a failure is waited for, unless somebody forces it since', () => {
    const due = stored({ current: issued(OLD), failure: failure(2) });
    const row = [ours(OLD)];
    expect(assessIssuance(seen({ issuance: due, destinations: row })).wakeAt).toBe(at(HOUR));
    const forced = { ...due, forced: { by: 'jo', at: at(-1) } };
    const answer = assessIssuance(seen({ issuance: forced, destinations: row }));
    expect(answer).toMatchObject({ wakeAt: at(-1), issuance: { due: { reason: 'Forced' } } });
    const before = { ...due, forced: { by: 'jo', at: at(-2 * HOUR) } };
    expect(assessIssuance(seen({ issuance: before, destinations: row })).wakeAt).toBe(at(HOUR));
  });

  test('what was forced and failed is still asked for', () => {
    const due = { reason: 'Forced', message: 'asked for by jo', since: at(-2 * HOUR) } as const;
    const answer = assessIssuance(seen({ issuance: stored({ current: issued(CURRENT), due, failure: failure(1) }) }));
    expect(answer).toMatchObject({ wakeAt: at(HOUR), issuance: { due } });
  });

  test('an attempt is never touched, and goes on when it was put to sleep while nobody wanted it', () => {
    const issuance = stored({ attempt: ATTEMPT });
    const asleep = assessIssuance(seen({ issuance, destinations: [ours()] }));
    expect(asleep.issuance).toMatchObject({ attempt: ATTEMPT, due: { reason: 'Resumed' } });
    expect(asleep.wakeAt).toBe(ATTEMPT.startedAt);
    expect(assessIssuance(seen({ issuance, destinations: [ours()], wakeAt: at(HOUR) })).wakeAt).toBe(at(HOUR));
    const nobody = assessIssuance(seen({ issuance, wanted: [], destinations: [ours()] }));
    expect(nobody).toMatchObject({ issuance: { attempt: ATTEMPT, members: [] } });
    expect(nobody.wakeAt).toBeUndefined();
  });

  test('nobody who wants it: nothing is due', () => {
    const answer = assessIssuance(seen({ wanted: [], issuance: stored({ current: kept(OLD) }) }));
    expect(answer).toMatchObject({ deliver: [], issuance: { members: [] } });
    expect([answer.wakeAt, answer.issuance.due]).toEqual([undefined, undefined]);
  });

  test('since is when it became due, not when it was looked at again', () => {
    const due = { reason: 'DoesNotExist', message: 'before', since: at(-DAY) } as const;
    const answer = assessIssuance(seen({ issuance: stored({ due }), destinations: [ours()] }));
    expect(answer.issuance.due).toMatchObject({ since: at(-DAY) });
    expect(assessIssuance(seen({ issuance: stored({ current: issued(OLD) }), destinations: [ours(OLD)] })).wakeAt).toBe(
      at(-20 * DAY),
    );
  });

  test('the wish of a FleetCertificate keeps its key', () => {
    expect(assessIssuance(seen()).issuance.keyPolicy).toBe('ephemeral');
    expect(assessIssuance(seen({ wanted: [wanted({ origin: 'FleetCertificate' })] })).issuance.keyPolicy).toBe('keep');
  });
});

const anyHave = fc.constantFrom(undefined, CURRENT, OLDER, OLD, facts(-HOUR), facts(60 * DAY, { dnsNames: ['x.org'] }));
const anyOwnership = fc.constantFrom(
  ...[{ ownership: { is: 'ours' } }, { ownership: { is: 'absent' } }, unknown, owned, immutable, adoptable],
  otherInstallation,
) as fc.Arbitrary<Partial<Destination>>;
const anyCurrent = fc.constantFrom(undefined, kept(), issued(CURRENT), kept(OLD), issued(OLD), issued(facts(-HOUR)));
const anyPlaces = fc.array(fc.tuple(anyHave, anyOwnership, fc.boolean()), { minLength: 1, maxLength: 4 });

/** A wish for as many places, each as said. */
function manyPlaces(places: readonly (readonly [Facts | undefined, Partial<Destination>, boolean])[]) {
  const names = places.map((_, n) => `p${n}`);
  const member = wanted({ places: names.map((name) => ({ place: place(name), adopt: false })) });
  const destinations = places.map(([have, more, adopt], n) =>
    destination(`p${n}`, have, { issuance: ID, certificate: member.id, ...more, adopt }),
  );
  return { wanted: [member], destinations };
}

describe('over all places', () => {
  test('an issuance with a place of a party that nobody tried orders and delivers nothing', () => {
    fc.assert(
      fc.property(
        anyPlaces,
        anyCurrent,
        fc.option(fc.constant(at(-1)), { nil: undefined }),
        (places, current, wakeAt) => {
          const many = manyPlaces([...places, [undefined, unknown, false]]);
          const issuance = stored(current ? { current } : {});
          const untried = place(`p${places.length}`);
          const answer = assessIssuance(
            seen({ ...many, issuance, ...(wakeAt ? { wakeAt } : {}), wasTried: (one) => one.place !== untried }),
          );
          expect([answer.deliver, answer.issuance.due, answer.wakeAt]).toEqual([[], undefined, wakeAt]);
        },
      ),
    );
  });

  test('where every place was refused, nothing is ordered or delivered', () => {
    const refused = fc.constantFrom<Partial<Destination>>(owned, immutable, adoptable, otherInstallation);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyHave, refused, fc.constant(false)), { minLength: 1 }),
        anyCurrent,
        (places, current) => {
          const issuance = stored(current ? { current } : {});
          const answer = assessIssuance(seen({ ...manyPlaces(places), issuance }));
          expect([answer.deliver, answer.issuance.due, answer.wakeAt]).toEqual([[], undefined, undefined]);
        },
      ),
    );
  });

  test('assessed again, the same is said; and a writable place that holds nothing usable is never left alone', () => {
    fc.assert(
      fc.property(anyPlaces, anyCurrent, (places, current) => {
        const many = manyPlaces(places);
        const first = assessIssuance(seen({ ...many, issuance: stored(current ? { current } : {}) }));
        const wakeAt = first.wakeAt ? { wakeAt: first.wakeAt } : {};
        expect(assessIssuance(seen({ ...many, issuance: first.issuance, ...wakeAt }))).toEqual(first);
        const broken = many.destinations.filter(
          ({ ownership, have }) =>
            (ownership.is === 'ours' || ownership.is === 'absent') &&
            (!have?.facts || have.facts.notAfter <= NOW.toISOString()),
        );
        for (const one of broken)
          expect(first.issuance.due !== undefined || first.deliver.includes(one.place)).toBe(true);
      }),
    );
  });
});
