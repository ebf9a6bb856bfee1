/** What a set-up is looked at with: every adapter that only asks. Nothing is registered, ordered, written or stored by any of them. */
import { type AcmeIssuer, accountWish } from '../adapters/acme/acme-authorities.ts';
import { type AcmeLook, acmeLook } from '../adapters/acme/acme-look.ts';
import { sessionNameOf } from '../adapters/aws/assumed-role.ts';
import { dynamodbRecords } from '../adapters/aws/dynamodb-records.ts';
import { requireKey } from '../adapters/aws/kms-look.ts';
import { lambdaFunctions } from '../adapters/aws/lambda-functions.ts';
import { type Route53Look, route53Look } from '../adapters/aws/route53-look.ts';
import { secretsManagerReader } from '../adapters/aws/secrets-manager-read-secret.ts';
import { type SnsSubscriptions, snsSubscriptions } from '../adapters/aws/sns-subscriptions.ts';
import { deployedAt } from '../adapters/aws/ssm-deployed.ts';
import { readCaSecret } from '../adapters/ca/ca-authority.ts';
import { dnsAnswers } from '../adapters/dns/dns-answers.ts';
import { type KubernetesAccess, kubernetesAccess } from '../adapters/kubernetes/kubernetes-access.ts';
import { fileReadSecret } from '../adapters/local/file-read-secret.ts';
import { fileSeal, isSealKey } from '../adapters/local/file-seal.ts';
import { sqliteRecords } from '../adapters/local/sqlite-records.ts';
import { findStateFolder } from '../adapters/local/state-folder.ts';
import { systemClock } from '../adapters/local/system-clock.ts';
import { webhookUrl } from '../adapters/webhook/slack-channel.ts';
import type { DnsAnswers } from '../contract/dns-answers.ts';
import type { CaIssuerSpec, Fleet, Issuer } from '../contract/fleet.ts';
import { type Place, partyOf } from '../contract/ids.ts';
import type { Observation } from '../contract/observation.ts';
import type { AccountContext, Clock, ReadSecret } from '../contract/ports.ts';
import { type Problem, ProblemError, problemOf } from '../contract/problem.ts';
import type { Records } from '../contract/records.ts';
import { VERSION } from '../contract/version.ts';
import { secretRefOf } from '../standards/certmanager/issuer-secrets.ts';
import { type Signer, signerOf } from '../standards/x509/signer.ts';
import { resourceNamespaceOf } from './authorities.ts';
import { webhookOf } from './channels.ts';
import { clusterConnections, secretReader } from './clusters.ts';
import { destinations } from './destinations.ts';
import type { LocalOptions } from './local-parts.ts';

export interface Instruments {
  readonly fleet: Fleet;
  /** Read only. */
  readonly records: Records;
  readonly clock: Clock;
  readonly dns: DnsAnswers;
  readonly acme: (issuer: AcmeIssuer) => AcmeLook;
  readonly topic: (topicArn: string) => SnsSubscriptions;
  /** Absent = the fleet has none. `look` throws ProblemError and tells nobody the URL. */
  readonly webhook?: { readonly keptIn: string; look(): Promise<void> };
  /** What is used from where this process is; absent for a deployed service, whose functions do the work with rights of their own. */
  readonly here?: Here;
  readonly service?: {
    readonly name: string;
    readonly version?: string;
    /** That keys of orders and of accounts can be sealed and opened. Throws ProblemError for a key that cannot be used. */
    readonly requireKeys: () => Promise<void>;
  };
  close(): Promise<void>;
}

export interface Here {
  readonly state: { readonly folder: string; readonly isNew: boolean } | { readonly problem: Problem };
  /** Whether there is a sealing key. Throws ProblemError for one that cannot be used. */
  readonly hasSealKey: () => Promise<boolean>;
  readonly cluster: (name: string) => Promise<KubernetesAccess>;
  readonly route53: Route53Look;
  /** The private CA of an issuer, its key dropped. Throws ProblemError where it cannot sign. */
  readonly privateCa: (issuer: Issuer & { readonly spec: CaIssuerSpec }) => Promise<Omit<Signer, 'key'>>;
  readonly store: (place: Place) => Promise<Observation | undefined>;
}

const WRITTEN = 'a look writes no rows';

/** The rows without the three writes; none at all where there is no state yet. */
function readOnly(records: Records | undefined): Records {
  const refuse = async (): Promise<never> => {
    throw new TypeError(WRITTEN);
  };
  const from = records ?? NO_RECORDS;
  return {
    get: (key) => from.get(key),
    children: (pk) => from.children(pk),
    due: (lane, now, limit) => from.due(lane, now, limit),
    dueSince: (lane, now) => from.dueSince(lane, now),
    list: (kind, range) => from.list(kind, range),
    ...{ put: refuse, remove: refuse },
  };
}

const none = async function* (): AsyncGenerator<never> {};
const NO_RECORDS: Omit<Records, 'put' | 'remove'> = {
  ...{ get: async () => undefined, due: async () => [], dueSince: async () => undefined },
  ...{ children: none, list: none },
};

type Way = Omit<LocalOptions, 'watch' | 'terminal' | 'signal'>;

interface Opened {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly clock: Clock;
  readonly env: Way['env'];
  readonly readSecret: ReadSecret;
  readonly readSecretText: (secretId: string) => Promise<string>;
  readonly unseal?: (sealed: string, context: AccountContext) => Promise<Uint8Array>;
}

