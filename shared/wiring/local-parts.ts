/** Which adapters the local world is made of. Connections are opened when first needed, shared, and closed with the run. */

import { AcmeAuthorities, type AcmeIssuer } from '../adapters/acme/acme-authorities.ts';
import { route53ChallengeZone } from '../adapters/aws/route53-challenge-zone.ts';
import { secretsManagerDestination } from '../adapters/aws/secrets-manager-destination.ts';
import { snsChannel } from '../adapters/aws/sns-channel.ts';
import { caAuthority } from '../adapters/ca/ca-authority.ts';
import { selfSignedAuthority } from '../adapters/ca/self-signed-authority.ts';
import { kubernetesClusterReader } from '../adapters/kubernetes/kubernetes-cluster-reader.ts';
import { kubernetesReadSecret } from '../adapters/kubernetes/kubernetes-read-secret.ts';
import { kubernetesSecretDestination } from '../adapters/kubernetes/kubernetes-secret-destination.ts';
import { type ClusterConnection, connectCluster } from '../adapters/kubernetes/kubernetes-transport.ts';
import { fileReadSecret } from '../adapters/local/file-read-secret.ts';
import { fileSeal } from '../adapters/local/file-seal.ts';
import { folderBlobs } from '../adapters/local/folder-blobs.ts';
import { memoryBell } from '../adapters/local/memory-bell.ts';
import { processHolder } from '../adapters/local/process-holder.ts';
import { recordsJournal } from '../adapters/local/records-journal.ts';
import { sqliteRecords } from '../adapters/local/sqlite-records.ts';
import { openStateFolder } from '../adapters/local/state-folder.ts';
import { systemClock } from '../adapters/local/system-clock.ts';
import type { Fleet, Issuer } from '../contract/fleet.ts';
import { FLEET_SOURCE, type IssuerId, inventoryLane, SECRETS_MANAGER } from '../contract/ids.ts';
import { PAGE_SIZE } from '../contract/limits.ts';
import type {
  AccountContext,
  AttemptContext,
  Authority,
  Channel,
  DestinationAdapter,
  ReadSecret,
  SecretRef,
} from '../contract/ports.ts';
import { ProblemError } from '../contract/problem.ts';
import { keys, type Records } from '../contract/records.ts';
import type { Happened } from '../contract/rows.ts';
import { installationOf } from '../lanes/installation.ts';
import { zoneOf } from '../standards/dns/names.ts';

export interface LocalOptions {
  readonly fleet: Fleet;
  /** Folder of the state; made when there is none. */
  readonly state: string;
  /** What `~` stands for. */
  readonly home: string;
  /** Whether kubeconfigs may run credential plugins that are not understood. */
  readonly allowExec: boolean;
  /** A line for people before something unusual is done. */
  readonly announce: (line: string) => void;
  /** Everything that happens, as it happens. */
  readonly watch: (event: Happened) => void;
  readonly deadlineMs?: number;
  /** Ends the run with everything stored. */
  readonly signal?: AbortSignal;
  /** Where messages go that are due. */
  readonly terminal?: Channel;
}

export type LocalParts = Awaited<ReturnType<typeof localParts>>;

export const VERSION = '0.1.0';

/** Opens the state and says how everything else is opened. Throws ProblemError `nolapse:state-*`. */
export async function localParts(options: LocalOptions) {
  const { fleet, watch, signal, deadlineMs } = options;
  const folder = await openStateFolder(options.state);
  const records = sqliteRecords(folder.recordsFile);
  const clock = systemClock({ ...(deadlineMs === undefined ? {} : { deadlineMs }), ...(signal ? { signal } : {}) });
  const blobs = folderBlobs(folder.blobsFolder);
  const clusters = clusterConnections(options, clock);
  const keysOf = <Context extends object>() => fileSeal<Context>(folder.sealKeyFile);
  const [attemptKeys, accountKeys] = [await keysOf<AttemptContext>(), await keysOf<AccountContext>()];
  const readSecret = secretReader(fileReadSecret(folder.path), clusters);
  const acme = new AcmeAuthorities({
    ...{ records, clock, readSecret, fleet: fleet.name, version: VERSION },
    ...{ seal: accountKeys.seal, unseal: accountKeys.unseal, announce: options.announce },
  });
  const zone = route53ChallengeZone({ zones: fleet.zones, clock });
  const stores = secretsManagerDestination({
    fleet: fleet.name,
    installation: async () => (await installationOf(records, { fleet: fleet.name, now: clock.now() })).id,
  });
  const sns = fleet.notifications.sns && snsChannel(fleet.notifications.sns);
  return {
    ...{ fleet, records, blobs, clock, zone, bell: memoryBell(), holder: processHolder() },
    ...(signal ? { signal } : {}),
    journal: recordsJournal({ records, clock, watch }),
    progress: (source: string, seen: number): void => {
      if (seen < PAGE_SIZE) return;
      const detail = { secrets: String(seen) };
      const at = clock.now().toISOString();
      watch({ subject: inventoryLane(source), what: 'inventory-reading', stage: 'inventory', at, detail });
    },
    channels: [options.terminal, sns].filter((channel) => channel !== undefined),
    ...{ seal: attemptKeys.seal, unseal: attemptKeys.unseal },
    readerOf: async ({ name }: { readonly name: string }) => kubernetesClusterReader(await clusters.to(name)),
    destinationsOf: async (party: string): Promise<DestinationAdapter> =>
      party === SECRETS_MANAGER || party.startsWith(`${SECRETS_MANAGER}.`)
        ? stores
        : kubernetesSecretDestination({ connection: await clusters.to(party), fleet: fleet.name }),
    authorityOf: async (id: IssuerId) =>
      authority(await issuerOf(id, { fleet, records }), { fleet, acme, readSecret, clock }),
    close: async () => {
      for (const open of [acme, zone, stores, sns]) open?.close();
      await clusters.close();
      records.close();
    },
  };
}

