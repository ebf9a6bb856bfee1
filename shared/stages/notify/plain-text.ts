/** Text of others in messages of ours: one line, nothing that a terminal, a mail header or a chat acts on, and never too long. Pure. */
import { spanOf } from '../../contract/span.ts';

/** Controls, invisible format characters (bidi overrides too), lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** At most `length` code points; what is cut off shows as three dots. */
export function clipped(text: string, length: number): string {
  const all = [...text];
  return all.length <= length ? text : `${all.slice(0, length - 3).join('')}...`;
}

/** The text on one line of at most `length` code points, everything unprintable written as an escape. */
export const plain = (text: string, length: number): string => clipped(text.replace(UNPRINTABLE, escaped), length);

const SHORT = { day: 'd', hour: 'h', minute: 'min' } as const;

/** `3 min`, `5 h`, `12 d`: how long ago, never below a minute. */
export function duration(ms: number): string {
  const { n, unit } = spanOf(ms);
  return unit === 'second' ? '1 min' : `${n} ${SHORT[unit]}`;
}

/** `2026-11-24 09:00 UTC`. */
export const instant = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
