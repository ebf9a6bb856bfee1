/** How long something is, in one unit: the same for findings, messages and tables, so that nobody reads 11 days here and 12 there. */

const UNITS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

export interface Span {
  readonly n: number;
  readonly unit: 'day' | 'hour' | 'minute' | 'second';
}

/** The largest unit of which there are at least two, rounded down: 47 hours are not yet 2 days, and 11.9 days are 11. */
export function spanOf(ms: number): Span {
  const largest = UNITS.find((one) => ms >= 2 * one.ms);
  if (!largest) return { n: Math.max(0, Math.floor(ms / 1_000)), unit: 'second' };
  return { n: Math.floor(ms / largest.ms), unit: largest.unit };
}
