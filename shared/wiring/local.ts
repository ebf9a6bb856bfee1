/** The local world: a laptop, cron, a pipeline. One process runs the same lanes as the Lambdas, with a folder as its store. */
import type { CertificateId, Lane } from '../contract/ids.ts';
import { KIND } from '../contract/records.ts';
import type { Issuance, LaneState } from '../contract/rows.ts';
import type { Adoption } from '../lanes/adopt.ts';
import { runDeliverLane } from '../lanes/deliver.ts';
import { type Digested, digest } from '../lanes/digest.ts';
import { installationOf } from '../lanes/installation.ts';
import { runInventoryLane } from '../lanes/inventory.ts';
import { runIssueLane } from '../lanes/issue.ts';
import { asOnlyWorker, inTurn } from '../lanes/lease.ts';
import { inOneProcess, type Left, leave, lookAtLeaving } from '../lanes/leave.ts';
import { notifyLane } from '../lanes/notify.ts';
import type { PausedLane, PauseWish } from '../lanes/pause.ts';
import type { Plan, PlanOptions } from '../lanes/plan.ts';
import { type Rehearsal, rehearse } from '../lanes/rehearse.ts';
import { dueInPause, type StillDue } from '../lanes/still-due.ts';
import { type Desk, deskOf, sourcesOf } from './desk.ts';
import { type LocalOptions, type LocalParts, localParts } from './local-parts.ts';

export interface Local extends Desk {
  /** Looks at every source, side by side. What cannot be read is a finding. */
  inventory(): Promise<void>;
  /** Issues, delivers and tells until nothing is due; `only`: these issuances. */
  run(only?: readonly string[]): Promise<Ran>;
  /** One certificate obtained on trial and thrown away. Throws InputError where there is nothing to rehearse, or nobody with whom. */
  rehearse(id: CertificateId): Promise<Rehearsal>;
  /** How things stand, said now on every channel that the fleet names: whoever asks reads it in the answer. */
  digest(): Promise<Digested>;
  /** What `leave` would do and what would stay. Changes nothing. */
  lookAtLeaving(): Promise<Left>;
  /** Gives the fleet up. Again and again does no harm. */
  leave(by: string): Promise<Left>;
  close(): Promise<void>;
}

export type { Adoption, Digested, Left, LocalOptions, PausedLane, PauseWish, Plan, PlanOptions, Rehearsal, StillDue };

export interface Ran {
  /** Whose attempts another run must go on with. */
  readonly inProgress: readonly CertificateId[];
  /** Lanes in which something is due that this run did not wait for. */
  readonly stillDue: readonly StillDue[];
}

/** Throws ProblemError `nolapse:state-*` where the folder cannot be used, InputError where it is of another fleet. */
export async function openLocal(options: LocalOptions): Promise<Local> {
  const parts = await localParts(options);
  const { records, clock } = parts;
  await installationOf(records, { fleet: options.fleet.name, now: clock.now() });
  const sources = sourcesOf(options.fleet);
  return {
    ...deskOf(parts),
    inventory: async () => {
      await Promise.all(sources.map((source) => inTurn(parts, () => runInventoryLane(source, parts))));
    },
    rehearse: (id) => rehearse(id, { ...parts, told: parts.watch }),
    run: (only) => runAll(parts, only && new Set(only)),
    digest: () =>
      digest({ ...parts, channels: parts.channels.filter((channel) => channel !== options.terminal) }, 'by-hand'),
    lookAtLeaving: () => lookAtLeaving(inOneProcess(parts)),
    leave: (by) => leave(by, inOneProcess(parts)),
    close: parts.close,
  };
}

async function isDue({ records, clock }: LocalParts, lane: Lane): Promise<boolean> {
  return (await records.dueSince(lane, clock.now().toISOString())) !== undefined;
}

/** Rings what is due and answers until nothing rings; the messages come last, when what they tell of has settled. */
async function runAll(parts: LocalParts, only?: ReadonlySet<string>) {
  const { records, bell, fleet, clock, journal, channels } = parts;
  for await (const { body } of records.list<LaneState>(KIND.lane))
    if (/^(issue|deliver):/.test(body.lane) && (await isDue(parts, body.lane))) await bell.ring(body.lane);
  const ports = { ...parts, ...(only ? { only } : {}) };
  await bell.answer(async (lane) => {
    const [, kind, name] = /^(issue|deliver):(.*)$/.exec(lane) ?? [];
    if (kind === 'issue' && name) await inTurn(parts, () => runIssueLane(name, ports));
    if (kind === 'deliver' && name) await inTurn(parts, () => runDeliverLane(name, ports));
  });
  await inTurn(parts, async () => {
    const ports = { fleet: fleet.name, records, clock, journal, channels };
    return (await asOnlyWorker('notify', parts, () => notifyLane(ports))).is;
  });
  const inProgress: CertificateId[] = [];
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    if (body.attempt && (!only || only.has(body.id))) inProgress.push(...body.members);
  return { inProgress, stillDue: await dueInPause(parts) };
}
