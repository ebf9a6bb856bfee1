/** The way that a kubeconfig tells: a file, or the text of a secret. It is read once for the life of a connection. */
import type { KubeconfigAccess, KubeconfigSecretAccess } from '../../contract/fleet.ts';
import type { ClusterWay, WayOptions } from './cluster-way.ts';
import { credentialsOf } from './credentials.ts';
import { type KubeAccess, kubeconfigOfSecret, readKubeconfig } from './kubeconfig.ts';
import { fixed } from './renewable.ts';

/** `cluster` is its name in the fleet. Throws ProblemError as `connectCluster` says. */
export async function kubeconfigWay(
  cluster: string,
  access: KubeconfigAccess | KubeconfigSecretAccess,
  options: WayOptions,
): Promise<ClusterWay> {
  const read = await readAccess(access, options);
  const { server, ca, serverName, impersonate } = read;
  return {
    endpoint: fixed({ server, ...(ca && { ca }), ...(serverName && { serverName }) }),
    credentials: credentialsOf(read, options),
    ...(impersonate && { impersonate }),
    remedies: {
      unauthorized: `renew the credentials of the context of ${cluster}: its token or certificate has expired or was revoked`,
      untrusted: "put the root of the API server's certificate into certificate-authority-data of the kubeconfig",
    },
    close: () => undefined,
  };
}

async function readAccess(
  access: KubeconfigAccess | KubeconfigSecretAccess,
  { home, readSecretText }: WayOptions,
): Promise<KubeAccess> {
  if (access.by === 'kubeconfig') return readKubeconfig({ path: access.path, home }, access.context);
  return kubeconfigOfSecret(access.secretId, await readSecretText(access.secretId), access.context);
}
