/** The nearest word is the one that was meant, and none is better than a wrong one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listed, nearestWord, shown } from '../../../shared/fleet/words.ts';

describe('nearestWord', () => {
  test.each([
    ['modee', ['name', 'mode'], 'mode'],
    ['MODE', ['name', 'mode'], 'mode'],
    ['dnsName', ['uris', 'dnsNames'], 'dnsNames'],
    ['secrteName', ['secretName'], 'secretName'],
    ['colour', ['name', 'mode'], undefined],
    ['x'.repeat(65), ['x'.repeat(64)], undefined],
    ['a', [], undefined],
  ])('of %s among %j is %s', (found, allowed, expected) => {
    expect(nearestWord(found, allowed)).toBe(expected);
  });

  test('of a word that is allowed is the word itself', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(words, (allowed) => nearestWord(allowed[0] ?? '', allowed) === allowed[0]));
  });
});

test('listed and shown stay short', () => {
  const many = Array.from({ length: 100 }, (_, i) => `word${i}`);
  expect(listed([])).toBe('none');
  expect(listed(many).length).toBeLessThanOrEqual(163);
  expect(listed(many)).toMatch(/^word0, word1, .*word\d+, …$/);
  expect(shown('x'.repeat(200))).toHaveLength(80);
  expect(shown(undefined)).toBe('undefined');
});
