/** Words on a terminal: nothing steers it, every line fits, nothing is lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hanging, jsonLines, jsonText, printable, widthOf, wrapped } from '../../../cli/output/words.ts';
import { anyText, STEERING } from '../values.ts';

describe('printable', () => {
  test.each([
    ['an escape sequence', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['a one-byte control sequence introducer', '\u009b31m', '\\u{9b}31m'],
    ['a writing direction turned around', 'a\u202eb', 'a\\u{202e}b'],
    ['line ends and tabs', 'a\r\n\tb', 'a\\r\\n\\tb'],
    ['half a surrogate pair', 'a\ud800', 'a\\u{d800}'],
  ])('shows %s instead of doing it', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('leaves letters of all languages and emoji as they are', () => {
    expect(printable('Größe 証明書 🔒')).toBe('Größe 証明書 🔒');
  });
});

describe('wrapped', () => {
  test('breaks between words', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  });

  test('breaks a word that is too long after a slash or dot where one is near', () => {
    expect(wrapped('prod-eu/payments/api-tls', 12)).toEqual(['prod-eu/', 'payments/', 'api-tls']);
  });

  test('makes no line wider than asked, lets nothing steer, and loses nothing but blanks', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 100 }), (text, width) => {
        const lines = wrapped(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        for (const line of lines) expect(line).not.toMatch(STEERING);
        const bare = (s: string): string => s.replaceAll(' ', '');
        expect(bare(lines.join(''))).toBe(bare(printable(text)));
      }),
    );
  });
});

test('hanging indents the following lines below the text of the first', () => {
  expect(hanging('  fix: ', 'ask for it again', 15)).toEqual(['  fix: ask for', '       it again']);
});

describe('jsonText', () => {
  test('is JSON of the same value, whatever the value holds', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = jsonText({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect(json.replaceAll('\n', '')).not.toMatch(STEERING);
      }),
    );
  });
});

test.each<[string, unknown]>([
  ['lists of things and of words', { a: [{ b: [1, { c: 'x\ny' }], d: [] }, 'e', null, [[]]], f: { g: [1, 2] } }],
  ['an empty list and an empty thing', { a: [], b: {} }],
  ['what is not there', { a: undefined, b: [undefined], c: null }],
  ['nothing but what is not there', { a: undefined }],
  ['no thing', [1, 2]],
  ['a word', 'a'],
  ['what a terminal would act on', { a: ['\u009b2J'], 'k\u202e': ['\u202e'] }],
])('jsonLines: %s as jsonText has it', (_, document) => {
  expect([...jsonLines(document)].join('\n')).toBe(jsonText(document));
});

test('jsonLines makes an entry of a list when it has written the one before', () => {
  const made: number[] = [];
  const list = function* () {
    for (let n = 0; n < 3; n += 1) {
      made.push(n);
      yield n;
    }
  };
  const lines = jsonLines({ list: list(), none: [] });
  const seen = Array.from({ length: 4 }, () => [lines.next().value, made.length]);
  expect(seen).toEqual([
    ['{', 0],
    ['  "list": [', 1],
    ['    0,', 2],
    ['    1,', 3],
  ]);
  expect([...lines]).toEqual(['    2', '  ],', '  "none": []', '}']);
});