/** One connection for each cluster; one that failed is tried anew by whoever asks next. */
function clusterConnections({ fleet, home, allowExec, announce }: LocalOptions, clock: ReturnType<typeof systemClock>) {
  const open = new Map<string, Promise<ClusterConnection>>();
  const connect = async (name: string): Promise<ClusterConnection> => {
    const cluster = fleet.clusters.find((one) => one.name === name);
    if (cluster) return connectCluster({ cluster, home, allowExec, announce, clock });
    throw new ProblemError({
      type: 'nolapse:unknown-cluster',
      detail: `there is no cluster ${name} in this fleet`,
      retry: 'never',
      fix: `add ${name} to spec.clusters of the Fleet, or take out what names it`,
    });
  };
  return {
    to: (name: string): Promise<ClusterConnection> => {
      const connection = open.get(name) ?? connect(name);
      open.set(name, connection);
      connection.catch(() => open.delete(name));
      return connection;
    },
    close: async (): Promise<void> => {
      const settled = await Promise.allSettled(open.values());
      for (const one of settled) if (one.status === 'fulfilled') one.value.close();
    },
  };
}

const secretReader =
  (ofFleet: ReadSecret, clusters: ReturnType<typeof clusterConnections>): ReadSecret =>
  async (ref) =>
    ref.from === 'fleet' ? ofFleet(ref) : kubernetesReadSecret({ connection: await clusters.to(ref.cluster) })(ref);

/** An issuer of the file, or one that an inventory has found. */
async function issuerOf(id: IssuerId, { fleet, records }: { fleet: Fleet; records: Records }): Promise<Issuer> {
  const inFile = fleet.issuers.find((issuer) => issuer.id === id);
  if (inFile) return inFile;
  const [source = '', ...rest] = id.split('/');
  const [namespace, name] = rest.length > 1 ? [rest[0], rest[1]] : [undefined, rest[0]];
  const found = await records.get(keys.issuer(source, namespace, name ?? ''));
  if (found) return found.body.issuer;
  throw new ProblemError({
    type: 'nolapse:issuer-not-found',
    detail: `the issuer ${id} is gone`,
    retry: 'later',
    fix: 'bring it back, or point the certificates to another one',
  });
}

interface AuthorityParts {
  readonly fleet: Fleet;
  readonly acme: AcmeAuthorities;
  readonly readSecret: ReadSecret;
  readonly clock: ReturnType<typeof systemClock>;
}

function authority(issuer: Issuer, { fleet, acme, readSecret, clock }: AuthorityParts): Authority {
  const { spec, source, namespace } = issuer;
  const cluster = fleet.clusters.find(({ name }) => name === source);
  const clusterResourceNamespace = cluster?.clusterResourceNamespace ?? 'cert-manager';
  if (spec.type === 'acme')
    return acme.of({ ...issuer, spec } satisfies AcmeIssuer, {
      zoneOf: (fqdn) => zoneOf(fqdn, fleet.zones)?.hostedZoneId,
      clusterResourceNamespace,
    });
  if (spec.type === 'selfSigned') return selfSignedAuthority({ spec, clock });
  const secretRef = (name: string, key: string): SecretRef =>
    source === FLEET_SOURCE
      ? { from: 'fleet', name, key }
      : { from: 'cluster', cluster: source, namespace: namespace ?? clusterResourceNamespace, name, key };
  return caAuthority({ spec, secretRef, readSecret, clock });
}
