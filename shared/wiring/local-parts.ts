/** Which adapters the local world is made of. Connections are opened when first needed, shared, and closed with the run. */
import { AcmeAuthorities } from '../adapters/acme/acme-authorities.ts';
import { sessionNameOf } from '../adapters/aws/assumed-role.ts';
import { route53ChallengeZone } from '../adapters/aws/route53-challenge-zone.ts';
import { secretsManagerReader } from '../adapters/aws/secrets-manager-read-secret.ts';
import { snsChannel } from '../adapters/aws/sns-channel.ts';
import { kubernetesClusterReader } from '../adapters/kubernetes/kubernetes-cluster-reader.ts';
import { fileReadSecret } from '../adapters/local/file-read-secret.ts';
import { fileSeal } from '../adapters/local/file-seal.ts';
import { folderBlobs } from '../adapters/local/folder-blobs.ts';
import { memoryBell } from '../adapters/local/memory-bell.ts';
import { processHolder } from '../adapters/local/process-holder.ts';
import { recordsJournal } from '../adapters/local/records-journal.ts';
import { sqliteRecords } from '../adapters/local/sqlite-records.ts';
import { openStateFolder } from '../adapters/local/state-folder.ts';
import { systemClock } from '../adapters/local/system-clock.ts';
import { tlsOutside } from '../adapters/tls/tls-outside.ts';
import type { Fleet } from '../contract/fleet.ts';
import type { AccountContext, AttemptContext, Channel } from '../contract/ports.ts';
import type { Happened } from '../contract/rows.ts';
import { VERSION } from '../contract/version.ts';
import type { Stay } from '../lanes/stays.ts';
import { authoritiesOf, requestCounts } from './authorities.ts';
import { slackOf } from './channels.ts';
import { clusterConnections, secretReader } from './clusters.ts';
import { destinations } from './destinations.ts';
import { inventoryTold } from './inventory-told.ts';

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
  /** The environment, for what the fleet says is in it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where messages go that are due. */
  readonly terminal?: Channel;
}

export type LocalParts = Awaited<ReturnType<typeof localParts>>;

/** Opens the state and says how everything else is opened. Throws ProblemError `nolapse:state-*`. */
export async function localParts(options: LocalOptions) {
  const { fleet, watch, signal, deadlineMs } = options;
  const folder = await openStateFolder(options.state);
  const records = sqliteRecords(folder.recordsFile);
  const clock = systemClock({ ...(deadlineMs === undefined ? {} : { deadlineMs }), ...(signal ? { signal } : {}) });
  const blobs = folderBlobs(folder.blobsFolder);
  const secrets = secretsManagerReader({ fleet: fleet.name });
  const clusters = clusterConnections({
    ...{ fleet, clock, home: options.home, allowExec: options.allowExec, announce: options.announce },
    ...{ readSecretText: secrets.readSecretText, sessionName: sessionNameOf('cli', fleet.name) },
  });
  const keysOf = <Context extends object>() => fileSeal<Context>(folder.sealKeyFile);
  const [attemptKeys, accountKeys] = [await keysOf<AttemptContext>(), await keysOf<AccountContext>()];
  const readSecret = secretReader(fileReadSecret(folder.path), clusters);
  const { counts, requests } = requestCounts();
  const acme = new AcmeAuthorities({
    ...{ records, clock, readSecret, fleet: fleet.name, version: VERSION },
    ...{ seal: accountKeys.seal, unseal: accountKeys.unseal, announce: options.announce },
    asked: counts.ca,
  });
  const zone = route53ChallengeZone({ zones: fleet.zones, clock, asked: counts.route53 });
  const places = destinations({ fleet, records, clock }, clusters);
  const sns = fleet.notifications.sns && snsChannel(fleet.notifications.sns);
  const { readSecretText } = secrets;
  const slack = slackOf(fleet.notifications, { clock, env: options.env, readSecretText });
  return {
    ...{ fleet, records, blobs, clock, zone, bell: memoryBell(), holder: processHolder() },
    ...(signal ? { signal } : {}),
    journal: recordsJournal({ records, clock, watch }),
    ...inventoryTold(clock, watch),
    keeps: [stateFolder(folder.path)],
    channels: [options.terminal, sns, slack].filter((channel) => channel !== undefined),
    ...{ seal: attemptKeys.seal, unseal: attemptKeys.unseal },
    readerOf: async ({ name }: { readonly name: string }) => kubernetesClusterReader(await clusters.to(name)),
    ...{ destinationsOf: places.of, statusesOf: places.statusesOf },
    handshakes: tlsOutside({ resolvers: fleet.dns.resolvers }),
    ...authoritiesOf({ fleet, records, acme, readSecret, clock }),
    ...{ requests, watch },
    close: async () => {
      for (const open of [acme, zone, places, secrets, sns]) open?.close();
      await clusters.close();
      records.close();
    },
  };
}

const stateFolder = (where: string): Stay => ({
  ...{ what: 'state folder', where, usdAMonth: 0 },
  remove: 'delete it: a later start is a new installation',
});
