/** Two API servers with what fleets have before anybody looks, a kubeconfig of them, Route 53 by a profile, and the command beside them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { startAws } from '../../sandbox/aws/server.ts';
import type { Seen } from '../../sandbox/control.ts';
import { startDns } from '../../sandbox/dns/server.ts';
import type { PolicyRule } from '../../sandbox/kubernetes/access.ts';
import type { KubernetesReady } from '../../sandbox/kubernetes/config.ts';
import type { KubernetesObject } from '../../sandbox/kubernetes/object.ts';
import { startKubernetes } from '../../sandbox/kubernetes/server.ts';
import { makeLeaf } from '../fixtures/x509.ts';
import { surroundings } from './surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../cli/main.ts');
const base64 = (content: string): string => Buffer.from(content).toString('base64');

const secretOf = async (namespace: string, name: string, dnsNames: readonly string[]): Promise<KubernetesObject> => {
  const { pem, keyPem } = await makeLeaf({ dnsNames, now: new Date() });
  const data = { 'tls.crt': base64(pem), 'tls.key': base64(keyPem) };
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { namespace, name }, data };
};

const certManager = (kind: string, metadata: KubernetesObject['metadata'], spec: object): KubernetesObject => ({
  ...{ apiVersion: 'cert-manager.io/v1', kind, metadata, spec },
});

const ingress = (namespace: string, name: string, hosts: readonly string[], secretName: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace, name, annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } },
  spec: { tls: [{ hosts, secretName }], rules: hosts.map((host) => ({ host })) },
});

const ACME = { server: 'https://ca.example.com/directory', email: 'a@example.com' };

const eastObjects = async (): Promise<readonly KubernetesObject[]> => [
  certManager('ClusterIssuer', { name: 'letsencrypt' }, { acme: { ...ACME, solvers: [{ http01: { ingress: {} } }] } }),
  certManager('Issuer', { namespace: 'data', name: 'internal' }, { ca: { secretName: 'root' } }),
  certManager(
    'Certificate',
    { namespace: 'data', name: 'postgres' },
    { secretName: 'postgres-tls', dnsNames: ['postgres.data.svc'], issuerRef: { name: 'internal' } },
  ),
  ingress(
    'shop',
    'shop',
    ['a', 'b', 'c', 'd', 'e'].map((host) => `${host}.example.com`),
    'shop-tls',
  ),
  ingress('blog', 'blog', ['blog.example.org'], 'blog-tls'),
  await secretOf('shop', 'shop-tls', ['a.example.com', 'b.example.com']),
  await secretOf('old', 'by-hand', ['old.shop.example.com']),
  await secretOf('cert-manager', 'webhook-ca', ['cert-manager-webhook.cert-manager.svc']),
];

const westObjects = async (): Promise<readonly KubernetesObject[]> => [
  await secretOf('shop', 'shop-tls', ['west.example.com']),
];

const TOKENS = [
  { token: 'all', user: 'admin', groups: ['system:masters'] },
  { token: 'some', user: 'reader', groups: ['readers'] },
];

/** What an inventory needs, but for Secrets. */
const READERS: readonly PolicyRule[] = [
  { verbs: ['list'], apiGroups: ['admissionregistration.k8s.io', 'networking.k8s.io'], resources: ['*'] },
  { verbs: ['get'], apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'] },
];

/** What an API server was asked. */
const seenBy = ({ server, caPem }: KubernetesReady): Promise<readonly Seen[]> =>
  new Promise((settle, reject) => {
    const asked = request(`${server}/_sandbox/requests`, { ca: caPem, agent: false }, (answer) =>
      text(answer).then((content) => settle(JSON.parse(content) as Seen[]), reject),
    );
    asked.on('error', reject).end();
  });

interface Way {
  readonly server: string;
  readonly caPem?: string;
  readonly token: string;
}

const kubeconfigOf = (ways: Readonly<Record<string, Way>>) => ({
  clusters: Object.entries(ways).map(([name, { server, caPem }]) => ({
    name,
    cluster: { server, ...(caPem && { 'certificate-authority-data': base64(caPem) }) },
  })),
  users: Object.entries(ways).map(([name, { token }]) => ({ name, user: { token } })),
  contexts: Object.keys(ways).map((name) => ({ name, context: { cluster: name, user: name } })),
});

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Contexts `admin@east` and `west`, `reader` of west who may read no Secrets, and `gone`, where nobody answers; the profile `dns` has zones. */
export async function openInitWorld() {
  const home = await mkdtemp(join(tmpdir(), 'nolapse-init-'));
  const [east, west] = await Promise.all([
    startKubernetes({ name: 'east', tokens: TOKENS, objects: await eastObjects(), certManagerCrds: true }),
    startKubernetes({ name: 'west', tokens: TOKENS, rbac: { readers: READERS }, objects: await westObjects() }),
  ]);
  const zones = [
    { id: 'Z1', name: 'example.com' },
    { id: 'Z2', name: 'shop.example.com' },
    { id: 'Z3', name: 'unused.example.com' },
    { id: 'Z4', name: 'example.org', isPrivate: true },
    { id: 'Z5', name: 'shop.example.com' },
  ];
  const dns = await startDns({ zones, insync: { minMs: 0, maxMs: 0 } });
  const aws = await startAws({ route53: dns.ready.url });
  const ways = {
    'admin@east': { ...east.ready, token: 'all' },
    west: { ...west.ready, token: 'all' },
    reader: { ...west.ready, token: 'some' },
    gone: { server: 'https://127.0.0.1:1', token: 'all' },
  };
  await writeFile(join(home, 'kubeconfig'), JSON.stringify(kubeconfigOf(ways)));
  await writeFile(
    join(home, 'aws'),
    '[profile dns]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n',
  );
  const env = {
    ...surroundings(home),
    ...{ KUBECONFIG: join(home, 'kubeconfig'), AWS_CONFIG_FILE: join(home, 'aws'), AWS_ENDPOINT_URL: aws.ready.url },
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return {
    home,
    nolapse: async (...args: readonly string[]): Promise<Said> => {
      const child = spawn(process.execPath, [MAIN, ...args], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { stdout, stderr, code: code as number };
    },
    seen: async () => (await Promise.all([east, west].map(({ ready }) => seenBy(ready)))).flat(),
    close: async () => {
      await Promise.all([east.close(), west.close(), aws.close()]);
      await dns.close();
      await rm(home, { recursive: true });
    },
  };
}
