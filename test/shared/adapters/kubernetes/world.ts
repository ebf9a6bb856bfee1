/** One sandbox cluster with a kubeconfig for each of its users, and a clock on which waiting costs nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesConfig, KubernetesFault, KubernetesReady } from '../../../../sandbox/kubernetes/config.ts';
import { startKubernetes } from '../../../../sandbox/kubernetes/server.ts';
import { type ConnectOptions, connectCluster } from '../../../../shared/adapters/kubernetes/connect-cluster.ts';
import type { ClusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import type { ClusterAccess } from '../../../../shared/contract/fleet.ts';
import type { Clock } from '../../../../shared/contract/ports.ts';

export const CLUSTER = 'prod';

export const CLUSTER_CONFIG: KubernetesConfig = {
  name: CLUSTER,
  tokens: [
    { token: 'admin-token', user: 'admin', groups: ['system:masters'] },
    { token: 'reader-token', user: 'reader', groups: ['readers'] },
    { token: 'nobody-token', user: 'nobody', groups: [] },
  ],
  rbac: { readers: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }] },
  objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
};

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly verb: string;
  readonly status: number;
  readonly user?: string;
}

type More = Partial<ConnectOptions> & { readonly cluster?: never };

export interface ClusterWorld {
  readonly ready: KubernetesReady;
  /** A folder of its own, removed at the end. */
  readonly folder: string;
  /** How long the clock was told to sleep, in order. */
  readonly slept: number[];
  readonly clock: Clock;
  /** Writes a kubeconfig; `user` is the entry's `user`, `cluster` stands over the sandbox's own. */
  kubeconfig(user: object, cluster?: object): string;
  connect(user: object, options?: More): Promise<ClusterConnection>;
  /** By any access. */
  reach(access: ClusterAccess, options?: More): Promise<ClusterConnection>;
  /** As the user of that name, by token. */
  as(user: string): Promise<ClusterConnection>;
  plant(...objects: readonly object[]): Promise<void>;
  fault(fault: KubernetesFault | object): Promise<void>;
  clearFaults(): Promise<void>;
  seen(): Promise<readonly SeenRequest[]>;
  /** A request with the administrator's token; the text of the answer. */
  admin(method: string, path: string, body?: object): Promise<string>;
  close(): Promise<void>;
}

export async function openCluster(config: KubernetesConfig = CLUSTER_CONFIG): Promise<ClusterWorld> {
  const server = await startKubernetes(config);
  const { ready } = server;
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-kube-'));
  const slept: number[] = [];
  const open: ClusterConnection[] = [];
  const clock = instantClock(slept);
  const door = backDoor(ready);
  let n = 0;
  const kubeconfig: ClusterWorld['kubeconfig'] = (user, cluster = {}) => {
    n += 1;
    const path = join(folder, `config-${n}`);
    writeFileSync(path, JSON.stringify(kubeconfigOf(ready, user, cluster)), { mode: 0o600 });
    return path;
  };
  const reach: ClusterWorld['reach'] = async (access, options = {}) => {
    const silent = { home: folder, allowExec: false, announce: () => undefined, clock, sessionName: 'nolapse-test' };
    const readSecretText = (id: string): Promise<string> => Promise.reject(new Error(`no secret ${id}`));
    const connection = await connectCluster({
      cluster: { name: CLUSTER, access },
      ...silent,
      readSecretText,
      ...options,
    });
    open.push(connection);
    return connection;
  };
  const connect: ClusterWorld['connect'] = (user, options) =>
    reach({ by: 'kubeconfig', path: kubeconfig(user) }, options);
  return {
    ready,
    folder,
    slept,
    clock,
    kubeconfig,
    connect,
    reach,
    as: (user) => connect({ token: `${user}-token` }),
    plant: async (...objects) => void (await door('POST', '/_sandbox/objects', objects)),
    fault: async (fault) => void (await door('POST', '/_sandbox/faults', fault)),
    clearFaults: async () => void (await door('DELETE', '/_sandbox/faults')),
    seen: async () => JSON.parse(await door('GET', '/_sandbox/requests')),
    admin: (method, path, body) => door(method, path, body),
    close: async () => {
      for (const connection of open) connection.close();
      rmSync(folder, { recursive: true });
      await server.close();
    },
  };
}

function instantClock(slept: number[]): Clock {
  const start = Date.now();
  const passed = (): number => slept.reduce((sum, ms) => sum + ms, 0);
  return {
    now: () => new Date(start + passed()),
    sleep: async (ms) => void slept.push(ms),
    remainingMs: () => 600_000,
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfigOf = ({ server, caPem }: KubernetesReady, user: object, cluster: object): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'here',
  clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64(caPem), ...cluster } }],
  users: [{ name: 'u', user }],
  contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
});

/** Requests with the administrator's token to what is behind a part's API. */
export function backDoor({ server, caPem }: KubernetesReady) {
  return (method: string, path: string, body?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer admin-token' };
      const asked = request(`${server}${path}`, { method, ca: caPem, headers, agent: false }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        if ((answer.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
}
