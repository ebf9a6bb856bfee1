/** DNS names have one spelling, zones match on label borders, and a policy allows what it says and nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamePolicyLine, Zone } from '../../../../shared/contract/fleet.ts';
import {
  canonicalName,
  canonicalPattern,
  challengeFqdn,
  challengesIn,
  nameAllowed,
  policyFor,
  zoneOf,
} from '../../../../shared/standards/dns/names.ts';

const long = `${'a'.repeat(60)}.`.repeat(4);

describe('canonicalName', () => {
  test.each([
    ['Shop.Example.COM', 'shop.example.com'],
    ['shop.example.com.', 'shop.example.com'],
    ['*.example.com', '*.example.com'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['localhost', 'localhost'],
    ['postgres.database.svc.cluster.local', 'postgres.database.svc.cluster.local'],
    ['*.cluster.local', '*.cluster.local'],
    ['*.internal', '*.internal'],
    ['*.github.io', '*.github.io'],
    ['*.co.uk', '*.co.uk'],
    ['a-b.c1', 'a-b.c1'],
    [`${long}abc.de`, `${long}abc.de`],
  ])('of %s is %s', (text, name) => {
    expect(canonicalName(text)).toEqual({ name });
  });

  test.each([
    ['nothing', '', 'the name is empty'],
    ['a dot', '.', '"." is not a DNS name (IDNA)'],
    ['two dots', 'a..b', '"a..b" has an empty label'],
    ['a leading dot', '.a', '".a" has an empty label'],
    ['a star inside', 'a.*.b', '"a.*.b" has a * that is not the whole first label'],
    ['a star within a label', 'a*.b', '"a*.b" has a * that is not the whole first label'],
    ['two stars', '*.*.b', '"*.*.b" has a * that is not the whole first label'],
    ['a star alone', '*', '"*" has a * that is not the whole first label'],
    ['an underscore', 'a_b.example.com', '"a_b.example.com" holds "_", which no DNS name may hold'],
    ['a space', 'a b', '"a b" holds " ", which no DNS name may hold'],
    ['a line break', 'a\r\nb', '"a\\r\\nb" holds "\\r", which no DNS name may hold'],
    ['an escape', 'a\u001b[31m', '"a\\u001b[31m" holds "\\u001b", which no DNS name may hold'],
    ['a URL', 'https://a.b', '"https://a.b" holds ":", which no DNS name may hold'],
    ['a percent escape', 'a%41.b', '"a%41.b" holds "%", which no DNS name may hold'],
    ['a soft space', 'a\u3000b', '"a\u3000b" holds "\u3000", which no DNS name may hold'],
    ['a leading hyphen', '-a.b', '"-a.b" has the label "-a": letters, digits and inner hyphens only'],
    ['a trailing hyphen', 'a-.b', '"a-.b" has the label "a-": letters, digits and inner hyphens only'],
    ['an IPv4 address', '10.0.0.1', '"10.0.0.1" is an IP address, not a DNS name'],
    ['an IPv6 address', '::1', '"::1" is an IP address, not a DNS name'],
    ['a number', '123', '"123" reads as an IP address, not as a DNS name'],
    ['a short address', '127.1', '"127.1" reads as an IP address, not as a DNS name'],
    ['a number in hexadecimal', '0x7f.1', '"0x7f.1" reads as an IP address, not as a DNS name'],
    ['half of one', '0x', '"0x" reads as an IP address, not as a DNS name'],
    ['a wildcard below a number', '*.0x7f.1', '"*.0x7f.1" reads as an IP address, not as a DNS name'],
  ])('refuses %s', (_, text, problem) => {
    expect(canonicalName(text)).toEqual({ problem });
  });

  test('refuses labels over 63 and names over 253 characters', () => {
    expect(canonicalName(`${'a'.repeat(64)}.b`)).toEqual({
      problem: `"${'a'.repeat(64)}.b" has a label of 64 characters, at most 63`,
    });
    const name = `${long}${'b'.repeat(10)}`;
    expect(canonicalName(name)).toEqual({ problem: `"${name.slice(0, 80)}…" has 254 characters, at most 253` });
  });

  test('is its own canonical form, and lower-case ASCII, whatever comes in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.string({ unit: 'grapheme' })), (text) => {
        const canonical = canonicalName(text);
        if ('problem' in canonical) return;
        expect(canonical.name).toMatch(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/);
        expect(canonicalName(canonical.name)).toEqual(canonical);
      }),
      { numRuns: 500 },
    );
  });
});

describe('challenges and zones', () => {
  const zone = (name: string): Zone => ({ name, hostedZoneId: `Z${name.length}` });

  test('an apex and its wildcard are challenged at one name', () => {
    expect(challengeFqdn('example.com')).toBe('_acme-challenge.example.com');
    expect(challengeFqdn('*.example.com')).toBe('_acme-challenge.example.com');
  });

  test.each([
    ['a.example.com', ['example.com', 'com'], 'example.com'],
    ['example.com', ['example.com'], 'example.com'],
    ['a.b.example.com', ['example.com', 'b.example.com'], 'b.example.com'],
    ['badexample.com', ['example.com'], undefined],
    ['a.example.org', ['example.com'], undefined],
    ['a.example.com', ['example.com', '_acme-challenge.a.example.com'], '_acme-challenge.a.example.com'],
    ['b.a.example.com', ['example.com', '_acme-challenge.a.example.com'], 'example.com'],
    ['a.example.com', [], undefined],
  ])('the challenge of %s among %j lies in %s', (name, zones, expected) => {
    expect(zoneOf(challengeFqdn(name), zones.map(zone))?.name).toBe(expected);
  });
});

test('the challenges of names are each once, in the longest zone that holds them, and nowhere where none does', () => {
  const [apex, shop] = ['example.com', 'shop.example.com'].map((name) => ({ name, hostedZoneId: `Z-${name}` }));
  const names = ['example.com', '*.example.com', 'a.shop.example.com', 'example.org'];
  expect(
    challengesIn(
      names,
      [apex, shop].flatMap((zone) => zone ?? []),
    ),
  ).toEqual([
    { fqdn: '_acme-challenge.example.com', zone: apex },
    { fqdn: '_acme-challenge.a.shop.example.com', zone: shop },
  ]);
});

describe('nameAllowed', () => {
  test.each([
    ['a.b', 'a.b', true],
    ['A.b', 'a.B', true],
    ['x.a.b', 'a.b', false],
    ['x.a.b', '*.a.b', true],
    ['*.a.b', '*.a.b', true],
    ['a.b', '*.a.b', false],
    ['y.x.a.b', '*.a.b', false],
    ['*.x.a.b', '*.a.b', false],
    ['x.ca.b', '*.a.b', false],
    ['y.x.a.b', '**.a.b', true],
    ['x.a.b', '**.a.b', true],
    ['*.x.a.b', '**.a.b', true],
    ['*.a.b', '**.a.b', true],
    ['a.b', '**.a.b', false],
    ['.a.b', '**.a.b', false],
    ['ca.b', '**.a.b', false],
    ['*.a.b', 'x.a.b', false],
    ['.a.b', '*.a.b', false],
  ])('%s by %s: %s', (name, pattern, allowed) => {
    expect(nameAllowed(name, pattern)).toBe(allowed);
  });

  test('a name is never allowed by the pattern of another registrable domain', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), fc.constantFrom('', '*.', '**.'), (name, other, stars) => {
        fc.pre(name !== other && !name.endsWith(`.${other}`));
        expect(nameAllowed(name, `${stars}${other}`)).toBe(false);
      }),
    );
  });
});

test('canonicalPattern keeps the stars and refuses all others', () => {
  expect(canonicalPattern('**.Example.com.')).toEqual({ name: '**.example.com' });
  expect(canonicalPattern('*.example.com')).toEqual({ name: '*.example.com' });
  expect(canonicalPattern('***.a')).toEqual({ problem: '"***.a" has a * that is not the whole first label' });
  expect(canonicalPattern('*.*.a')).toEqual({ problem: '"*.*.a" has a * that is not the whole first label' });
});

describe('policyFor', () => {
  const policy: readonly NamePolicyLine[] = [
    { namespaces: ['shop'], names: ['shop.a.b'], mode: 'manage' },
    { namespaces: ['shop', 'web'], names: ['*.a.b'] },
    { namespaces: ['*'], names: ['look.a.b'], mode: 'audit' },
  ];

  test.each([
    ['shop', ['shop.a.b'], { allowed: true, mode: 'manage' }],
    ['shop', ['x.a.b'], { allowed: true }],
    ['shop', ['shop.a.b', 'x.a.b'], { allowed: true }],
    ['any', ['look.a.b'], { allowed: true, mode: 'audit' }],
    ['web', ['look.a.b'], { allowed: true }],
    ['any', ['shop.a.b', 'look.a.b'], { allowed: false, names: ['shop.a.b'] }],
    ['shop', ['shop.a.b', 'bank.example.com', 'a.b'], { allowed: false, names: ['bank.example.com', 'a.b'] }],
    ['shop', [], { allowed: false, names: [] }],
    ['__proto__', ['shop.a.b'], { allowed: false, names: ['shop.a.b'] }],
  ] as const)('of %s for %j is %j', (namespace, names, answer) => {
    expect(policyFor(policy, namespace, names)).toEqual(answer);
  });

  test('the careful mode wins over several names', () => {
    const mixed: readonly NamePolicyLine[] = [
      { namespaces: ['n'], names: ['a'], mode: 'manage' },
      { namespaces: ['n'], names: ['b'], mode: 'audit' },
    ];
    expect(policyFor(mixed, 'n', ['a', 'b'])).toEqual({ allowed: true, mode: 'audit' });
  });

  test('Secrets are taken over where every line agrees', () => {
    const agreed = { namespaces: ['n'], names: ['a'], adopt: true };
    const mixed: readonly NamePolicyLine[] = [agreed, { namespaces: ['n'], names: ['b'] }];
    expect(policyFor(mixed, 'n', ['a'])).toEqual({ allowed: true, adopt: true });
    expect(policyFor(mixed, 'n', ['a', 'b'])).toEqual({ allowed: true });
  });

  test('without lines nothing is allowed', () => {
    expect(policyFor([], 'shop', ['shop.a.b'])).toEqual({ allowed: false, names: ['shop.a.b'] });
  });
});
