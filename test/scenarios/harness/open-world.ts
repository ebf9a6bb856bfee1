/** Puts the recorder in front of bare parts and makes them the World that scenarios see: the same code for every kind of world. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PutUp } from '../../lambda/provision.ts';
import { adminClient } from './admin-client.ts';
import { REGION, worldQueue, worldSecrets, worldZone } from './aws-parts.ts';
import { builtCommand } from './built-command.ts';
import type { PathNames } from './classify.ts';
import { eksOf, tellEks, USER } from './eks-parts.ts';
import { fetchText } from './fetch-text.ts';
import { FLEET_NAME } from './fleet-file.ts';
import { tracesInFolder } from './leaks.ts';
import { startNolapse } from './nolapse-process.ts';
import type { ClusterParts, Parts } from './parts.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { sealedInFolder } from './sealed-keys.ts';
import { worldSlack } from './slack-part.ts';
import type { NolapseProcess, World, WorldAcme, WorldCluster } from './world.ts';

interface FrontedCluster extends WorldCluster {
  readonly parts: ClusterParts;
  readonly front: string;
}

async function fronted(recorder: Recorder, parts: ClusterParts): Promise<FrontedCluster> {
  const upstream = { url: parts.url, caPem: parts.caPem };
  return {
    name: parts.name,
    context: parts.name,
    contextWithoutCreate: `${parts.name}-without-create`,
    contextWithoutSecrets: `${parts.name}-without-secrets`,
    contextWithoutStatus: `${parts.name}-without-status`,
    contextUnknown: `${parts.name}-unknown`,
    ...eksOf(parts.name),
    admin: adminClient(parts),
    writes: parts.writes,
    parts,
    front: await recorder.front({ server: parts.name, protocol: 'kubernetes', tls: true, upstream }),
  };
}

/** A kubeconfig as JSON, which is YAML. */
function kubeconfig(clusters: readonly FrontedCluster[], caPem: string): string {
  const identities = clusters.flatMap((c) => [
    { name: c.context, cluster: c.name, token: c.parts.tokens.nolapse },
    { name: c.contextWithoutCreate, cluster: c.name, token: c.parts.tokens['without-create'] },
    { name: c.contextWithoutSecrets, cluster: c.name, token: c.parts.tokens['without-secrets'] },
    { name: c.contextWithoutStatus, cluster: c.name, token: c.parts.tokens['without-status'] },
    { name: c.contextUnknown, cluster: c.name, token: 'nobody-s-token' },
  ]);
  const ca = Buffer.from(caPem).toString('base64');
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: clusters.map((c) => ({
        name: c.name,
        cluster: { server: c.front, 'certificate-authority-data': ca },
      })),
      users: identities.map(({ name, token }) => ({ name, user: { token } })),
      contexts: identities.map(({ name, cluster }) => ({ name, context: { cluster, user: name } })),
      'current-context': clusters[0]?.context,
    },
    null,
    2,
  );
}

async function frontAws(recorder: Recorder, parts: Parts): Promise<string> {
  return recorder.front({
    server: 'aws',
    protocol: 'aws',
    tls: false,
    upstream: { url: parts.awsUrl },
    byService: { route53: { url: parts.route53Url }, eks: { url: parts.eksUrl }, sts: { url: parts.eksUrl } },
  });
}

/** What the CA calls its paths: RFC 8555 §7.1.1 leaves them to the directory. */
async function acmeNames({ directory, caPem }: Parts['acme']): Promise<PathNames> {
  const resources = JSON.parse(await fetchText(directory, caPem)) as Readonly<Record<string, unknown>>;
  const named = Object.entries(resources).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const paths = named.map(([name, url]) => [new URL(url).pathname, name]);
  return Object.fromEntries([[new URL(directory).pathname, 'directory'], ...paths]);
}

async function frontAcme(recorder: Recorder, server: string, acme: Parts['acme']): Promise<WorldAcme> {
  const { origin, pathname } = new URL(acme.directory);
  const upstream = { url: origin, caPem: acme.caPem };
  const names = await acmeNames(acme);
  const front = await recorder.front({ server, protocol: 'acme', tls: true, upstream, names });
  const { profile, rootPems } = acme;
  return { directory: front + pathname, caPem: recorder.caPem, profile, rootPems };
}

const awsEnvOf = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: USER.accessKeyId,
  AWS_SECRET_ACCESS_KEY: USER.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** What a scenario puts there for the command to read. */
const isInput = (path: string): boolean => /^[\w-]+\.yaml$/.test(path);

export interface OpenWorld extends World {
  /** Lets a service into the clusters, as its access entries say. */
  admit(service: Pick<PutUp, 'roles' | 'entries'>): Promise<void>;
}

/** Opens the world over its parts; closing it closes them and removes its folder, and so does failing to open it. */
export async function openWorld(parts: Parts): Promise<OpenWorld> {
  try {
    return await opened(parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function opened(parts: Parts): Promise<OpenWorld> {
  const folder = await mkdtemp(join(tmpdir(), `nolapse-${parts.name}-`));
  const recorder = await startRecorder();
  const [first, second] = parts.clusters;
  const clusters = [await fronted(recorder, first), await fronted(recorder, second)] as const;
  const kubeconfigPath = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfigPath, kubeconfig(clusters, recorder.caPem), { mode: 0o600 });
  const awsEnv = awsEnvOf(await frontAws(recorder, parts));
  const eks = { eksUrl: parts.eksUrl, clusters, caPem: recorder.caPem };
  await tellEks(eks);
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const { PATH = '' } = process.env;
  const main = await builtCommand();
  const env = { PATH, HOME: folder, TMPDIR: temporary, NO_COLOR: '1', KUBECONFIG: kubeconfigPath, ...awsEnv };
  const started: NolapseProcess[] = [];
  const start: World['spawnNolapse'] = (args, options) => {
    const one = startNolapse({ main, folder, env }, args, options);
    started.push(one);
    return one;
  };
  const slack = await worldSlack();
  return {
    ...{ name: parts.name, clusters, kubeconfigPath, awsEnv, slack, recorder, folder },
    ...{ fault: parts.fault, calm: parts.calm },
    acme: await frontAcme(recorder, 'ca', parts.acme),
    ...(parts.staging ? { staging: await frontAcme(recorder, 'staging', parts.staging) } : {}),
    zone: worldZone(parts.route53Url, parts.zone),
    dns: { resolvers: parts.nameServers, port: Number(parts.nameServers[0]?.split(':')[1]) },
    queue: await worldQueue(parts.awsUrl),
    secretsManager: worldSecrets(parts.awsUrl),
    can: (feature) => parts.features.includes(feature),
    traces: async () => tracesInFolder(folder, isInput),
    sealed: () => sealedInFolder(join(folder, 'state'), FLEET_NAME),
    admit: (service) => tellEks({ ...eks, service }),
    nolapse: (args, options) => start(args, options).done,
    spawnNolapse: start,
    close: async () => {
      for (const { child } of started) child.kill('SIGKILL');
      await recorder.close();
      await slack.close();
      await parts.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
