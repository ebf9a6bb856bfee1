/** Instants for people: how far from now, and when exactly. */
import type { Iso } from '../../shared/contract/ids.ts';
import { instant, span } from '../../shared/stages/assess/phrases.ts';

/** `3 days ago`, `in 12 hours`, `now`. */
export function fromNow(at: Iso, now: Date): string {
  const ms = Date.parse(at) - now.getTime();
  if (Number.isNaN(ms)) return at;
  if (Math.abs(ms) < 1_000) return 'now';
  return ms < 0 ? `${span(-ms)} ago` : `in ${span(ms)}`;
}

/** `2026-11-24 09:00 UTC`. */
export const calendar: (at: Iso) => string = instant;

/** `3 days ago (2026-11-24 09:00 UTC)`. */
export const both = (at: Iso, now: Date): string => `${fromNow(at, now)} (${calendar(at)})`;
