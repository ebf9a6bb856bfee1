/** Progress: plain lines in a pipe, a running count on a terminal. */
import { describe, expect, test } from 'vitest';
import { happenedWords, progressOn } from '../../../cli/output/progress.ts';
import { happened } from '../values.ts';

function screen(isTerminal: boolean) {
  const written: string[] = [];
  return { isTerminal, colours: false, width: 80, write: (text: string) => void written.push(text), written };
}

describe('progressOn', () => {
  test('writes one plain line for each event in a pipe', () => {
    const pipe = screen(false);
    const progress = progressOn(pipe);
    progress.told(happened('issued', { serial: '0a', notAfter: '2027-02-22T09:00:00.000Z' }));
    progress.told(happened('inventory-started', {}, 'inventory:prod\u001b[2J'));
    progress.end();
    expect(pipe.written.join('')).toBe(
      '09:00:00 prod-eu/shop/shop-tls: issued, serial 0a, until 2027-02-22 09:00 UTC\n' +
        '09:00:00 inventory:prod\\u{1b}[2J: reading\n',
    );
  });

  test('keeps a count below the lines of a terminal and takes it away at the end', () => {
    const terminal = screen(true);
    const progress = progressOn(terminal);
    progress.told(happened('issued'));
    expect(terminal.written.at(-1)).toMatch(/1 issued.* …$/);
    progress.line('next');
    expect(terminal.written.slice(-2)).toEqual(['\r\u001b[2K', 'next\n']);
    progress.end();
    expect(terminal.written.at(-1)).toBe('next\n');
  });

  test('does not repeat a message that stands on the terminal', () => {
    const pipe = screen(false);
    progressOn(pipe).told(happened('message-sent', { channel: 'terminal' }, 'notify'));
    expect(pipe.written).toEqual([]);
  });
});

test('happenedWords says an event it has no sentence for with all that is known of it', () => {
  expect(happenedWords(happened('something-new', { a: '1', b: '\u001b' }))).toBe('something-new, a 1, b \\u{1b}');
});
