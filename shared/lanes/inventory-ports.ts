/** What a pass over a source needs of the world, and what it leaves behind. */
import type { Cluster } from '../contract/fleet.ts';
import type { Snapshot } from '../contract/observation.ts';
import type { Blobs, ClusterReader, DestinationAdapter, Handshakes } from '../contract/ports.ts';
import type { LanePorts } from './lane-ports.ts';

export interface InventoryLanePorts extends LanePorts {
  readonly blobs: Blobs;
  /** Throws ProblemError where the cluster cannot be reached at all. */
  readonly readerOf: (cluster: Cluster) => Promise<ClusterReader>;
  readonly destinationsOf: (party: string) => Promise<DestinationAdapter>;
  /** Asked where Secrets may not be read. */
  readonly handshakes: Handshakes;
  /** Secrets read so far, for whoever watches. */
  readonly progress?: (source: string, seen: number) => void;
  /** So many hosts are asked what they serve. */
  readonly asking?: (source: string, hosts: number) => void;
}

/** What a pass counted. */
export interface Passed {
  readonly counts: Readonly<Record<string, number>>;
  readonly uid?: string;
  readonly gaps?: Snapshot['gaps'];
}
