/** Opens the connection to a cluster of the fleet, by whatever access the fleet names. */
import type { Cluster } from '../../contract/fleet.ts';
import type { ClusterWay, WayOptions } from './cluster-way.ts';
import { eksWay } from './eks-way.ts';
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
  if (access.by === 'eks') return eksWay(access, options);
  // YAML is loaded only where there is a kubeconfig: the start of a function is paid for
  const { kubeconfigWay } = await import('./kubeconfig-way.ts');
  return kubeconfigWay(name, access, options);
}
