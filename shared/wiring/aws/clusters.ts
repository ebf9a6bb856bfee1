/** The clusters as a function reaches them: no files and no plugins, tokens of its own role, kubeconfigs from Secrets Manager. */
import { sessionNameOf } from '../../adapters/aws/assumed-role.ts';
import type { SecretsManagerReader } from '../../adapters/aws/secrets-manager-read-secret.ts';
import type { FunctionName } from '../../contract/environment.ts';
import type { LanePorts } from '../../lanes/lane-ports.ts';
import { type ClusterConnections, clusterConnections } from '../clusters.ts';

interface Asker extends Pick<LanePorts, 'fleet' | 'clock'> {
  readonly name: FunctionName;
}

export const serviceClusters = (
  { name, fleet, clock }: Asker,
  { readSecretText }: Pick<SecretsManagerReader, 'readSecretText'>,
): ClusterConnections =>
  clusterConnections({
    ...{ fleet, clock, readSecretText, sessionName: sessionNameOf(name, fleet.name) },
    ...{ home: '/', allowExec: false, announce: () => undefined },
  });
