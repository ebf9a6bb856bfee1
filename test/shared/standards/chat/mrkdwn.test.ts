/** Texts of others in a chat: shown as they are, whatever they hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  below,
  codeBlock,
  escaped,
  escapedWithin,
  linesWithin,
  strong,
  verbatim,
} from '../../../../shared/standards/chat/mrkdwn.ts';

describe('escaped', () => {
  test.each([
    ['<!channel> <@U1> <http://x|y>', '&lt;!channel&gt; &lt;@U1&gt; &lt;http://x|y&gt;'],
    ['a & b &lt;', 'a &amp; b &amp;lt;'],
    ['\ud800', '\ufffd'],
  ])('%j becomes %j', (text, shown) => {
    expect(escaped(text)).toBe(shown);
  });

  test('within a length, no escape and no emoji is cut in two', () => {
    expect(escapedWithin('a<b', 6)).toBe('a&lt;b');
    expect(escapedWithin('ab<cd', 7)).toBe('ab...');
    expect(escapedWithin('😀😀😀', 5)).toBe('😀...');
    expect(escapedWithin('abcdef', 5, '!')).toBe('abcd!');
  });
});

describe('a line', () => {
  test.each([
    ['the order failed', 'the order failed', '*the order failed*'],
    ['a < b', 'a &lt; b', '*a &lt; b*'],
    ['*.shop.example.com', '`*.shop.example.com`', '`*.shop.example.com`'],
    ['_acme-challenge.shop', '`_acme-challenge.shop`', '`_acme-challenge.shop`'],
    ['serial 03:ab:cd', '`serial 03:ab:cd`', '`serial 03:ab:cd`'],
    ['> said the CA', '`&gt; said the CA`', '`&gt; said the CA`'],
    ['run `x` ~now~', "`run 'x' ~now~`", "`run 'x' ~now~`"],
    ['at 09:00 UTC', 'at 09:00 UTC', '*at 09:00 UTC*'],
  ])('%j', (text, plainly, strongly) => {
    expect(verbatim(text, 100)).toBe(plainly);
    expect(strong(text, 100)).toBe(strongly);
  });
});

test('lines are left out whole, and that is said', () => {
  expect(linesWithin(['ab', 'cd'], 5, '!')).toBe('ab\ncd');
  expect(linesWithin(['ab', 'cd', 'ef'], 7, '!')).toBe('ab\ncd\n!');
  expect(linesWithin(['abcdefgh'], 7, '!')).toBe('!');
});

test('what the title says is not said again below it, unless there is nothing else', () => {
  expect(below('[acme] high: expired', ['high: expired', 'since'])).toEqual(['since']);
  expect(below('[acme] high: expired', ['high: expired'])).toEqual(['high: expired']);
  expect(below('[acme] 2 findings', ['high: expired', 'since'])).toEqual(['high: expired', 'since']);
});

test('a block of code ends where it should', () => {
  expect(codeBlock('nolapse run', 100)).toBe('```\nnolapse run\n```');
  expect(codeBlock('a ``` b `c`', 100)).toBe("```\na ''' b `c`\n```");
});

test('nothing is longer than it may be, and nothing opens a bracket', () => {
  const text = fc
    .string({ unit: fc.constantFrom(...'ab<>&`*_~: 😀\ud800\u202e'), maxLength: 99 })
    .map((some) => `${some}<!here>&`);
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 90 }), (evil, most) => {
      for (const shown of [escapedWithin, verbatim, strong, codeBlock].map((make) => make(evil, most))) {
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown).not.toMatch(/[<>]/);
        expect(shown).not.toMatch(/&(?!(amp|lt|gt);)/);
      }
    }),
    { numRuns: 50 },
  );
});
