/** Two API servers over one etcd: own CA, static tokens, RBAC, CRDs. No controllers run. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { type AdminAccess, AdminRequestError, adminClient } from '../scenarios/harness/admin-client.ts';
import type { ClusterParts } from '../scenarios/harness/parts.ts';
import type { PrivateCa } from '../scenarios/harness/private-ca.ts';
import {
  groupsOf,
  type Identity,
  ISSUER_SECRET,
  identities,
  RBAC,
  tokensFor,
} from '../scenarios/harness/rbac-parts.ts';
import type { Manifest, ManifestRef } from '../scenarios/harness/world.ts';
import { auditArgs, auditLogIn } from './audit-log.ts';
import { command } from './command.ts';
import { freePorts, type Server, startServer } from './server.ts';
import type { Tools } from './tools.ts';

export interface KubernetesOptions {
  readonly tools: Tools;
  readonly ca: PrivateCa;
  readonly crds: readonly string[];
  readonly folder: string;
  /** What the API server of that name asks about tokens that are not its own. */
  tokenReviewUrl(name: string): string;
}

/** Shared by all worlds, each of which begins to count anew. */
export interface SharedCluster extends Omit<ClusterParts, 'writes'> {
  readonly auditLog: string;
}

export interface Kubernetes {
  readonly clusters: readonly [SharedCluster, SharedCluster];
  /** API servers first, etcd after: without its etcd a server lingers. */
  stop(): Promise<void>;
}

interface Files {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly tokens: string;
}

const tokenOf = (identity: Identity): string => `${identity}-token`;
const ESTABLISHED_MS = 300_000;

/** Token, user, uid, groups: one line an identity. */
const TOKENS = [
  'admin-token,admin,admin,"system:masters"',
  ...identities.map((name) => `${tokenOf(name)},${name},${name},"${groupsOf(name)}"`),
].join('\n');

async function writeFiles({ ca, folder }: KubernetesOptions): Promise<Files> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const write = async (name: string, text: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return {
    certificate: await write('leaf.pem', ca.leaf.certPem),
    key: await write('leaf.key', ca.leaf.keyPem),
    ca: await write('ca.pem', ca.caPem),
    serviceAccountKey: await write('sa.key', privateKey.export({ type: 'sec1', format: 'pem' })),
    serviceAccountPublicKey: await write('sa.pub', publicKey.export({ type: 'spki', format: 'pem' })),
    tokens: await write('tokens.csv', `${TOKENS}\n`),
  };
}

