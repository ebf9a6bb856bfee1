/** Waiting for lanes that others work in: they are watched from outside, and rung again where nobody has taken them up. */
import { keys, type Records } from '../contract/records.ts';
import { rest } from '../contract/rest.ts';
import { type LaneState, pauseOf } from '../contract/rows.ts';
import type { LanePorts } from './lane-ports.ts';

/** Between two looks at the rows. */
const LOOK_MS = 1_000;
/** So long a lane that is due is left to whoever heard the bell before it is rung again. */
const RING_AGAIN_MS = 10_000;

/** Whether a lane has nothing to do and nobody in it. A paused one rests, whatever waits in it. */
export async function isQuiet(state: LaneState, records: Records, at: Date): Promise<boolean> {
  const { lane, holder, leasedUntil = '' } = state;
  const now = at.toISOString();
  if (pauseOf(state, at)) return true;
  if (holder !== undefined && leasedUntil > now) return false;
  return (await records.due(lane, now, 1)).length === 0;
}

/** As `isQuiet`, of a lane by its name; one without a row has nothing to do. */
export async function isLaneQuiet(
  lane: LaneState['lane'],
  { records, clock }: Pick<LanePorts, 'records' | 'clock'>,
): Promise<boolean> {
  const state = (await records.get(keys.lane(lane)))?.body;
  return state === undefined || isQuiet(state, records, clock.now());
}

export interface Waiting extends Pick<LanePorts, 'clock' | 'signal'> {
  readonly isOver: () => Promise<boolean>;
  readonly ring: () => Promise<void>;
  /** Before each pause, e.g. to tell what has happened. */
  readonly look?: () => Promise<void>;
}

/** Until it is over, or our own time is. */
export async function untilQuiet({ clock, signal, isOver, ring, look }: Waiting): Promise<void> {
  let rungAt = Number.NEGATIVE_INFINITY;
  while (!signal?.aborted && clock.remainingMs() > 0 && !(await isOver())) {
    const now = clock.now().getTime();
    if (now - rungAt > RING_AGAIN_MS) {
      await ring();
      rungAt = now;
    }
    await look?.();
    await rest(clock, LOOK_MS, signal);
  }
}
