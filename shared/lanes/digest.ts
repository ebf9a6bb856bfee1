/** The digest, said once for each instant it is due, on every channel: read from rows, and from what happened since the last one. */
import type { Fleet } from '../contract/fleet.ts';
import { FLEET_SOURCE, type Iso, inventoryLane } from '../contract/ids.ts';
import type { Message } from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';
import { KIND, keys, type Records } from '../contract/records.ts';
import type { Happened, Issuance, LaneState } from '../contract/rows.ts';
import { composeDigest, DIGEST_AHEAD_MS, type DigestFacts, type StaleSource } from '../stages/notify/digest.ts';
import { lastDue } from '../stages/notify/digest-instant.ts';
import { doneIn } from '../stages/notify/done.ts';
import { openFindings } from './findings.ts';
import { asOnlyWorker, inTurn, type LeasePorts } from './lease.ts';
import { pausedLanes } from './pause.ts';
import {
  changeState,
  type Failures,
  failuresOf,
  type Line,
  linesOf,
  type SayPorts,
  sendOn,
  writeRecovered,
} from './say.ts';
import { wantedRows } from './source-rows.ts';

export type DigestPorts = SayPorts &
  LeasePorts & {
    readonly fleet: Pick<Fleet, 'name' | 'clusters' | 'notifications'>;
    /** Where the report is that a deployed service leaves. */
    readonly report?: DigestFacts['report'];
  };

export interface Digested {
  /** `known`: every channel has the one that is due already; `paused`: somebody has stopped the lane. In both cases nothing was said. */
  readonly is: 'said' | 'known' | 'paused';
  /** Of one that was said, also where no channel took it. */
  readonly message?: Message;
  /** Channels that took it. */
  readonly sentOn: readonly string[];
  /** Channels that are left alone for now. */
  readonly waiting: readonly string[];
  /** Like those that wait, they are tried again by a later call for the same instant. */
  readonly failures: Failures;
}

const NOBODY: Pick<Digested, 'sentOn' | 'waiting' | 'failures'> = { sentOn: [], waiting: [], failures: [] };

const DAY_MS = 86_400_000;
/** What happened before is not told even where the last digest was earlier. */
const MOST_MS = 31 * DAY_MS;
/** Inventories are hourly, on a laptop perhaps daily. */
const STALE_MS = 26 * 3_600_000;

const minus = (at: Iso, ms: number): Iso => new Date(Date.parse(at) - ms).toISOString();

/** Every event that counts, from ≤ at < to: one index partition a day. */
async function happenedBetween(records: Records, from: Iso, to: Iso): Promise<readonly Happened[]> {
  const all: Happened[] = [];
  for (let day = from.slice(0, 10); day <= to.slice(0, 10); day = minus(`${day}T00:00:00.000Z`, -DAY_MS).slice(0, 10))
    for await (const { body } of records.list<Happened>(KIND.countedOn(day), { from, to })) all.push(body);
  return all;
}

const sourcesOf = ({ fleet }: DigestPorts): readonly string[] => [
  ...fleet.clusters.map(({ name }) => name),
  FLEET_SOURCE,
];

