/** Instants for people: how far from now, and when exactly. */
import type { Iso } from '../../shared/contract/ids.ts';

const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
] as const;

/** The largest unit of which there are at least two, rounded: 47 hours are not yet 2 days. */
function span(ms: number): string {
  const unit = UNITS.find((u) => ms >= 2 * u.ms) ?? { name: 'second', ms: 1_000 };
  const n = Math.round(ms / unit.ms);
  return `${n} ${unit.name}${n === 1 ? '' : 's'}`;
}

/** `3 days ago`, `in 12 hours`, `now`. */
export function fromNow(at: Iso, now: Date): string {
  const ms = Date.parse(at) - now.getTime();
  if (Number.isNaN(ms)) return at;
  if (Math.abs(ms) < 1_000) return 'now';
  return ms < 0 ? `${span(-ms)} ago` : `in ${span(ms)}`;
}

/** `2026-11-24 09:00 UTC`. */
export const calendar = (at: Iso): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/** `3 days ago (2026-11-24 09:00 UTC)`. */
export const both = (at: Iso, now: Date): string => `${fromNow(at, now)} (${calendar(at)})`;
