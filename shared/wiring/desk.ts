/** What is asked of the rows, wherever they are: the part of a world that reads, and the levers that are rows. */
import { type CertificateId, FLEET_SOURCE, type Place } from '../contract/ids.ts';
import type { CertificateView, Finding, SourceView } from '../contract/observation.ts';
import type { Blobs } from '../contract/ports.ts';
import { keys } from '../contract/records.ts';
import type { Leaving, Pause } from '../contract/rows.ts';
import { type Adoption, adopt, adoptionOf } from '../lanes/adopt.ts';
import { openFindings } from '../lanes/findings.ts';
import { force } from '../lanes/force.ts';
import { rejoin, requireStaying } from '../lanes/installation.ts';
import type { LanePorts } from '../lanes/lane-ports.ts';
import { type PausedLane, type PauseWish, pausedLanes, pauseLane } from '../lanes/pause.ts';
import { type Plan, type PlanOptions, type PlanPorts, plan } from '../lanes/plan.ts';
import { planInManage } from '../lanes/plan-in-manage.ts';
import { sourceViews, viewsOf } from '../lanes/sources.ts';

export interface Desk {
  readonly records: LanePorts['records'];
  readonly blobs: Blobs;
  readonly clock: LanePorts['clock'];
  /** What `run` would do, from what the last inventory wrote. Writes nothing. */
  plan(options?: PlanOptions): Promise<Plan>;
  /** The same of one that is in audit, as it would be in manage. Throws InputError where nothing would be done then either. */
  planInManage(id: CertificateId): Promise<Plan>;
  /** Makes a certificate due now. Throws InputError where nothing can be asked for. */
  force(id: CertificateId, by: string): Promise<void>;
  /** What is in the places of a certificate that are not ours, beside what would be written. */
  adoption(id: CertificateId): Promise<readonly Adoption[]>;
  /** Agrees that they are taken over; the places that this is about. */
  adopt(id: CertificateId): Promise<readonly Place[]>;
  /** Stops a lane for a while, or lets it go on; the pause that holds then. Throws InputError. */
  pause(lane: string, wish: PauseWish): Promise<Pause | undefined>;
  pausedLanes(): Promise<readonly PausedLane[]>;
  /** That the fleet was left, where it was. */
  leaving(): Promise<Leaving | undefined>;
  /** Takes up a fleet that was left. */
  rejoin(): Promise<void>;
  /** Throws InputError where the fleet was left. */
  requireStaying(): Promise<void>;
  sources(): Promise<readonly SourceView[]>;
  views(): Promise<readonly CertificateView[]>;
  findings(): Promise<readonly Finding[]>;
}

type Parts = Pick<LanePorts, 'fleet' | 'records' | 'clock' | 'bell' | 'journal'> &
  Pick<PlanPorts, 'authorityOf'> & { readonly blobs: Blobs };

/** The fleet file and the clusters of it. */
export const sourcesOf = ({ clusters }: Parts['fleet']): readonly string[] => [
  ...clusters.map(({ name }) => name),
  FLEET_SOURCE,
];

export function deskOf(parts: Parts): Desk {
  const { records, blobs, clock } = parts;
  const sources = sourcesOf(parts.fleet);
  return {
    ...{ records, blobs, clock },
    plan: (wish) => plan(parts, wish),
    planInManage: (id) => planInManage(id, parts),
    force: (id, by) => force(id, by, parts),
    adoption: (id) => adoptionOf(id, parts),
    adopt: (id) => adopt(id, parts),
    pause: (lane, wish) => pauseLane(lane, wish, parts),
    pausedLanes: () => pausedLanes(records, clock.now()),
    leaving: async () => (await records.get(keys.installation()))?.body.leaving,
    rejoin: () => rejoin(records),
    requireStaying: () => requireStaying(records),
    sources: () => sourceViews(sources, parts),
    views: () => viewsOf(sources, parts),
    findings: async () =>
      (await openFindings(records)).filter(({ object }) => sources.includes(object.cluster ?? FLEET_SOURCE)),
  };
}
