/** A cluster of the sandbox with an inventory's objects, and the real reader on it by a kubeconfig. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Seen } from '../../../../sandbox/control.ts';
import type { PolicyRule } from '../../../../sandbox/kubernetes/access.ts';
import type { KubernetesFault } from '../../../../sandbox/kubernetes/config.ts';
import type { KubernetesObject } from '../../../../sandbox/kubernetes/object.ts';
import { startKubernetes } from '../../../../sandbox/kubernetes/server.ts';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import { connectCluster } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import type { ClusterReader } from '../../../../shared/contract/ports.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';
import { NOW } from './memory-cluster.ts';

const TOKENS = [
  { token: 'all', user: 'admin', groups: ['system:masters'] },
  { token: 'some', user: 'reader', groups: ['readers'] },
  { token: 'none', user: 'nobody', groups: [] },
] as const;

/** What an inventory needs, but for Secrets. */
const READERS: readonly PolicyRule[] = [
  { verbs: ['get'], apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'] },
  { verbs: ['list'], apiGroups: ['networking.k8s.io'], resources: ['ingresses'] },
  { verbs: ['list'], apiGroups: ['cert-manager.io'], resources: ['certificates', 'issuers', 'clusterissuers'] },
];

export interface SandboxCluster {
  readonly uid: string;
  /** By one of the tokens `all`, `some` (no Secrets), `none`, or one that nobody has. */
  reader(token: string): Promise<ClusterReader>;
  plant(objects: readonly KubernetesObject[]): Promise<void>;
  fault(fault: KubernetesFault): Promise<void>;
  /** Paths that were asked about Secrets so far. */
  secretsAsked(): Promise<readonly string[]>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

function kubeconfig(server: string, caPem: string, token: string): string {
  const ca = Buffer.from(caPem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'me' } }],
    clusters: [{ name: 'it', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'me', user: { token } }],
  });
}

function backDoor(server: string, caPem: string) {
  return async (path: string, body?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const method = body ? 'POST' : 'GET';
      const sent = request(`${server}/_sandbox/${path}`, { method, ca: caPem, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      sent.on('error', reject).end(body && JSON.stringify(body));
    });
}

export async function startSandboxCluster(objects: readonly KubernetesObject[]): Promise<SandboxCluster> {
  const rbac = { readers: READERS };
  const running = await startKubernetes({ name: 'prod', tokens: TOKENS, rbac, objects, certManagerCrds: true });
  const { server, caPem, uid } = running.ready;
  const ask = backDoor(server, caPem);
  const folder = await mkdtemp(join(tmpdir(), 'inventory-'));
  const connections: { close(): void }[] = [];
  let stopped = false;
  const stop = async (): Promise<void> => {
    for (const connection of connections.splice(0)) connection.close();
    if (!stopped) await running.close();
    stopped = true;
  };
  return {
    uid,
    reader: async (token) => {
      const path = join(folder, `${token}.json`);
      await writeFile(path, kubeconfig(server, caPem, token));
      const connection = await connectCluster({
        cluster: { name: 'prod', access: { by: 'kubeconfig', path } },
        home: folder,
        allowExec: false,
        announce: () => undefined,
        clock: { now: () => NOW, sleep: async () => undefined, remainingMs: () => 60_000 },
      });
      connections.push(connection);
      return kubernetesClusterReader(connection);
    },
    plant: async (more) => void (await ask('objects', more)),
    fault: async (fault) => void (await ask('faults', fault)),
    secretsAsked: async () =>
      (JSON.parse(await ask('requests')) as Seen[]).map(({ path }) => path).filter((path) => path.includes('/secrets')),
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Makes TLS Secrets in the namespace shop, all with one pair. */
export async function secretMaker(): Promise<(name: string, note?: string) => KubernetesObject> {
  const { pem, keyPem } = await makeLeaf({ dnsNames: ['shop.example.com'] });
  return (name, note = '') => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'shop', labels: { note } },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) },
  });
}
