/** Messages on a terminal: readable, wrapped, and never steered by what a cluster wrote. */
import { expect, test } from 'vitest';
import { terminalChannel } from '../../../../shared/adapters/local/terminal-channel.ts';

async function shown(subject: string, text: string, how: { colour?: boolean; width?: number } = {}): Promise<string> {
  let output = '';
  const write = (part: string): void => {
    output += part;
  };
  const channel = terminalChannel({ write, colour: how.colour ?? false, width: how.width ?? 80 });
  await channel.send({ id: 'm1', subject, text, parts: [], attributes: {}, data: {} });
  return output;
}

test('a subject, and the text below it', async () => {
  expect(await shown('shop expired', 'First line.\n\nSecond.\n')).toBe('\nshop expired\n  First line.\n\n  Second.\n');
});

test('the subject is bold where there is colour, and only there', async () => {
  expect(await shown('shop', 'text', { colour: true })).toBe('\n\u001b[1mshop\u001b[22m\n  text\n');
});

test('long lines are wrapped, under what they belong to', async () => {
  const text = 'one two three four five\n- six seven eight nine ten\n    eleven twelve thirteen';
  expect((await shown('s', text, { width: 22 })).split('\n').slice(2)).toEqual([
    '  one two three four',
    '  five',
    '  - six seven eight',
    '    nine ten',
    '      eleven twelve',
    '      thirteen',
    '',
  ]);
});

test('a line that fits keeps its columns, a word that does not stays whole', async () => {
  const command = `https://${'x'.repeat(60)}`;
  expect(await shown('s', `name   when\nrun ${command} now`, { width: 30 })).toBe(
    `\ns\n  name   when\n  run\n  ${command}\n  now\n`,
  );
});

test.each([
  ['an escape sequence', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
  ['a window title', '\u001b]0;root\u0007', '\\u{1b}]0;root\\u{7}'],
  ['the 8-bit escape', '\u009b31m', '\\u{9b}31m'],
  ['an overprinted line', 'safe\rfake', 'safe\\u{d}fake'],
  ['a backspace', 'a\u0008b', 'a\\u{8}b'],
  ['a turned direction', 'user\u202etxt.exe', 'user\\u{202e}txt.exe'],
  ['a hidden space', 'exa\u200bmple', 'exa\\u{200b}mple'],
  ['a line separator', 'one\u2028two', 'one\\u{2028}two'],
])('%s is shown, not obeyed', async (_, sent, seen) => {
  expect(await shown(sent, sent)).toBe(`\n${seen}\n  ${seen}\n`);
});

test('a subject stays one line', async () => {
  expect(await shown('one\ntwo', 'text')).toBe('\none\\u{a}two\n  text\n');
});
