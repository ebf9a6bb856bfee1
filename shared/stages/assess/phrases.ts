/** The words that messages of findings share: instants, spans and lists as people read them. */
import type { Iso } from '../../contract/ids.ts';
import { spanOf } from '../../contract/span.ts';

/** `2026-11-24 09:00 UTC` */
export const instant = (at: Iso | Date): string =>
  `${(typeof at === 'string' ? at : at.toISOString()).slice(0, 16).replace('T', ' ')} UTC`;

/** `3 days`, `36 hours`, `90 minutes`, `50 seconds`. */
export function span(ms: number): string {
  const { n, unit } = spanOf(ms);
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}

export const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);

/** `a, b and 3 more` */
export function list(items: readonly string[], most = 3): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** At most that many characters, so that a message stays one sentence; evidence holds the whole. */
export const shortened = (text: string, most = 240): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
