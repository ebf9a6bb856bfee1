/** The fleet file of a world: both clusters, its zone, its CA as the ClusterIssuer `world-ca`, its topic, and whatever a scenario adds. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World, WorldCluster } from './world.ts';

/** The part of a world that a fleet file tells. */
export type FleetWorld = Pick<World, 'kubeconfigPath' | 'folder' | 'zone' | 'dns' | 'staging'> & {
  readonly clusters: readonly Pick<WorldCluster, 'name' | 'context'>[];
  readonly acme: Pick<World['acme'], 'directory' | 'caPem' | 'profile'>;
  readonly queue: Pick<World['queue'], 'topicArn'>;
};

export interface FleetOptions {
  /** More documents: certificates, issuers. */
  readonly documents?: readonly object[];
  /** Other contexts than `context`, by the name of the cluster. */
  readonly contexts?: Readonly<Record<string, string>>;
  /** Other access than by kubeconfig, by the name of the cluster: `{ eks }`, `{ kubeconfig: { secretId } }`. */
  readonly access?: Readonly<Record<string, object>>;
  /** Default `manage`. */
  readonly mode?: 'audit' | 'manage';
  /** Default: every name of the zone in every namespace. */
  readonly namePolicy?: readonly object[];
  /** Fields of the zone beside its name and id: whose role changes it. */
  readonly zone?: object;
  /** More zones. */
  readonly zones?: readonly object[];
  /** What the world's CA names as its staging server; default `world.staging`, where there is one. `none`: nothing. */
  readonly stagingServer?: string;
  /** Networks, and the one that a cluster is reached from, by the name of the cluster. */
  readonly reach?: { readonly networks: readonly object[]; readonly of: Readonly<Record<string, string>> };
  /** Channels beside the topic. */
  readonly notifications?: object;
  /** Of the file in the world's folder; default `fleet.yaml`. */
  readonly file?: string;
}

/** What the fleet of every scenario is called. */
export const FLEET_NAME = 'world';

/** The name of the ClusterIssuer that is the world's CA. */
export const ISSUER = { name: 'world-ca', kind: 'ClusterIssuer' } as const;

function fleetDocument(world: FleetWorld, options: FleetOptions): object {
  const {
    contexts = {},
    access = {},
    mode = 'manage',
    namePolicy,
    notifications = {},
    zone = {},
    zones = [],
    reach,
  } = options;
  const { name, id } = world.zone;
  return {
    apiVersion: 'nolapse.dev/v1',
    kind: 'Fleet',
    metadata: { name: FLEET_NAME },
    spec: {
      clusters: world.clusters.map((cluster) => ({
        name: cluster.name,
        ...(access[cluster.name] ?? {
          kubeconfig: { path: world.kubeconfigPath, context: contexts[cluster.name] ?? cluster.context },
        }),
        ...(reach?.of[cluster.name] ? { reach: reach.of[cluster.name] } : {}),
        mode,
        namePolicy: namePolicy ?? [{ namespaces: ['*'], names: [name, `**.${name}`] }],
      })),
      zones: [{ name, hostedZoneId: id, ...zone }, ...zones],
      ...(reach ? { reach: reach.networks } : {}),
      dns: world.dns,
      notifications: { sns: { topicArn: world.queue.topicArn }, ...notifications },
    },
  };
}

function issuerDocument({ acme: { directory, caPem, profile }, staging }: FleetWorld, options: FleetOptions): object {
  const { stagingServer = staging?.directory ?? 'none' } = options;
  const caBundle = Buffer.from(caPem).toString('base64');
  const solvers = [{ dns01: { route53: {} } }];
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: ISSUER.kind,
    metadata: {
      name: ISSUER.name,
      ...(stagingServer === 'none' ? {} : { annotations: { 'nolapse.dev/staging-server': stagingServer } }),
    },
    spec: {
      acme: { server: directory, caBundle, profile, privateKeySecretRef: { name: 'world-ca-account' }, solvers },
    },
  };
}

/** Made in no time; every kind of key has a scenario of its own. */
const KEY = { algorithm: 'ECDSA', size: 256 };

/** A FleetCertificate by the world's CA for `dnsNames`, delivered to `destinations`. */
export const fleetCertificate = (name: string, dnsNames: readonly string[], destinations: readonly object[]) => ({
  apiVersion: 'nolapse.dev/v1',
  kind: 'FleetCertificate',
  metadata: { name },
  spec: { certificate: { dnsNames, issuerRef: ISSUER, privateKey: KEY }, destinations },
});

/** By the folder of the world: whether every fleet file that was written there only looks. */
const audited = new Map<string, boolean>();

/** Whether nothing may be written to a cluster in that world, whatever was run. */
export const isOnlyAudited = ({ folder }: Pick<World, 'folder'>): boolean => audited.get(folder) === true;

const isAudit = ({ mode, namePolicy = [] }: FleetOptions): boolean =>
  mode === 'audit' && !JSON.stringify(namePolicy).includes('"manage"');

/** Writes the file, JSON documents being YAML, and gives its path. */
export async function writeFleet(world: FleetWorld, options: FleetOptions = {}): Promise<string> {
  const { documents = [], file = 'fleet.yaml' } = options;
  const all = [fleetDocument(world, options), issuerDocument(world, options), ...documents];
  const path = join(world.folder, file);
  audited.set(world.folder, isAudit(options) && audited.get(world.folder) !== false);
  await writeFile(path, all.map((document) => `${JSON.stringify(document, null, 2)}\n`).join('---\n'));
  return path;
}
