/** The lever `pause`: a lane that nobody works in for a while, with a name and a reason beside it. It ends by itself. */
import { subjectOf } from '../contract/finding.ts';
import type { Fleet } from '../contract/fleet.ts';
import {
  deliverLane,
  type Endpoint,
  FLEET_SOURCE,
  type IssuerId,
  inventoryLane,
  issueLane,
  type Lane,
  type Place,
  PROBE_LANE,
} from '../contract/ids.ts';
import { MAX_PAUSE_MS } from '../contract/limits.ts';
import type { Clock, Journal } from '../contract/ports.ts';
import { InputError } from '../contract/problem.ts';
import { KIND, keys, type Records } from '../contract/records.ts';
import { type Happened, type LaneState, type Pause, pauseOf } from '../contract/rows.ts';
import { laneObject, lanePaused } from '../stages/assess/judge.ts';
import { instant } from '../stages/assess/phrases.ts';
import { parseDuration } from '../standards/certmanager/duration.ts';
import { settle } from './findings.ts';
import { changeLane } from './lease.ts';

export interface PausePorts {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
  readonly journal: Journal;
}

export interface PauseWish {
  /** A duration as Go writes it, e.g. `2h`; `0` ends the pause. */
  readonly for: string;
  /** Told to everybody; not needed for the end. */
  readonly because: string;
  /** Who asks. */
  readonly by: string;
}

export interface PausedLane extends Pause {
  readonly lane: Lane;
}

const MAX_REASON = 200;
/** So many lanes are named to somebody who has mistyped one. */
const LISTED = 10;

/** Lanes of the fleet as it is, and those that have a row from before. */
async function lanesOf({ fleet, records }: PausePorts): Promise<readonly Lane[]> {
  const clusters = fleet.clusters.map(({ name }) => name);
  const lanes = new Set<Lane>([
    'notify',
    ...[...clusters, FLEET_SOURCE].map(inventoryLane),
    ...fleet.issuers.map(({ id }) => issueLane(id)),
    ...clusters.map((name): Lane => `deliver:${name}`),
  ]);
  for await (const { body } of records.list<LaneState>(KIND.lane)) lanes.add(body.lane);
  return [...lanes].toSorted();
}

const refused = (where: string, message: string, fix: string): InputError => new InputError([{ where, message, fix }]);

async function laneIn(typed: string, ports: PausePorts): Promise<Lane> {
  const lanes = await lanesOf(ports);
  const lane = lanes.find((one) => one === typed);
  if (lane) return lane;
  const alike = lanes.filter((one) => one.startsWith(typed.slice(0, typed.indexOf(':') + 1)));
  const meant = alike.length > 0 ? alike : lanes;
  const more = meant.length > LISTED ? ` and ${meant.length - LISTED} more` : '';
  const listed = `there are: ${meant.slice(0, LISTED).join(', ')}${more}`;
  throw refused('<lane>', `there is no lane ${JSON.stringify(typed.slice(0, 80))}`, listed);
}

function msOf({ for: text }: PauseWish): number {
  const duration = parseDuration(text);
  if ('problem' in duration) throw refused('for', duration.problem, 'write e.g. 2h');
  if (duration.ms < 0) throw refused('for', `${JSON.stringify(text)} is over already`, 'write e.g. 2h');
  if (duration.ms > MAX_PAUSE_MS)
    throw refused(
      'for',
      `${text} is too long, at most 168h`,
      'pause it again when it ends, or take it out of the fleet',
    );
  return duration.ms;
}

function reasonOf({ because }: PauseWish): string {
  const reason = because.trim();
  if (reason === '') throw refused('because', 'a pause needs a reason', 'say why, in words that others understand');
  if (reason.length > MAX_REASON)
    throw refused('because', `${reason.length} characters, at most ${MAX_REASON}`, 'say it shorter');
  return reason;
}

/**
 * Stops a lane, or lets it go on; resolves to the pause that holds then. Whoever works there stops at the next safe point, within 20 s.
 * Throws InputError on a lane that is none, a duration that is none or too long, and a missing reason.
 */
export async function pauseLane(typed: string, wish: PauseWish, ports: PausePorts): Promise<Pause | undefined> {
  const { records, clock, journal } = ports;
  const [lane, ms, now] = [await laneIn(typed, ports), msOf(wish), clock.now()];
  const [since, until] = [now.toISOString(), new Date(now.getTime() + ms).toISOString()];
  const pause = ms > 0 ? { since, until, by: wish.by, because: reasonOf(wish) } : undefined;
  let isNews = pause !== undefined;
  await changeLane(records, lane, (state) => {
    const { pause: before, ...rest } = state;
    if (pause) return { ...rest, pause };
    isNews = before !== undefined;
    return before ? rest : state;
  });
  await settlePause(lane, ports);
  const detail: Happened['detail'] = pause ? { until, by: wish.by, because: pause.because } : { by: wish.by };
  const stage = lane.split(':')[0] as Happened['stage'];
  if (isNews) await journal.tell({ subject: lane, what: pause ? 'lane-paused' : 'lane-resumed', stage, detail });
  return pause;
}

/** Only what is said of the pause: the lane says more of itself under the same owner. */
async function settlePause(lane: Lane, { records, clock }: Pick<PausePorts, 'records' | 'clock'>): Promise<void> {
  const now = clock.now();
  const pause = pauseOf((await records.get(keys.lane(lane)))?.body, now);
  const subjects = [subjectOf(laneObject(lane))];
  await settle(records, { owner: `LANE#${lane}`, now, subjects, findings: pause ? [lanePaused(lane, pause)] : [] });
}

/** A pause needs nobody to end, but somebody to say that it has: after this no finding tells of one that is over. */
export async function settlePauses(ports: Pick<PausePorts, 'records' | 'clock'>): Promise<void> {
  const { records, clock } = ports;
  for await (const { body } of records.list<LaneState>(KIND.lane)) {
    if (!body.pause) continue;
    await settlePause(body.lane, ports);
    if (!pauseOf(body, clock.now())) await changeLane(records, body.lane, (state) => withoutPast(state, clock.now()));
  }
}

/** Unless it was paused anew meanwhile. */
function withoutPast(state: LaneState, now: Date): LaneState {
  if (!state.pause || pauseOf(state, now)) return state;
  const { pause: _over, ...rest } = state;
  return rest;
}

/** The lanes that are paused now, by name. */
export async function pausedLanes(records: Records, now: Date): Promise<readonly PausedLane[]> {
  const paused: PausedLane[] = [];
  for await (const { body } of records.list<LaneState>(KIND.lane)) {
    const pause = pauseOf(body, now);
    if (pause) paused.push({ lane: body.lane, ...pause });
  }
  return paused;
}

/** The lanes that the work on one certificate goes through. */
export const lanesFor = (of: {
  readonly source?: string;
  readonly issuer?: IssuerId;
  readonly places: readonly Place[];
  readonly endpoints?: readonly Endpoint[];
}): ReadonlySet<Lane> =>
  new Set([
    ...(of.source === undefined ? [] : [inventoryLane(of.source)]),
    ...(of.issuer === undefined ? [] : [issueLane(of.issuer)]),
    ...of.places.map(deliverLane),
    ...(of.endpoints?.length ? [PROBE_LANE] : []),
  ]);

export const pausedWords = ({ until, by, because }: Pause): string =>
  `paused until ${instant(until)} by ${by}: ${because}`;
