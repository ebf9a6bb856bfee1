/** The list of public suffixes: wildcards that nobody may have, and what a CA counts under. */
import { describe, expect, test } from 'vitest';
import { nameProblem, registeredDomains } from '../../../../shared/standards/dns/public-suffix.ts';

describe('nameProblem', () => {
  test.each([
    ['a wildcard of a TLD', '*.com', '"*.com" is a wildcard of the public suffix com'],
    ['a wildcard of a registry', '*.co.uk', '"*.co.uk" is a wildcard of the public suffix co.uk'],
    ['a wildcard of a registry in other letters', '*.рф', '"*.рф" is a wildcard of the public suffix xn--p1ai'],
    ['what is no name', 'a..b', '"a..b" has an empty label'],
  ])('refuses %s', (_, text, problem) => {
    expect(nameProblem(text)).toBe(problem);
  });

  test.each(['co.uk', '*.example.co.uk', '*.github.io', '*.cluster.local', '*.internal', 'localhost'])(
    'has nothing against %s',
    (text) => {
      expect(nameProblem(text)).toBeUndefined();
    },
  );
});

describe('registeredDomains', () => {
  test.each([
    [
      ['*.shop.example.co.uk', 'a.example.co.uk', 'b.example.com'],
      ['example.co.uk', 'example.com'],
    ],
    [['me.github.io', '*.me.github.io'], ['me.github.io']],
    [['github.io'], ['github.io']],
    [['localhost'], ['localhost']],
    [[], []],
  ])('of %o are %o', (names, domains) => {
    expect(registeredDomains(names)).toEqual(domains);
  });
});
