/** How much of its life a certificate may have left before somebody is told. Pure; durations in milliseconds. */
import type { Facts } from '../../contract/certificate.ts';
import type { Iso } from '../../contract/ids.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** No window is shorter: a person needs that long. */
const SHORTEST_WINDOW_MS = 6 * HOUR_MS;
/** A renewal is overdue this share of the lifetime after its instant. */
const OVERDUE_SHARE = 0.05;
/** A CA must be able to sign its longest leaf with this to spare. */
const CA_SPARE_MS = 60 * DAY_MS;

export type Urgency = 'high' | 'critical';
/** How urgent, and since when. */
export interface Alarm {
  readonly severity: Urgency;
  readonly since: Iso;
}

export const lifetimeOf = ({ notBefore, notAfter }: Pick<Facts, 'notBefore' | 'notAfter'>): number =>
  Date.parse(notAfter) - Date.parse(notBefore);
export const isExpired = ({ notAfter }: Pick<Facts, 'notAfter'>, now: Date): boolean =>
  Date.parse(notAfter) <= now.getTime();

const clamped = (lifetime: number, share: number, days: number): number =>
  Math.max(SHORTEST_WINDOW_MS, Math.min(lifetime * share, days * DAY_MS));

/** 20 % of the lifetime, at most 21 days. */
export const highWindow = (lifetime: number): number => clamped(lifetime, 0.2, 21);
/** 10 % of the lifetime, at most 7 days. */
export const criticalWindow = (lifetime: number): number => clamped(lifetime, 0.1, 7);

/** Nothing has been wrong for longer than the certificate exists. */
function alarm(
  { notBefore, notAfter }: Pick<Facts, 'notBefore' | 'notAfter'>,
  now: Date,
  windows: { readonly high: number; readonly critical: number },
) {
  const end = Date.parse(notAfter);
  const left = end - now.getTime();
  if (left > windows.high) return undefined;
  const since = new Date(Math.max(end - windows.high, Date.parse(notBefore))).toISOString();
  return { severity: left <= windows.critical ? 'critical' : 'high', since } as const;
}

/** Of a leaf that no plan of ours renews; undefined while there is time. */
export function leafAlarm(facts: Pick<Facts, 'notBefore' | 'notAfter'>, now: Date): Alarm | undefined {
  const lifetime = lifetimeOf(facts);
  return alarm(facts, now, { high: highWindow(lifetime), critical: criticalWindow(lifetime) });
}

/** Of a CA that must go on to sign leaves of this lifetime; undefined while it can. */
export function caAlarm(ca: Facts, longestLeaf: number, now: Date): Alarm | undefined {
  const high = longestLeaf + CA_SPARE_MS;
  return alarm(ca, now, { high, critical: high / 2 });
}

/** When a renewal that was to begin at `base` is overdue. */
export const overdueAt = (base: Iso, lifetime: number): Date => new Date(Date.parse(base) + lifetime * OVERDUE_SHARE);
