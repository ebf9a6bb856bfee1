/** The whole sandbox as child processes, wired to each other: name servers and Route 53, the CA, clusters, AWS. They end with this process. */
import { randomBytes } from 'node:crypto';
import type { AwsConfig, AwsReady } from './aws/server.ts';
import type { CaConfig, CaReady } from './ca/config.ts';
import type { DnsConfig, DnsReady } from './dns/server.ts';
import type { PolicyRule } from './kubernetes/access.ts';
import type { KubernetesConfig, KubernetesReady } from './kubernetes/config.ts';
import type { KubernetesObject } from './kubernetes/object.ts';
import { PART_COMMAND, type SpawnedPart, spawnPart } from './spawn.ts';

export interface SandboxCluster {
  readonly name: string;
  readonly objects?: readonly KubernetesObject[];
  readonly certManagerCrds?: boolean;
  readonly gatewayCrds?: boolean;
  /** Rights of `token`; absent = all. */
  readonly rules?: readonly PolicyRule[];
  /** Further identities. */
  readonly tokens?: KubernetesConfig['tokens'];
  readonly rbac?: KubernetesConfig['rbac'];
  readonly clientCa?: boolean;
}

export interface SandboxOptions {
  readonly zones: DnsConfig['zones'];
  readonly clusters: readonly SandboxCluster[];
  /** Default: at once. */
  readonly insync?: DnsConfig['insync'];
  /** Whether Route 53's token buckets hold; default no. */
  readonly throttle?: boolean;
  readonly ca?: Omit<CaConfig, 'nameServers'>;
  /** Whether AWS has DynamoDB; default no. */
  readonly dynamodb?: boolean;
  /** How a part is started; default: from the sources. */
  readonly command?: readonly string[];
}

export interface RunningCluster extends KubernetesReady {
  readonly name: string;
  /** Of the identity with `rules`. */
  readonly token: string;
  /** Of one that may do everything. */
  readonly adminToken: string;
}

export interface Sandbox {
  readonly directory: string;
  /** What the directory's TLS is trusted by. */
  readonly acmeCaPem: string;
  /** Where issued chains lead to. */
  readonly rootPem: string;
  readonly clusters: readonly RunningCluster[];
  readonly awsUrl: string;
  /** DynamoDB past the endpoint, where there is one: whoever asks it thousands of times and wants no faults. */
  readonly dynamodbUrl?: string;
  readonly route53Url: string;
  /** `127.0.0.1:port`. */
  readonly nameServers: readonly string[];
  readonly zones: readonly { readonly id: string; readonly name: string }[];
  /** What an AWS client needs to find the sandbox. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends one part for good: `dns`, `ca`, `aws`, or a cluster's name. */
  stop(part: string): Promise<void>;
  close(): Promise<void>;
}

export const REGION = 'eu-west-1';

type Parts = Map<string, SpawnedPart<unknown>>;

/** Through the back door of a cluster. */
async function tell({ server, caPem }: KubernetesReady, what: string, body: unknown): Promise<void> {
  const { request } = await import('node:https');
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(`${server}/_sandbox/${what}`, { method: 'POST', ca: caPem, agent: false }, (answer) => {
      answer.resume().on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
  if (status !== 200) throw new Error(`${server}: ${what} not taken, status ${status}`);
}

async function startCluster(cluster: SandboxCluster, start: Start): Promise<RunningCluster> {
  const { name, objects = [], rules, tokens = [], rbac = {}, clientCa = false } = cluster;
  const { certManagerCrds = false, gatewayCrds = false } = cluster;
  const token = randomBytes(16).toString('hex');
  const adminToken = randomBytes(16).toString('hex');
  const config: KubernetesConfig = {
    name,
    tokens: [
      { token, user: 'nolapse', groups: [rules ? 'renewers' : 'system:masters'] },
      { token: adminToken, user: 'admin', groups: ['system:masters'] },
      ...tokens,
    ],
    rbac: { ...rbac, ...(rules ? { renewers: rules } : {}) },
    certManagerCrds,
    gatewayCrds,
    clientCa,
  };
  const ready = await start<KubernetesReady>(name, 'kubernetes', config);
  // an argument holds 128 KiB at most
  if (objects.length > 0) await tell(ready, 'objects', objects);
  return { ...ready, name, token, adminToken };
}

type Start = <Ready>(as: string, part: string, config: unknown) => Promise<Ready>;

function starter(parts: Parts, command: readonly string[]): Start {
  return async <Ready>(as: string, part: string, config: unknown): Promise<Ready> => {
    const spawned = await spawnPart<Ready>(part, config, command);
    parts.set(as, spawned);
    return spawned.ready;
  };
}

async function closeAll(parts: Parts): Promise<void> {
  await Promise.all([...parts.values()].map((part) => part.close()));
}

async function startParts(options: SandboxOptions, start: Start) {
  const { zones, insync = { minMs: 0, maxMs: 0 }, throttle = false, ca = {}, dynamodb = false } = options;
  const dns = start<DnsReady>('dns', 'dns', { zones, insync, throttle } satisfies DnsConfig);
  const wired = dns.then(({ url, nameServers }) =>
    Promise.all([
      start<CaReady>('ca', 'ca', { ...ca, nameServers } satisfies CaConfig),
      start<AwsReady>('aws', 'aws', { route53: url, dynamodb } satisfies AwsConfig),
    ]),
  );
  const clusters = Promise.all(options.clusters.map((cluster) => startCluster(cluster, start)));
  const all = Promise.all([dns, wired, clusters]);
  // the others must have settled before anything is closed
  await Promise.allSettled([dns, wired, clusters]);
  return all;
}

/** Starts all parts and returns when all are ready. What was started is ended when one fails. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const parts: Parts = new Map();
  const start = starter(parts, options.command ?? PART_COMMAND);
  try {
    const [dns, [ca, aws], clusters] = await startParts(options, start);
    const reviewOf = (name: string): string => `${aws.url}/_sandbox/eks/token-review/${name}`;
    await Promise.all(clusters.map((cluster) => tell(cluster, 'token-review', { url: reviewOf(cluster.name) })));
    return {
      directory: ca.directory,
      acmeCaPem: ca.tlsCaPem,
      rootPem: ca.rootPem,
      clusters,
      awsUrl: aws.url,
      ...(aws.dynamodbUrl === undefined ? {} : { dynamodbUrl: aws.dynamodbUrl }),
      route53Url: dns.url,
      nameServers: dns.nameServers,
      zones: options.zones.map(({ id, name }) => ({ id, name })),
      env: {
        AWS_ENDPOINT_URL: aws.url,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'sandbox',
        AWS_SECRET_ACCESS_KEY: 'sandbox',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stop: async (name) => {
        const part = parts.get(name);
        if (!part) throw new TypeError(`part ${name}: there is none, only ${[...parts.keys()].join(', ')}`);
        await part.close();
      },
      close: () => closeAll(parts),
    };
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}
