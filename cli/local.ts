/** What the commands need of the local world, and how it is opened: loaded when a command runs, so that `--help` loads nothing of it. */
import type { Facts } from '../shared/contract/certificate.ts';
import type { Fleet } from '../shared/contract/fleet.ts';
import type { CertificateId, Place } from '../shared/contract/ids.ts';
import type { CertificateView, Finding, Ownership, SourceView } from '../shared/contract/observation.ts';
import type { Blobs, Channel, Clock } from '../shared/contract/ports.ts';
import type { Records } from '../shared/contract/records.ts';
import type { Happened } from '../shared/contract/rows.ts';
import type { Plan, PlanOptions } from '../shared/lanes/plan.ts';

export interface LocalOptions {
  readonly fleet: Fleet;
  /** Folder. */
  readonly state: string;
  readonly home: string;
  readonly allowExec: boolean;
  readonly announce: (line: string) => void;
  readonly watch: (event: Happened) => void;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly terminal?: Channel;
}

export interface Local {
  readonly records: Records;
  readonly blobs: Blobs;
  readonly clock: Clock;
  inventory(): Promise<void>;
  plan(options?: PlanOptions): Promise<Plan>;
  run(only?: readonly string[]): Promise<{ readonly inProgress: readonly CertificateId[] }>;
  force(id: CertificateId, by: string): Promise<void>;
  adoption(id: CertificateId): Promise<readonly Adoption[]>;
  adopt(id: CertificateId): Promise<readonly Place[]>;
  sources(): Promise<readonly SourceView[]>;
  views(): Promise<readonly CertificateView[]>;
  findings(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export interface Adoption {
  readonly place: Place;
  readonly ownership: Ownership;
  readonly have?: Facts;
  readonly want: Facts | 'a new certificate';
}

export async function openLocal(options: LocalOptions): Promise<Local> {
  const at = '../shared/wiring/local.ts';
  const wiring = (await import(at)) as { openLocal(options: LocalOptions): Promise<Local> };
  return wiring.openLocal(options);
}
