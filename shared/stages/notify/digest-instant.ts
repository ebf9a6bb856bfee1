/** When a digest was last due: what makes a second call for the same one known as such. Pure. */
import { Cron } from 'croner';
import type { Digest } from '../../contract/fleet.ts';
import type { Iso } from '../../contract/ids.ts';

/** A schedule and this machine may disagree by so much on what time it is. */
const CLOCKS_DIFFER_MS = 60_000;

/** The last instant at which the digest was due, in its time zone; across a change of the clocks as cron has it. */
export function lastDue({ at, timezone, days }: Digest, now: Date): Iso | undefined {
  const [hour, minute] = at.split(':');
  const cron = new Cron(`${Number(minute)} ${Number(hour)} * * ${days.join(',')}`, { timezone, paused: true });
  return cron.previousRuns(1, new Date(now.getTime() + CLOCKS_DIFFER_MS))[0]?.toISOString();
}
