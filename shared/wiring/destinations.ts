/** The places there are, Secrets in clusters and secrets in Secrets Manager, and what is told beside them. */
import { secretsManagerDestination } from '../adapters/aws/secrets-manager-destination.ts';
import { kubernetesSecretDestination } from '../adapters/kubernetes/kubernetes-secret-destination.ts';
import { kubernetesStatusWriter } from '../adapters/kubernetes/kubernetes-status.ts';
import { SECRETS_MANAGER } from '../contract/ids.ts';
import type { DestinationAdapter, StatusWriter } from '../contract/ports.ts';
import { installationOf } from '../lanes/installation.ts';
import type { LanePorts } from '../lanes/lane-ports.ts';
import type { ClusterConnections } from './clusters.ts';

type Parts = Pick<LanePorts, 'fleet' | 'records' | 'clock'>;

/** The adapter of a party: made once for stores, once a cluster's connection for clusters. */
export function destinations({ fleet, records, clock }: Parts, clusters: ClusterConnections) {
  const stores = secretsManagerDestination({
    fleet: fleet.name,
    installation: async () => (await installationOf(records, { fleet: fleet.name, now: clock.now() })).id,
  });
  return {
    of: async (party: string): Promise<DestinationAdapter> =>
      party === SECRETS_MANAGER || party.startsWith(`${SECRETS_MANAGER}.`)
        ? stores
        : kubernetesSecretDestination({ connection: await clusters.to(party), fleet: fleet.name }),
    statusesOf: async (cluster: string): Promise<StatusWriter> =>
      kubernetesStatusWriter({ connection: await clusters.to(cluster), fleet: fleet.name }),
    close: stores.close,
  };
}
