/** Messages on a terminal, for people: a subject, and the text below it, wrapped. What came from a cluster cannot steer the terminal. */
import type { Channel } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';

export interface Terminal {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

const INDENT = '  ';
const NARROWEST = 20;
const BOLD = '\u001b[1m';
const PLAIN = '\u001b[22m';

/**
 * C0, DEL and C1 start escape sequences; line and paragraph separators, and the marks that turn the writing direction (Unicode TR 36 §2.5),
 * make a text look like another one.
 */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

const escaped = (line: string): string =>
  line.replace(STEERING, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** A line that fits stays as it is, columns and all. Words stay whole, so that a command or URL that is longer than the line can still be copied. */
function wrapped(line: string, width: number): readonly string[] {
  if ([...line].length <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const hanging = ' '.repeat(/^ *(?:[-*\u2022] )?/.exec(line)?.[0].length ?? 0);
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ').filter((part) => part !== '')) {
    const longer = current === '' ? `${indent}${word}` : `${current} ${word}`;
    if (current === '' || [...longer].length <= width) current = longer;
    else {
      lines.push(current);
      current = `${hanging}${word}`;
    }
  }
  return [...lines, current];
}

const closed = (cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:terminal-closed',
      detail: `the terminal does not take the message: ${cause instanceof Error ? cause.message : String(cause)}`,
      retry: 'later',
    },
    { cause },
  );

/**
 * Channel `terminal`: an empty line, the subject (bold where there is colour), the text indented by two and wrapped to `width` columns.
 * Throws ProblemError `nolapse:terminal-closed` (retry later) when `write` throws.
 */
export function terminalChannel({ write, colour, width }: Terminal): Channel {
  const columns = Math.max(NARROWEST, width) - INDENT.length;
  const indented = (line: string): string => (line === '' ? '' : `${INDENT}${line}`);
  return {
    name: 'terminal',
    async send({ subject, text }) {
      const title = escaped(subject);
      const lines = text
        .trimEnd()
        .split(/\r?\n/)
        .flatMap((line) => wrapped(escaped(line.replaceAll('\t', INDENT)), columns));
      const shown = ['', colour ? `${BOLD}${title}${PLAIN}` : title, ...lines.map(indented), ''].join('\n');
      try {
        write(shown);
      } catch (error) {
        throw closed(error);
      }
    },
  };
}