/** How many certificates are renewed, and which of them soon. */
async function certificatesOf(ports: DigestPorts, until: Iso) {
  const { records } = ports;
  const renewAt = new Map<string, Iso>();
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    if (body.renewAt) renewAt.set(body.id, body.renewAt);
  const wanted = (await Promise.all(sourcesOf(ports).map((source) => wantedRows(records, source)))).flat();
  const renewed = wanted.flatMap(({ body: { id, issuance, held } }) => (issuance && !held ? [{ id, issuance }] : []));
  const renewing = renewed
    .map(({ id, issuance }) => ({ id, at: renewAt.get(issuance) ?? '' }))
    .filter(({ at }) => at >= until && at < minus(until, -DIGEST_AHEAD_MS))
    .toSorted((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
  return { certificates: renewed.length, renewing };
}

function staleOf(source: string, lane: LaneState | undefined, until: Iso): readonly StaleSource[] {
  const { lastOkAt, problem } = lane ?? {};
  if (!problem && lastOkAt && lastOkAt > minus(until, STALE_MS)) return [];
  return [{ source, ...(lastOkAt ? { lastOkAt } : {}), ...(problem ? { problem: problem.detail } : {}) }];
}

async function factsOf(ports: DigestPorts, lines: readonly Line[], until: Iso): Promise<DigestFacts> {
  const { records, fleet } = ports;
  const sources = sourcesOf(ports);
  const lanes = new Map<string, LaneState>();
  for await (const { body } of records.children<LaneState>(keys.lane('notify').pk)) lanes.set(body.lane, body);
  const last = lines
    .flatMap(({ state }) => state.digestFor ?? [])
    .toSorted()
    .at(-1);
  const since = last && last > minus(until, MOST_MS) ? last : minus(until, last ? MOST_MS : DAY_MS);
  const open = await openFindings(records);
  const left = (await records.get(keys.installation()))?.body.leaving;
  return {
    ...(left ? { left } : {}),
    ...{ fleet: fleet.name, since, until, ...(await certificatesOf(ports, until)) },
    findings: open.filter(({ object }) => sources.includes(object.cluster ?? FLEET_SOURCE)),
    done: doneIn(await happenedBetween(records, since, until)),
    stale: sources.flatMap((source) => staleOf(source, lanes.get(inventoryLane(source)), until)),
    paused: await pausedLanes(records, new Date(until)),
    channels: lines.map(({ state }) => state),
    ...(ports.report ? { report: ports.report } : {}),
  };
}

/** Written after the channel took it: a crash in between says it again, with the same id. */
async function sayDigest(ports: DigestPorts, until: Iso): Promise<Digested> {
  const run = { ...ports, now: ports.clock.now() };
  const lines = await linesOf(ports, run.now);
  const owed = lines.filter(({ state }) => (state.digestFor ?? '') < until);
  if (owed.length === 0 && lines.length > 0) return { is: 'known', ...NOBODY };
  const message = composeDigest(await factsOf(ports, lines, until));
  const sentOn: string[] = [];
  for (const line of owed) {
    if (!line.isOpen || !(await sendOn(line, message, run))) continue;
    await changeState(ports.records, line, (state) => ({ ...state, digestFor: until }));
    sentOn.push(line.channel.name);
  }
  await writeRecovered(lines, ports);
  const failures = failuresOf(lines);
  const waiting = owed.flatMap(({ channel: { name }, problem }) => (sentOn.includes(name) || problem ? [] : [name]));
  return { is: 'said', message, sentOn, waiting, failures };
}

/**
 * Says the digest as the only worker of the lane `notify`, waiting for whoever is at it. `by-schedule`: the one that was last due by the
 * fleet's own settings, on the channels that do not have it yet, so that a doubled or repeated event says nothing twice. `by-hand`: now.
 * Throws ProblemError of Records (`nolapse:state-*`), and `nolapse:lane-busy` (retry later) when there was no time left to wait.
 */
export async function digest(ports: DigestPorts, asked: 'by-schedule' | 'by-hand'): Promise<Digested> {
  const { clock, fleet } = ports;
  const now = clock.now();
  const settings = fleet.notifications.digest;
  const due = asked === 'by-schedule' && settings ? lastDue(settings, now) : undefined;
  let said: Digested | undefined;
  const turn = await inTurn(ports, async () => {
    const worked = await asOnlyWorker('notify', ports, () => sayDigest(ports, due ?? now.toISOString()));
    if (worked.is === 'done') said = worked.result;
    return worked.is;
  });
  if (said) return said;
  if (turn === 'paused') return { is: 'paused', ...NOBODY };
  throw new ProblemError({
    type: 'nolapse:lane-busy',
    detail: 'the digest was not said: another run works in the lane notify',
    retry: 'later',
  });
}
