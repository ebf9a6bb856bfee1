/** The words that messages of findings share: instants, spans and lists as people read them. */
import type { Iso } from '../../contract/ids.ts';
import { DAY_MS, HOUR_MS } from './thresholds.ts';

const MINUTE_MS = 60_000;

/** `2026-11-24 09:00 UTC` */
export const instant = (at: Iso | Date): string =>
  `${(typeof at === 'string' ? at : at.toISOString()).slice(0, 16).replace('T', ' ')} UTC`;

const counted = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'}`;

/** The largest unit of which there are at least two, rounded down: `3 days`, `36 hours`, `90 minutes`. */
export function span(ms: number): string {
  if (ms >= 2 * DAY_MS) return counted(Math.floor(ms / DAY_MS), 'day');
  if (ms >= 2 * HOUR_MS) return counted(Math.floor(ms / HOUR_MS), 'hour');
  return counted(Math.max(0, Math.floor(ms / MINUTE_MS)), 'minute');
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
