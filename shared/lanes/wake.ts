/** The bell: asks each lane whether it has work, and rings it. Reads rows, writes none; a ring that is lost is rung again a minute later. */
import type { Fleet } from '../contract/fleet.ts';
import { FLEET_SOURCE, inventoryLane, type Lane } from '../contract/ids.ts';
import type { Bell, Clock } from '../contract/ports.ts';
import { keys, type Records } from '../contract/records.ts';
import { type Installation, type LaneState, type Leaving, pauseOf } from '../contract/rows.ts';
import { sideBySide } from './side-by-side.ts';

export interface WakePorts {
  readonly fleet: Pick<Fleet, 'clusters'>;
  readonly records: Records;
  readonly bell: Bell;
  readonly clock: Pick<Clock, 'now'>;
}

export interface Woken {
  readonly rung: readonly Lane[];
  /** Seconds since the oldest row became due that is due and not paused; 0 = nothing is. */
  readonly oldestDueSeconds: number;
  /** The fleet was left: nothing is rung before somebody takes it up again. */
  readonly left?: Leaving;
}

/** Inventories are rung every hour; one that nobody has tried for longer was rung in vain. */
const UNTRIED_MS = 75 * 60_000;

const isLeased = ({ holder, leasedUntil = '' }: LaneState, now: Date): boolean =>
  holder !== undefined && leasedUntil > now.toISOString();

/** A worker that ended without giving the lane back: killed, or out of time. */
const isLeft = (state: LaneState, now: Date): boolean => state.holder !== undefined && !isLeased(state, now);

const isUntried = ({ lane, lastTryAt }: LaneState, now: Date): boolean =>
  lane.startsWith('inventory:') && now.getTime() - Date.parse(lastTryAt ?? '1970-01-01') > UNTRIED_MS;

/** The lanes there are: those that have a row, and those that every fleet has. Inventories of sources that the fleet no longer has are left out. */
async function lanesOf({ records, fleet }: WakePorts): Promise<readonly LaneState[]> {
  const sources = [FLEET_SOURCE, ...fleet.clusters.map(({ name }) => name)];
  const always = ['notify' as const, ...sources.map(inventoryLane)].map((lane): LaneState => ({ lane, failures: 0 }));
  const lanes = new Map<Lane, LaneState>(always.map((state) => [state.lane, state]));
  for await (const { body } of records.children<LaneState>(keys.lane('notify').pk))
    if (!body.lane.startsWith('inventory:') || lanes.has(body.lane)) lanes.set(body.lane, body);
  return [...lanes.values()];
}

/** By a query, as all that this lane reads: it has no right to anything else. */
async function leftOf(records: Records): Promise<Leaving | undefined> {
  for await (const { body } of records.children<Installation>(keys.installation().pk))
    if (body.leaving?.closedAt) return body.leaving;
  return undefined;
}

/**
 * One look at all lanes. Rung is what has a row that is due, what its worker left without giving it back, and an inventory that nobody
 * has tried for over an hour. A lane that somebody works in is let be: its worker reads what is due every ten seconds.
 */
export async function wake(ports: WakePorts): Promise<Woken> {
  const { records, bell, clock } = ports;
  const now = clock.now();
  const left = await leftOf(records);
  if (left) return { rung: [], oldestDueSeconds: 0, left };
  const awake = (await lanesOf(ports)).filter((state) => !pauseOf(state, now));
  const looked = await sideBySide(awake, async (state) => ({
    state,
    since: await records.dueSince(state.lane, now.toISOString()),
  }));
  const rung = looked
    .filter(
      ({ state, since }) =>
        !isLeased(state, now) && (since !== undefined || isLeft(state, now) || isUntried(state, now)),
    )
    .map(({ state }) => state.lane);
  for (const lane of rung) await bell.ring(lane);
  const oldest = Math.min(now.getTime(), ...looked.flatMap(({ since }) => (since ? [Date.parse(since)] : [])));
  return { rung, oldestDueSeconds: Math.round((now.getTime() - oldest) / 1_000) };
}

/** The fleet's inventory: rings every source, the fleet file's own wishes last, when they may find what the clusters hold. */
export async function wakeInventories({
  fleet,
  bell,
  records,
}: Omit<WakePorts, 'clock'>): Promise<Omit<Woken, 'oldestDueSeconds'>> {
  const left = await leftOf(records);
  if (left) return { rung: [], left };
  const lanes = [...fleet.clusters.map(({ name }) => name), FLEET_SOURCE].map(inventoryLane);
  for (const lane of lanes) await bell.ring(lane);
  return { rung: lanes };
}
