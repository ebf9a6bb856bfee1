/** The policy that is proposed: few patterns, all that is there allowed, and nothing that belongs to somebody else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternsOf, proposedPolicy } from '../../cli/name-policy.ts';
import { nameAllowed } from '../../shared/standards/dns/names.ts';
import { view } from './values.ts';

const under = (domain: string, ...labels: readonly string[]): readonly string[] =>
  labels.map((label) => `${label}.${domain}`);

describe('patternsOf', () => {
  test.each([
    ['three names as they are', under('example.com', 'a', 'b', 'c'), under('example.com', 'a', 'b', 'c')],
    [
      'four as a pattern',
      [...under('example.com', 'a', 'b', 'c', 'd'), 'example.com'],
      ['*.example.com', 'example.com'],
    ],
    [
      'what a wildcard has already',
      ['*.example.com', 'a.example.com', 'a.b.example.com'],
      ['*.example.com', 'a.b.example.com'],
    ],
    ['nothing of a registry', under('co.uk', 'a', 'b', 'c', 'd'), under('co.uk', 'a', 'b', 'c', 'd')],
    ['nothing of a host of many', under('github.io', 'a', 'b', 'c', 'd'), under('github.io', 'a', 'b', 'c', 'd')],
    ['nothing of a single label', under('svc', 'a', 'b', 'c', 'd'), under('svc', 'a', 'b', 'c', 'd')],
    [
      'too many parents as the domain',
      [...under('example.com', 'x.a', 'x.b', 'x.c', 'x.d', 'x.e', 'x.f', 'x.g'), 'example.com', 'b.example.org'],
      ['**.example.com', '**.example.org', 'example.com'],
    ],
  ])('writes %s', (_, names, patterns) => {
    expect(patternsOf(names)).toEqual(patterns);
  });

  const label = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const domain = fc.constantFrom('example.com', 'x.example.com', 'example.co.uk', 'co.uk', 'db.svc', 'github.io');
  const name = fc.tuple(fc.constantFrom('', '*.'), fc.array(label, { minLength: 1, maxLength: 2 }), domain);
  test('allows every name that it was made of', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), (parts) => {
        const names = parts.map(([star, labels, parent]) => `${star}${labels.join('.')}.${parent}`);
        const patterns = patternsOf(names);
        for (const one of names) expect(patterns.some((pattern) => nameAllowed(one, pattern))).toBe(true);
        expect(
          patterns.filter((pattern) => /^\*+\.(co\.uk|github\.io|svc)$/.test(pattern) && !names.includes(pattern)),
        ).toEqual([]);
      }),
    );
  });
});

describe('proposedPolicy', () => {
  const of = (namespace: string, names: readonly string[], over: Parameters<typeof view>[0] = {}) =>
    view({ namespace, names, kind: 'Secret', ...over });

  test('puts namespaces with the same names on a line, those with most certificates first', () => {
    const copies = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => of(name, ['*.example.com']));
    const own = [
      of('shop', ['shop.example.com'], { kind: 'Ingress' }),
      of('shop', ['x.example.com'], { kind: 'Ingress' }),
    ];
    expect(proposedPolicy([...copies, ...own])).toEqual([
      { namespaces: ['shop'], names: ['shop.example.com', 'x.example.com'], from: '2 Ingresses' },
      { namespaces: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], names: ['*.example.com'], from: '8 Secrets' },
      { namespaces: ['i'], names: ['*.example.com'], from: '1 Secret' },
    ]);
  });

  test('says how many names a pattern stands for, and how many were left out', () => {
    const names = Array.from({ length: 9 }, (_, n) => `shop${n}.com`);
    expect(proposedPolicy([of('a', under('example.com', 'a', 'b', 'c', 'd')), of('b', names)])).toEqual([
      { namespaces: ['a'], names: ['*.example.com'], from: '1 Secret with 4 names' },
      { namespaces: ['b'], names: names.slice(0, 6), from: '1 Secret; left out: 3 names' },
    ]);
  });

  test.each([
    ['a CA that a webhook made for itself', of('a', ['webhook.a.svc']), 0],
    ['a name inside the cluster that is asked for', of('a', ['db.a.svc'], { kind: 'Certificate' }), 1],
    ['a name inside the cluster that is used', of('a', ['db.a.svc'], { references: ['Ingress a/db'] }), 1],
    ['what is no DNS name', of('a', ['10.0.0.1', 'not a name', '']), 0],
    ['a namespace that is none', of('a: [', ['a.example.com']), 0],
  ])('knows %s', (_, one, lines) => {
    expect(proposedPolicy([one])).toHaveLength(lines);
  });
});
