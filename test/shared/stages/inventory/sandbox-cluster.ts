/** A cluster of the sandbox with an inventory's objects, and the real reader on it by a token. */
import { request } from 'node:https';
import type { Seen } from '../../../../sandbox/control.ts';
import type { PolicyRule } from '../../../../sandbox/kubernetes/access.ts';
import type { KubernetesFault } from '../../../../sandbox/kubernetes/config.ts';
import type { KubernetesObject } from '../../../../sandbox/kubernetes/object.ts';
import { startKubernetes } from '../../../../sandbox/kubernetes/server.ts';
import { bearer, type ClusterWay } from '../../../../shared/adapters/kubernetes/cluster-way.ts';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import { clusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import { fixed } from '../../../../shared/adapters/kubernetes/renewable.ts';
import type { ClusterReader } from '../../../../shared/contract/ports.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';
import { NOW } from './memory-cluster.ts';

const TOKENS = [
  { token: 'all', user: 'admin', groups: ['system:masters'] },
  { token: 'some', user: 'reader', groups: ['readers'] },
  { token: 'none', user: 'nobody', groups: [] },
] as const;

/** What an inventory needs, but for Secrets. */
const WEBHOOKS = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];

const READERS: readonly PolicyRule[] = [
  { verbs: ['list'], apiGroups: ['admissionregistration.k8s.io'], resources: WEBHOOKS },
  { verbs: ['list'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
  { verbs: ['list'], apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'] },
  { verbs: ['list'], apiGroups: ['acme.cert-manager.io'], resources: ['challenges'] },
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

const wayBy = (server: string, caPem: string, token: string): ClusterWay => ({
  endpoint: fixed({ server, ca: Buffer.from(caPem) }),
  credentials: fixed(bearer(token)),
  remedies: { unauthorized: 'use another token', untrusted: 'trust it' },
  close: () => undefined,
});

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
      const clock = { now: () => NOW, sleep: async () => undefined, remainingMs: () => 60_000 };
      const connection = clusterConnection('prod', wayBy(server, caPem, token), { clock });
      connections.push(connection);
      return kubernetesClusterReader(connection);
    },
    plant: async (more) => void (await ask('objects', more)),
    fault: async (fault) => void (await ask('faults', fault)),
    secretsAsked: async () =>
      (JSON.parse(await ask('requests')) as Seen[]).map(({ path }) => path).filter((path) => path.includes('/secrets')),
    stop,
    close: stop,
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Makes TLS Secrets in the namespace shop, all with one pair. */
export async function secretMaker(): Promise<(name: string, note?: string) => KubernetesObject> {
  const { pem, keyPem } = await makeLeaf({ dnsNames: ['shop.example.com'] });
  return (name, note = '') => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'shop', labels: { 'argocd.argoproj.io/instance': note } },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) },
  });
}
