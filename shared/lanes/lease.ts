/** One lane, one worker: a lease on the lane's row, renewed while the work runs. Leases save work; `rev` saves truth. */
import type { Lane } from '../contract/ids.ts';
import { LEASE_MS, LEASE_RENEW_MS, STOP_BEFORE_DEADLINE_MS } from '../contract/limits.ts';
import type { Clock } from '../contract/ports.ts';
import { isOfStore } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import { rest } from '../contract/rest.ts';
import { type LaneState, pauseOf } from '../contract/rows.ts';

export interface LeasePorts {
  readonly records: Records;
  readonly clock: Clock;
  /** Who works here, and who has surely stopped: a lease of one that is gone is free. */
  readonly holder: { readonly name: string; isGone(holder: string): boolean };
  /** Ends the work early: a second Ctrl-C, a deadline of the caller. */
  readonly signal?: AbortSignal;
}

/** Somebody else works in the lane, or the work had to stop. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
export class DeadlineNear extends Error {
  override readonly name = 'DeadlineNear';
}
/** Somebody has stopped the lane while it was worked in. */
export class LanePaused extends Error {
  override readonly name = 'LanePaused';
}

const idle = (lane: Lane): LaneState => ({ lane, failures: 0 });

/** The row of a lane exists as soon as anybody has work for it. */
export async function ensureLane(records: Records, lane: Lane): Promise<void> {
  await decided(records, keys.lane(lane), (row) => (row ? undefined : rows.lane(idle(lane), 0)));
}

export async function changeLane(
  records: Records,
  lane: Lane,
  change: (state: LaneState) => LaneState,
): Promise<LaneState> {
  const row = await decided(records, keys.lane(lane), (stored) => {
    const before = stored?.body ?? idle(lane);
    const next = change(before);
    return next === before ? undefined : rows.lane(next, stored?.rev ?? 0);
  });
  return row?.body ?? idle(lane);
}

type Taken = 'taken' | 'busy' | 'paused';

async function take(lane: Lane, { records, clock, holder: { name, isGone } }: LeasePorts): Promise<Taken> {
  const now = clock.now();
  const state = await changeLane(records, lane, (stored) => {
    const { holder, leasedUntil = '' } = stored;
    const isFree = !holder || holder === name || leasedUntil <= now.toISOString() || isGone(holder);
    if (!isFree || pauseOf(stored, now)) return stored;
    return { ...stored, holder: name, leasedUntil: new Date(now.getTime() + LEASE_MS).toISOString() };
  });
  if (pauseOf(state, now)) return 'paused';
  return state.holder === name ? 'taken' : 'busy';
}

async function release(lane: Lane, { records, holder: { name } }: LeasePorts): Promise<void> {
  await changeLane(records, lane, (stored) => {
    if (stored.holder !== name) return stored;
    const { holder: _holder, leasedUntil: _until, ...free } = stored;
    return free;
  });
}

/** Aborts the work when the lease is lost or the lane is paused, or in time before the deadline. Stopped by `over`. */
async function guard(lane: Lane, from: LeasePorts & { work: AbortController; over: AbortSignal }) {
  const { clock, work, over } = from;
  const stopBefore = Math.min(STOP_BEFORE_DEADLINE_MS, clock.remainingMs() / 10);
  try {
    for (;;) {
      const left = clock.remainingMs() - stopBefore;
      if (left <= 0) return work.abort(new DeadlineNear(`${lane}: the deadline is near`));
      await clock.sleep(Math.min(LEASE_RENEW_MS, left), over);
      const taken = await take(lane, from);
      if (taken === 'paused') return work.abort(new LanePaused(`${lane}: the lane is paused`));
      if (taken === 'busy') return work.abort(new LeaseLost(`${lane}: the lease was lost`));
    }
  } catch (error) {
    if (!over.aborted) work.abort(error);
  }
}

/**
 * How a lane's turn ended: `busy` = somebody else is at it, try again soon; `paused` = somebody has stopped it, there is no use in
 * trying before the pause is over. In neither case anything was done.
 */
export type Turn = 'busy' | 'paused' | 'done';

/** Runs `work` as the lane's only worker; a pause that begins meanwhile ends it as a deadline does. */
export async function asOnlyWorker<T>(
  lane: Lane,
  ports: LeasePorts,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly is: Exclude<Turn, 'done'> } | { readonly is: 'done'; readonly result: T }> {
  const taken = await take(lane, ports);
  if (taken !== 'taken') return { is: taken };
  const [stop, over] = [new AbortController(), new AbortController()];
  const signal = ports.signal ? AbortSignal.any([ports.signal, stop.signal]) : stop.signal;
  const guarding = guard(lane, { ...ports, work: stop, over: over.signal });
  try {
    const result = await work(signal);
    // a deadline, a pause and another worker are no errors; a lease that could not be renewed is one
    if (isOfStore(stop.signal.reason)) throw stop.signal.reason;
    return { is: 'done', result };
  } finally {
    over.abort();
    await guarding;
    await release(lane, ports);
  }
}

/** Another run works in the lane: its result is ours as well. */
const BUSY_MS = 500;

/** Waits for whoever works in the lane; one that is paused is not waited for. `busy` = our own time was over first. */
export async function inTurn(
  { clock, signal }: Pick<LeasePorts, 'clock' | 'signal'>,
  lane: () => Promise<Turn>,
): Promise<Turn> {
  let turn: Turn = 'busy';
  while (turn === 'busy' && !signal?.aborted && clock.remainingMs() > 0) {
    turn = await lane();
    if (turn === 'busy') await rest(clock, BUSY_MS, signal);
  }
  return turn;
}

/** A lane in which the work could not be done: somebody has stopped it, or it was not free before our time was over. */
export interface Unsettled {
  readonly lane: Lane;
  readonly why: 'paused' | 'no-time';
}

export const unsettled = (lane: Lane, turn: Turn): Unsettled => ({
  lane,
  why: turn === 'paused' ? 'paused' : 'no-time',
});
