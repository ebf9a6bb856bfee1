/** What is asked for in one source: the file before the cluster, every place claimed once, and what counts as a disaster. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileCertificate } from '../../../shared/contract/fleet.ts';
import {
  claimed,
  demandsOf,
  fleetWishesIn,
  isMassDisappearance,
  wantAll,
  wishesOf,
} from '../../../shared/lanes/wishes.ts';
import { CERTIFICATE_NAME } from '../../../shared/standards/kubernetes/ownership.ts';
import { observed, place, spec, wanted } from '../stages/assess/judged-things.ts';
import { context, fleet, wish } from '../stages/assess/wishes-of-shop.ts';

const inFile = (name: string, more: Partial<FileCertificate> = {}): FileCertificate => {
  const { from: _from, ...one } = wish(name);
  return { ...one, origin: 'Certificate', ...more };
};
const asked = (name: string, secretName = name) => ({
  ...{ id: `prod/shop/${name}`, origin: 'Certificate' as const, namespace: 'shop', name, labels: {} },
  spec: spec({ secretName }),
});
const inOne = (name: string, secret: string) => wish(name, { places: [{ place: place(secret), adopt: false }] });
const claim = (
  wishes: readonly ReturnType<typeof wish>[],
  named: Readonly<Record<string, string>> = {},
  taken: readonly string[] = [],
) => {
  const observations = Object.entries(named).map(
    ([secret, name]) =>
      [place(secret), observed(secret, undefined, { annotations: { [CERTIFICATE_NAME]: name } })] as const,
  );
  const answer = claimed(wantAll(wishes, context()), new Set(taken), new Map(observations));
  return Object.fromEntries(answer.map(({ wanted: one }) => [one.name, one.held?.message ?? 'wanted']));
};

test('what the owner of the fleet wrote stands before what was found under the same id', () => {
  const of = fleet({ certificates: [inFile('a'), inFile('x', { source: 'edge' })] });
  const wishes = wishesOf(of, 'prod', [asked('a'), asked('b', 'b-tls')]);
  expect(wishes.map(({ id, from }) => [id, from])).toEqual([
    ['prod/shop/a', 'file'],
    ['prod/shop/b', 'cluster'],
  ]);
  expect(wishes[1]?.places).toEqual([{ place: place('b-tls'), adopt: false }]);
});

test('a FleetCertificate is looked at with each cluster that it goes to', () => {
  const shared = inFile('shop', { id: 'fleet/shop', source: 'fleet', origin: 'FleetCertificate' });
  const of = fleet({ certificates: [shared, inFile('a')] });
  expect(fleetWishesIn(of, 'prod').map(({ id }) => id)).toEqual(['fleet/shop']);
  expect(fleetWishesIn(of, 'edge')).toEqual([]);
});

describe('a place holds one certificate', () => {
  test('what is held back claims nothing', () => {
    const [a, b] = wantAll([inOne('a', 's'), inOne('b', 's')], context());
    if (!a || !b) throw new Error('two were asked for');
    const held = { wanted: { ...a.wanted, held: { reason: 'name-not-allowed', message: 'no' } as const } };
    const [, kept] = claimed([held, b], new Set(), new Map());
    expect(kept?.wanted.held).toBeUndefined();
  });

  test('the first by name', () => {
    expect(claim([inOne('b', 's'), inOne('a', 's'), inOne('c', 'other')])).toEqual({
      ...{ a: 'wanted', c: 'wanted' },
      b: 'its Secret prod/shop/s is the place of prod/shop/a',
    });
  });

  test('but the one that the Secret itself names comes first', () => {
    expect(claim([inOne('a', 's'), inOne('b', 's')], { s: 'b' })).toMatchObject({ b: 'wanted' });
    expect(claim([inOne('a', 's'), inOne('b', 's')], { s: 'nobody' })).toMatchObject({ a: 'wanted' });
  });

  test('and a FleetCertificate before all of them', () => {
    expect(claim([inOne('a', 's')], { s: 'a' }, [place('s')])).toEqual({
      a: 'its Secret prod/shop/s is the place of a FleetCertificate',
    });
  });

  test('whoever lost asks for nothing', () => {
    const answer = claimed(wantAll([inOne('a', 's'), inOne('b', 's')], context()), new Set(), new Map());
    const [, lost] = answer;
    expect([lost?.wanted.issuance, lost?.request, lost?.wanted.held?.reason]).toEqual([
      undefined,
      undefined,
      'unsupported',
    ]);
  });

  test('of however many, in whatever order they were read', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const secret = fc.constantFrom('s', 't');
    const all = fc.uniqueArray(fc.tuple(name, secret), { selector: ([one]) => one, minLength: 1 });
    fc.assert(
      fc.property(all, fc.nat(4), (wishes, turn) => {
        const made = wishes.map(([one, its]) => inOne(one, its));
        const turned = [...made.slice(turn), ...made.slice(0, turn)];
        expect(claim(turned)).toEqual(claim(made));
        const winners = made.filter((one) => claim(made)[one.name] === 'wanted');
        expect(new Set(winners.map(({ places }) => places[0]?.place)).size).toBe(winners.length);
        expect(winners.length).toBe(new Set(wishes.map(([, its]) => its)).size);
      }),
    );
  });
});

test('those who want the same are one demand', () => {
  const demands = demandsOf(wantAll([wish('a'), wish('b'), wish('c', { namespace: 'other' })], context()));
  expect(demands).toMatchObject([{ members: ['prod/shop/a', 'prod/shop/b'], registeredDomains: ['example.com'] }]);
});

test.each([
  [4, 4, false],
  [5, 1, false],
  [5, 2, true],
  [10, 2, false],
  [10, 3, true],
  [100, 21, true],
])('of %d wanted, %d are gone: a disaster is %s', (before, gone, expected) => {
  const all = Array.from({ length: before }, (_, n) => wanted(`n${n}`));
  expect(isMassDisappearance(all, all.slice(0, gone))).toBe(expected);
});
