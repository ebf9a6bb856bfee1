/** The way that a kubeconfig tells: a file, which is read once, or the text of a secret, which is read anew when what it said is refused. */
import type { KubeconfigAccess, KubeconfigSecretAccess } from '../../contract/fleet.ts';
import type { ClusterWay, Endpoint, WayOptions } from './cluster-way.ts';
import { credentialsOf } from './credentials.ts';
import { type KubeAccess, kubeconfigOfSecret, readKubeconfig } from './kubeconfig.ts';
import { fixed, type Renewable, renewed } from './renewable.ts';

/** `cluster` is its name in the fleet. Throws ProblemError as `connectCluster` says. */
export async function kubeconfigWay(
  cluster: string,
  access: KubeconfigAccess | KubeconfigSecretAccess,
  options: WayOptions,
): Promise<ClusterWay> {
  const read = (): Promise<KubeAccess> => readAccess(access, options);
  const first = await read();
  const credentials = credentialsOf(first, options);
  const { impersonate } = first;
  return {
    ...(access.by === 'kubeconfig'
      ? { endpoint: fixed(endpointOf(first)), credentials }
      : rotating(first, read, options)),
    ...(impersonate && { impersonate }),
    remedies: {
      unauthorized: `renew the credentials of the context of ${cluster}: its token or certificate has expired or was revoked`,
      untrusted: "put the root of the API server's certificate into certificate-authority-data of the kubeconfig",
    },
    close: () => undefined,
  };
}

/** Secrets are rotated while a connection lives. */
function rotating(
  first: KubeAccess,
  read: () => Promise<KubeAccess>,
  options: WayOptions,
): Pick<ClusterWay, 'endpoint' | 'credentials'> {
  const part = <Value extends object>(of: (access: KubeAccess) => Promise<Value>): Renewable<Value> => {
    let known: KubeAccess | undefined = first;
    return renewed(options.clock, async () => {
      const access = known ?? (await read());
      known = undefined;
      return of(access);
    });
  };
  return {
    endpoint: part(async (access) => endpointOf(access)),
    credentials: part((access) => credentialsOf(access, options).current()),
  };
}

const endpointOf = ({ server, ca, serverName }: KubeAccess): Endpoint => ({
  server,
  ...(ca && { ca }),
  ...(serverName && { serverName }),
});

async function readAccess(
  access: KubeconfigAccess | KubeconfigSecretAccess,
  { home, readSecretText }: WayOptions,
): Promise<KubeAccess> {
  if (access.by === 'kubeconfig') return readKubeconfig({ path: access.path, home }, access.context);
  return kubeconfigOfSecret(access.secretId, await readSecretText(access.secretId), access.context);
}
