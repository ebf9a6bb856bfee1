/** Opens the connection to a cluster of the fleet, by whatever access the fleet names. */
import type { Cluster } from '../../contract/fleet.ts';
import type { ClusterWay, WayOptions } from './cluster-way.ts';
import { type ClusterConnection, clusterConnection, type TransportOptions } from './kubernetes-transport.ts';

export interface ConnectOptions extends WayOptions, TransportOptions {
  readonly cluster: Pick<Cluster, 'name' | 'access'>;
}

/**
 * Prepares the connection; nothing is asked of the cluster yet.
 * Throws ProblemError `nolapse:kubeconfig`, `nolapse:exec-not-allowed` (both retry never), and what reading a secret throws.
 */
export const connectCluster = async (options: ConnectOptions): Promise<ClusterConnection> =>
  clusterConnection(options.cluster.name, await wayTo(options.cluster, options), options);

async function wayTo({ name, access }: ConnectOptions['cluster'], options: WayOptions): Promise<ClusterWay> {
  // each way is loaded where there is such a cluster: the start of a function is paid for, and EKS and YAML are a fifth of it
  if (access.by === 'eks') {
    const { eksWay } = await import('./eks-way.ts');
    return eksWay(access, options);
  }
  const { kubeconfigWay } = await import('./kubeconfig-way.ts');
  return kubeconfigWay(name, access, options);
}
