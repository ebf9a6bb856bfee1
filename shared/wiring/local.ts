/** The local world: a laptop, cron, a pipeline. One process runs the same lanes as the Lambdas, with a folder as its store. */
import { type CertificateId, FLEET_SOURCE, type Lane, type Place } from '../contract/ids.ts';
import type { CertificateView, Finding, SourceView } from '../contract/observation.ts';
import type { Blobs, Clock } from '../contract/ports.ts';
import { KIND, type Records } from '../contract/records.ts';
import type { Issuance, LaneState } from '../contract/rows.ts';
import { type Adoption, adopt, adoptionOf } from '../lanes/adopt.ts';
import { runDeliverLane } from '../lanes/deliver.ts';
import { openFindings } from '../lanes/findings.ts';
import { force } from '../lanes/force.ts';
import { installationOf } from '../lanes/installation.ts';
import { runInventoryLane } from '../lanes/inventory.ts';
import { runIssueLane } from '../lanes/issue.ts';
import { asOnlyWorker } from '../lanes/lease.ts';
import { notifyLane } from '../lanes/notify.ts';
import { type Plan, type PlanOptions, plan } from '../lanes/plan.ts';
import { sourceViews, viewsOf } from '../lanes/sources.ts';
import { type LocalOptions, type LocalParts, localParts } from './local-parts.ts';

export interface Local {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Looks at every source, side by side. What cannot be read is a finding. */
  inventory(): Promise<void>;
  /** What `run` would do, from what the last inventory wrote. Writes nothing. */
  plan(options?: PlanOptions): Promise<Plan>;
  /** Issues, delivers and tells until nothing is due; `only`: these issuances. */
  run(only?: readonly string[]): Promise<{ readonly inProgress: readonly CertificateId[] }>;
  /** Makes a certificate due now. Throws InputError where nothing can be asked for. */
  force(id: CertificateId, by: string): Promise<void>;
  /** What is in the places of a certificate that are not ours, beside what would be written. */
  adoption(id: CertificateId): Promise<readonly Adoption[]>;
  /** Agrees that they are taken over; the places that this is about. */
  adopt(id: CertificateId): Promise<readonly Place[]>;
  sources(): Promise<readonly SourceView[]>;
  views(): Promise<readonly CertificateView[]>;
  findings(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export type { Adoption, LocalOptions, Plan, PlanOptions };

/** Another run works in the lane: its result is ours as well. */
const BUSY_MS = 500;

/** Throws ProblemError `nolapse:state-*` where the folder cannot be used, InputError where it is of another fleet. */
export async function openLocal(options: LocalOptions): Promise<Local> {
  const parts = await localParts(options);
  const { records, blobs, clock } = parts;
  await installationOf(records, { fleet: options.fleet.name, now: clock.now() });
  const sources = [...options.fleet.clusters.map(({ name }) => name), FLEET_SOURCE];
  return {
    ...{ records, blobs, clock },
    inventory: async () => {
      await Promise.all(sources.map((source) => inTurn(parts, () => runInventoryLane(source, parts))));
    },
    plan: (wish) => plan(parts, wish),
    run: (only) => runAll(parts, only && new Set(only)),
    force: (id, by) => force(id, by, parts),
    adoption: (id) => adoptionOf(id, parts),
    adopt: (id) => adopt(id, parts),
    sources: () => sourceViews(sources, parts),
    views: () => viewsOf(sources, parts),
    findings: async () =>
      (await openFindings(records)).filter(({ object }) => sources.includes(object.cluster ?? FLEET_SOURCE)),
    close: parts.close,
  };
}

/** Waits for whoever works in the lane. The sleep rejects only with the run's own end, which the loop looks at next. */
async function inTurn({ clock, signal }: LocalParts, lane: () => Promise<'busy' | 'done'>): Promise<void> {
  while (!signal?.aborted && clock.remainingMs() > 0 && (await lane()) === 'busy')
    await clock.sleep(BUSY_MS).catch(() => undefined);
}

async function isDue({ records, clock }: LocalParts, lane: Lane): Promise<boolean> {
  return (await records.due(lane, clock.now().toISOString(), 1)).length > 0;
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
  return { inProgress };
}
