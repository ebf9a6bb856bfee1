/** What is due in lanes where nothing moves: a wait for others ends there, and says why. */
import type { Iso, Lane } from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { keys, type Records } from '../contract/records.ts';
import { type LaneState, pauseOf } from '../contract/rows.ts';
import { pausedWords } from './pause.ts';

interface Ports {
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
}

export interface StillDue {
  readonly lane: Lane;
  readonly since: Iso;
  /** In words that follow the name of the lane. */
  readonly why: string;
  /** Absent = until somebody does something about it. */
  readonly until?: Iso;
}

/** Work goes on within two minutes of whatever has ended it: what nobody has touched for so long is left alone by everybody. */
const STILL_MS = 120_000;
/** Between two looks at all rows that are due. */
const LOOK_MS = 10_000;
/** Rows of a lane that are looked at. */
const READ = 1_000;

interface DueLane {
  readonly state: LaneState;
  readonly since: Iso;
}

/** Inventories have no rows that are due; a lane without a row is one that nobody has begun. */
async function dueLanes({ records, clock }: Ports): Promise<readonly DueLane[]> {
  const now = clock.now().toISOString();
  const lanes = new Map<Lane, LaneState>([['notify', { lane: 'notify', failures: 0 }]]);
  for await (const { body } of records.children<LaneState>(keys.lane('notify').pk)) lanes.set(body.lane, body);
  const due: DueLane[] = [];
  for (const state of lanes.values()) {
    const since = await records.dueSince(state.lane, now);
    if (since) due.push({ state, since });
  }
  return due;
}

/** Due in lanes that somebody has paused: nobody waits for it, but whoever asks is told. */
export async function dueInPause(ports: Ports): Promise<readonly StillDue[]> {
  return (await dueLanes(ports)).flatMap(({ state, since }) => {
    const pause = pauseOf(state, ports.clock.now());
    return pause ? [{ lane: state.lane, since, why: `it is ${pausedWords(pause)}`, until: pause.until }] : [];
  });
}

/** Watches what is due from outside. */
export class Stillness {
  readonly #ports: Ports;
  #seen = '';
  #movedAt: number;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#movedAt = ports.clock.now().getTime();
  }

  /** Whether nobody works, and no row that is due was written for two minutes: taking a lane and leaving it is no movement. */
  async isOver(): Promise<boolean> {
    const now = this.#ports.clock.now().getTime();
    if (now - this.#lookedAt < LOOK_MS) return false;
    this.#lookedAt = now;
    const lanes = await this.#open();
    const seen = await this.#revsIn(lanes);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#movedAt = now;
    }
    const isWorked = lanes.some(({ state }) => state.holder && (state.leasedUntil ?? '') > new Date(now).toISOString());
    return !isWorked && now - this.#movedAt >= STILL_MS;
  }

  async left(): Promise<readonly StillDue[]> {
    return (await this.#open()).map(({ state: { lane, problem }, since }) => ({
      ...{ lane, since },
      why: `nothing was done in it for ${STILL_MS / 60_000} minutes${problem ? `: ${problem.detail}` : '; look at its function, and at what its queue could not deliver'}`,
    }));
  }

  async #open(): Promise<readonly DueLane[]> {
    const now = this.#ports.clock.now();
    return (await dueLanes(this.#ports)).filter(({ state }) => !pauseOf(state, now));
  }

  async #revsIn(lanes: readonly DueLane[]): Promise<string> {
    const { records, clock } = this.#ports;
    const now = clock.now().toISOString();
    const due = await Promise.all(lanes.map(({ state }) => records.due(state.lane, now, READ)));
    return due.flatMap((rows) => rows.map(({ pk, sk, rev }) => `${pk}|${sk}|${rev}`)).join(' ');
  }
}