async function startEtcd({ tools, folder }: KubernetesOptions): Promise<Server & { readonly url: string }> {
  const [client, peer] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const server = await startServer({
    name: 'etcd',
    program: tools.etcd,
    args: [
      ...['--name', 'a', '--data-dir', join(folder, 'etcd-data'), '--unsafe-no-fsync', '--log-level', 'warn'],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=a=${peer}`],
    ],
    folder,
    ready: async () => (await fetch(`${client}/health`)).ok,
  });
  return { ...server, url: client ?? '' };
}

interface ApiServerPlace {
  readonly name: string;
  readonly etcdUrl: string;
  readonly files: Files;
}

/** As EKS runs it: who a token is of is asked elsewhere. Nothing is kept, so that a token may be refused once. */
async function webhookArgs(url: string, folder: string): Promise<readonly string[]> {
  const path = join(folder, 'token-webhook.json');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'eks', cluster: { server: url } }],
    users: [{ name: 'api-server' }],
    contexts: [{ name: 'eks', context: { cluster: 'eks', user: 'api-server' } }],
    'current-context': 'eks',
  };
  await writeFile(path, JSON.stringify(config));
  return [
    `--authentication-token-webhook-config-file=${path}`,
    '--authentication-token-webhook-version=v1',
    '--authentication-token-webhook-cache-ttl=0s',
  ];
}

const apiServerArgs = ({ name, etcdUrl, files }: ApiServerPlace, port: number, folder: string): readonly string[] => [
  `--etcd-servers=${etcdUrl}`,
  `--etcd-prefix=/registry-${name}`,
  '--bind-address=127.0.0.1',
  `--secure-port=${port}`,
  '--advertise-address=192.0.2.1',
  '--endpoint-reconciler-type=none',
  `--cert-dir=${folder}`,
  `--tls-cert-file=${files.certificate}`,
  `--tls-private-key-file=${files.key}`,
  `--client-ca-file=${files.ca}`,
  `--service-account-key-file=${files.serviceAccountPublicKey}`,
  `--service-account-signing-key-file=${files.serviceAccountKey}`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  '--api-audiences=https://kubernetes.default.svc',
  `--token-auth-file=${files.tokens}`,
  '--authorization-mode=RBAC',
  '--service-cluster-ip-range=10.0.0.0/24',
  '--allow-privileged=true',
  '--disable-admission-plugins=ServiceAccount',
  '--profiling=false',
];

interface ApiServer {
  readonly server: Server;
  readonly parts: SharedCluster;
}

async function startApiServer(options: KubernetesOptions, place: ApiServerPlace): Promise<ApiServer> {
  const folder = join(options.folder, place.name);
  await mkdir(folder);
  const [port = 0] = await freePorts(1);
  const access: AdminAccess = { url: `https://127.0.0.1:${port}`, caPem: options.ca.caPem, token: 'admin-token' };
  const admin = adminClient(access);
  const server = await startServer({
    name: `kube-apiserver-${place.name}`,
    program: options.tools['kube-apiserver'],
    args: [
      ...apiServerArgs(place, port, folder),
      ...(await webhookArgs(options.tokenReviewUrl(place.name), folder)),
      ...(await auditArgs(folder)),
    ],
    folder,
    ready: async () =>
      (await admin.request('GET', '/readyz')).status === 200 &&
      (await admin.get({ kind: 'Namespace', name: 'kube-system' })) !== undefined,
  });
  const { kubectl: program } = options.tools;
  const reach = [`--server=${access.url}`, `--token=${access.token}`, `--certificate-authority=${place.files.ca}`];
  const kubectl = (args: readonly string[]): Promise<string> =>
    command(program, [...args, ...reach], { env: { KUBECONFIG: '', HOME: folder } });
  const auditLog = auditLogIn(folder);
  return { server, parts: { name: place.name, ...access, kubectl, tokens: tokensFor(tokenOf), auditLog } };
}

/** Server-side apply of any object by its path. */
async function applyAt(access: AdminAccess, path: string, object: unknown): Promise<void> {
  const full = `${path}?fieldManager=test-admin&force=true`;
  const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(object) };
  const answer = await adminClient(access).request('PATCH', full, body);
  if (answer.status >= 300) throw new AdminRequestError('PATCH', full, answer);
}

const grant = async (access: AdminAccess): Promise<void> => {
  await adminClient(access).namespace(ISSUER_SECRET.namespace);
  for (const manifest of RBAC) {
    const { apiVersion, kind, metadata } = manifest;
    const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
    await applyAt(access, `/apis/${apiVersion}${within}/${kind.toLowerCase()}s/${metadata.name}`, manifest);
  }
};

const CRD_PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

const listsOf = ({ spec: { group, names, versions } }: Definition): readonly string[] =>
  versions.flatMap(({ name, served }) => (served ? `/apis/${group}/${name}/${names.plural}` : []));

async function defineKinds(access: AdminAccess, crds: readonly string[]): Promise<void> {
  const definitions = crds.map((text) => parse(text) as Definition);
  for (const crd of definitions) await applyAt(access, `${CRD_PATH}/${crd.metadata.name}`, crd);
  const admin = adminClient(access);
  const until = performance.now() + ESTABLISHED_MS;
  for (const path of definitions.flatMap(listsOf)) {
    while ((await admin.request('GET', path)).status !== 200) {
      if (performance.now() > until) throw new Error(`${path}: not served ${ESTABLISHED_MS} ms after its CRD was made`);
      await pause(100);
    }
  }
}

/** Starts etcd and both API servers, and makes their kinds and identities. */
export async function startKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const files = await writeFiles(options);
  const etcd = await startEtcd(options);
  const started = await Promise.allSettled(
    ['east', 'west'].map((name) => startApiServer(options, { name, etcdUrl: etcd.url, files })),
  );
  const up = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(up.map(({ server }) => server.stop()));
    await etcd.stop();
  };
  try {
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const [east, west] = up.map(({ parts }) => parts);
    if (!east || !west) throw new Error('fewer than two API servers were started');
    await Promise.all(
      [east, west].map(async (access) => {
        await defineKinds(access, options.crds);
        await grant(access);
      }),
    );
    return { clusters: [east, west], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** What the system made for itself, and the definitions that were made for all worlds. */
function isKept(kind: ManifestRef['kind'], { name, namespace = '', labels = {} }: Manifest['metadata']): boolean {
  if (kind === 'ConfigMap') return ['kube-', 'default'].some((prefix) => namespace.startsWith(prefix));
  if (kind === 'CustomResourceDefinition') return /\.(cert-manager|k8s)\.io$/.test(name);
  return kind === 'APIService' && AUTOMANAGED in labels;
}

const EMPTIED = [
  ...(['CustomResourceDefinition', 'APIService'] as const),
  ...(['Secret', 'Ingress', 'ConfigMap', 'ValidatingWebhookConfiguration'] as const),
  ...([
    'Certificate',
    'CertificateRequest',
    'Issuer',
    'ClusterIssuer',
    'Challenge',
    'Gateway',
    'ReferenceGrant',
  ] as const),
];

/** Removes what scenarios put there, in every namespace but the system's own. */
export async function wipe(access: AdminAccess): Promise<void> {
  const admin = adminClient(access);
  for (const kind of EMPTIED) {
    for (const { metadata } of await admin.list({ kind })) {
      if (isKept(kind, metadata)) continue;
      const { name, namespace } = metadata;
      await admin.delete({ kind, name, ...(namespace ? { namespace } : {}) });
    }
  }
}
