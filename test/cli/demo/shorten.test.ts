/** What is cut of an answer: whole findings and nothing else, whatever their colours. */
import { describe, expect, test } from 'vitest';
import { fitted, shortened } from '../../../cli/demo/shorten.ts';

const TABLE = 'STATE  CERTIFICATE\nok     a\n\n2 findings.';
const ONE = '\u001b[1mhigh unreadable\u001b[22m  Secret a/b/c\n  broken\n  fix: mend it';
const TWO = 'info renewal-failing\n  Certificate of-a-long-name\n  failed once';
const ANSWER = `${TABLE}\n\n${ONE}\n\n${TWO}\n`;

describe('shortened', () => {
  test.each([
    [
      'one whole, the other by its first line',
      { whole: 1, rest: 'first lines' },
      `${TABLE}\n\n${ONE}\n\ninfo renewal-failing   Certificate of-a-long-name\n`,
      1,
    ],
    ['those of one code', { whole: 9, code: 'renewal-failing', rest: 'nothing' }, `${TABLE}\n\n${TWO}\n`, 1],
    ['no finding at all', { whole: 0, rest: 'nothing' }, `${TABLE}\n`, 2],
    ['everything', { whole: 9, rest: 'first lines' }, ANSWER, 0],
  ] as const)('leaves %s', (_, cut, text, left) => {
    expect(shortened(ANSWER, cut)).toEqual({ lines: text.split('\n'), cut: left });
  });
});

test.each([
  ['a line that fits', 'a b c\n', 'a b c\n'],
  ['a longer one', 'aaaa bbbb cccc\n', 'aaaa bbbb\n  cccc\n'],
  ['colours, which take no room', '\u001b[2maaaa\u001b[22m bbbb cccc', '\u001b[2maaaa\u001b[22m bbbb\n  cccc'],
  ['a word that is too long', 'aaaaaaaaaaaaaa b', 'aaaaaaaaaaaaaa\n  b'],
])('fitted keeps words whole: %s', (_, text, folded) => {
  expect(fitted(text, 10)).toBe(folded);
});
