/** When an endpoint is looked at: soon after a delivery, then daily, and hourly while it is told that it does not serve. Pure. */
import type { Iso } from '../../contract/ids.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** After a delivery. */
const FIRST_MS = [1, 3, 10, 30].map((minutes) => minutes * MINUTE_MS);

/** The next look after `now`. `isTold`: somebody waits to hear that it has come right. */
export function nextProbeAt(since: Iso, now: Date, isTold: boolean): Iso {
  const from = Date.parse(since);
  const age = now.getTime() - from;
  const first = FIRST_MS.find((ms) => ms > age);
  if (first !== undefined) return new Date(from + first).toISOString();
  const everyMs = isTold ? HOUR_MS : DAY_MS;
  return new Date(from + (Math.floor(age / everyMs) + 1) * everyMs).toISOString();
}
