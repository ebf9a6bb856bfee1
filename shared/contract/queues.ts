/** Which queue carries a lane's rings: one for each function, and one of its own for the copy of a function in a Reach. */
import type { Queued } from './environment.ts';
import type { Cluster } from './fleet.ts';
import type { Lane } from './ids.ts';

/** What a queue is called in `Environment.queues`. */
export type QueueName = Queued | `${Queued}@${string}`;

export const queueName = (queued: Queued, reach?: string): QueueName =>
  reach === undefined ? queued : `${queued}@${reach}`;

/** The queue of a lane: what its party is asked from decides, and a cluster that the fleet no longer has is asked from everywhere. */
export const queueOf =
  (clusters: readonly Pick<Cluster, 'name' | 'reach'>[]) =>
  (lane: Lane): QueueName => {
    const [queued = '', party] = lane.split(':');
    const isOfCluster = queued === 'inventory' || queued === 'deliver';
    const cluster = isOfCluster ? clusters.find(({ name }) => name === party) : undefined;
    return queueName(queued as Queued, cluster?.reach);
  };
