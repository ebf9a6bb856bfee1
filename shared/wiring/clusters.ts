/** The ways to the clusters of a fleet: opened when first needed, shared by all who ask, closed together. */
import { type ConnectOptions, connectCluster } from '../adapters/kubernetes/connect-cluster.ts';
import { kubernetesReadSecret } from '../adapters/kubernetes/kubernetes-read-secret.ts';
import type { ClusterConnection } from '../adapters/kubernetes/kubernetes-transport.ts';
import type { Fleet } from '../contract/fleet.ts';
import type { ReadSecret } from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';

type ConnectionOptions = Omit<ConnectOptions, 'cluster'> & { readonly fleet: Fleet };

export type ClusterConnections = ReturnType<typeof clusterConnections>;

/** One connection for each cluster; one that failed is tried anew by whoever asks next. */
export function clusterConnections({ fleet, ...how }: ConnectionOptions) {
  const open = new Map<string, Promise<ClusterConnection>>();
  const connect = async (name: string): Promise<ClusterConnection> => {
    const cluster = fleet.clusters.find((one) => one.name === name);
    if (cluster) return connectCluster({ ...how, cluster });
    throw new ProblemError({
      type: 'nolapse:unknown-cluster',
      detail: `there is no cluster ${name} in this fleet`,
      retry: 'never',
      fix: `add ${name} to spec.clusters of the Fleet, or take out what names it`,
    });
  };
  return {
    to: (name: string): Promise<ClusterConnection> => {
      const connection = open.get(name) ?? connect(name);
      open.set(name, connection);
      connection.catch(() => open.delete(name));
      return connection;
    },
    close: async (): Promise<void> => {
      const settled = await Promise.allSettled(open.values());
      for (const one of settled) if (one.status === 'fulfilled') one.value.close();
    },
  };
}

/** Secrets of the fleet file by `ofFleet`, those of issuers found in a cluster from that cluster. */
export const secretReader =
  (ofFleet: ReadSecret, clusters: ClusterConnections): ReadSecret =>
  async (ref) =>
    ref.from === 'fleet' ? ofFleet(ref) : kubernetesReadSecret({ connection: await clusters.to(ref.cluster) })(ref);