/** What is the same from everywhere. */
function looksOf({ fleet, records, clock, env, readSecret, readSecretText, unseal }: Opened) {
  const open: { close(): void }[] = [];
  const kept = <T extends { close(): void }>(one: T): T => {
    open.push(one);
    return one;
  };
  const webhook = webhookOf(fleet.notifications, { env, readSecretText });
  return {
    ...{ fleet, records, clock, dns: dnsAnswers(fleet.dns) },
    acme: (issuer: AcmeIssuer): AcmeLook => {
      const { caBundle } = issuer.spec;
      return kept(
        acmeLook({
          ...{ clock, version: VERSION, records, fleet: fleet.name, readSecret },
          wish: accountWish(issuer, resourceNamespaceOf(issuer, fleet)),
          ...(caBundle === undefined ? {} : { caBundle }),
          ...(unseal ? { unseal } : {}),
        }),
      );
    },
    topic: (topicArn: string) => kept(snsSubscriptions({ topicArn })),
    ...(webhook && {
      webhook: {
        keptIn: webhook.keptIn,
        look: async (): Promise<void> => void webhookUrl(await webhook.url(), webhook.keptIn),
      },
    }),
    closeAll: () => {
      for (const one of open) one.close();
    },
  };
}

async function stateAt(path: string) {
  try {
    const found = await findStateFolder(path);
    return { found, records: found.isNew ? undefined : sqliteRecords(found.recordsFile) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { problem: problemOf(error) };
  }
}

/** From this machine, with its own state and credentials. */
export async function localInstruments(options: Way): Promise<Instruments> {
  const { fleet, deadlineMs, home, allowExec, announce, env } = options;
  const state = await stateAt(options.state);
  const stored = 'records' in state ? state.records : undefined;
  const records = readOnly(stored);
  const clock = systemClock(deadlineMs === undefined ? {} : { deadlineMs });
  const secrets = secretsManagerReader({ fleet: fleet.name });
  const { readSecretText } = secrets;
  const clusters = clusterConnections({
    ...{ fleet, clock, home, allowExec, announce, readSecretText },
    sessionName: sessionNameOf('cli', fleet.name),
  });
  const readSecret = secretReader(fileReadSecret(options.state), clusters);
  const sealKeyFile = 'found' in state ? state.found.sealKeyFile : '';
  const hasSealKey = async (): Promise<boolean> => sealKeyFile !== '' && isSealKey(sealKeyFile);
  // the key is made by whoever seals first, and never by a look; what is wrong with one is said where it is looked at
  const canUnseal = await hasSealKey().catch(() => false);
  const { closeAll, ...looks } = looksOf({
    ...{ fleet, records, clock, env, readSecret, readSecretText },
    ...(canUnseal && {
      unseal: async (sealed, context) => (await fileSeal<AccountContext>(sealKeyFile)).unseal(sealed, context),
    }),
  });
  const [places, route53] = [destinations({ fleet, records, clock }, clusters), route53Look()];
  const found = 'found' in state ? { folder: state.found.path, isNew: state.found.isNew } : { problem: state.problem };
  return {
    ...looks,
    here: {
      ...{ state: found, hasSealKey, route53 },
      cluster: async (name) => kubernetesAccess(await clusters.to(name)),
      privateCa: (issuer) => signerIn(issuer, { fleet, readSecret, clock }),
      store: async (place) => (await places.of(partyOf(place))).read(place),
    },
    close: async () => {
      closeAll();
      for (const one of [places, route53, secrets]) one.close();
      await clusters.close();
      stored?.close();
    },
  };
}

async function signerIn(
  issuer: Issuer & { readonly spec: CaIssuerSpec },
  { fleet, readSecret, clock }: Pick<Opened, 'fleet' | 'readSecret' | 'clock'>,
): Promise<Omit<Signer, 'key'>> {
  const { spec } = issuer;
  const secretRef = secretRefOf(issuer, resourceNamespaceOf(issuer, fleet));
  const pair = await readCaSecret({ spec, secretRef, readSecret });
  try {
    const { key: _, ...signer } = signerOf({
      ...{ ...pair, secretName: spec.secretName, isCA: false, now: clock.now() },
    });
    return signer;
  } finally {
    pair.caKeyPem.fill(0);
  }
}

/** At a deployed service: its rows, and what is seen of the rest from here. Throws as opening it does. */
export async function deployedInstruments({
  service,
  env,
  deadlineMs,
}: { readonly service: string } & Pick<Way, 'env' | 'deadlineMs'>): Promise<Instruments> {
  const deployed = await deployedAt(service);
  const functions = lambdaFunctions();
  const fleet = (await functions.invoke(deployed.functions.wake, { show: 'fleet' })) as Fleet;
  const stored = dynamodbRecords({ table: deployed.table });
  const secrets = secretsManagerReader({ fleet: fleet.name });
  const { closeAll, ...looks } = looksOf({
    fleet: { ...fleet, notifications: { ...fleet.notifications, sns: { topicArn: deployed.topic } } },
    records: readOnly(stored),
    clock: systemClock(deadlineMs === undefined ? {} : { deadlineMs }),
    env,
    readSecret: secrets.readSecret,
    readSecretText: secrets.readSecretText,
  });
  return {
    ...looks,
    service: {
      name: service,
      requireKeys: async () => {
        const { attempts, accounts } = deployed.keys;
        await Promise.all([attempts, accounts].map(requireKey));
      },
      ...(deployed.version === undefined ? {} : { version: deployed.version }),
    },
    close: async () => {
      closeAll();
      for (const one of [functions, stored, secrets]) one.close();
    },
  };
}
