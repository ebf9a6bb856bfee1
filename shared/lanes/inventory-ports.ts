/** What a pass over a source needs of the world, and what it leaves behind. */
import type { Cluster, Fleet } from '../contract/fleet.ts';
import type { Bell, Blobs, Clock, ClusterReader, DestinationAdapter, Journal } from '../contract/ports.ts';
import type { Records } from '../contract/records.ts';
import type { LeasePorts } from './lease.ts';

export interface InventoryLanePorts {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly blobs: Blobs;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly holder: LeasePorts['holder'];
  /** Throws ProblemError where the cluster cannot be reached at all. */
  readonly readerOf: (cluster: Cluster) => Promise<ClusterReader>;
  readonly destinationsOf: (party: string) => Promise<DestinationAdapter>;
  /** Secrets read so far, for whoever watches. */
  readonly progress?: (source: string, seen: number) => void;
  readonly signal?: AbortSignal;
}

/** What a pass counted. */
export interface Passed {
  readonly counts: Readonly<Record<string, number>>;
  readonly uid?: string;
}
