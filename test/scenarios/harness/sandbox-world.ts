/** The sandbox as a kind of world: every scenario has all its parts to itself, and each can be made to misbehave. */
import type { CaConfig, CaReady } from '../../../sandbox/ca/config.ts';
import { spawnPart } from '../../../sandbox/spawn.ts';
import { type RunningCluster, type Sandbox, startSandbox } from '../../../sandbox/start.ts';
import { clearFaults, requestsOf, setFault } from './back-door.ts';
import { builtCommand, NODE } from './built-command.ts';
import { dnsConfig, ZONE } from './dns-parts.ts';
import { openWorld } from './open-world.ts';
import type { ClusterParts, Parts } from './parts.ts';
import { groupsOf, type Identity, identities, rulesByGroup, tokensFor } from './rbac-parts.ts';
import type { Upstream } from './recorder.ts';
import type { WorldKind } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { openServiceWorld, SERVICE_PATIENCE, type ServiceWorld } from './service-world.ts';
import { type FaultyPart, FEATURES } from './world.ts';

const tokenOf = (cluster: string, identity: Identity): string => `${cluster}-${identity}`;

/** A name server that has little time of a busy machine is no silent one. */
const DNS_TIMEOUT_MS = 5_000;

type Asked = Pick<Scenario, 'inSync' | 'staging'>;

const partCommand = async (): Promise<readonly string[]> => [NODE, await builtCommand(), 'part'];
const CA: Omit<CaConfig, 'nameServers'> = { dnsTimeoutMs: DNS_TIMEOUT_MS };

const start = async (asked: Asked, dynamodb: boolean): Promise<Sandbox> =>
  startSandbox({
    command: await partCommand(),
    dynamodb,
    ...dnsConfig(asked),
    ca: CA,
    clusters: ['east', 'west'].map((name) => ({
      name,
      certManagerCrds: true,
      gatewayCrds: true,
      tokens: identities.map((identity) => ({
        ...{ token: tokenOf(name, identity), user: identity, groups: groupsOf(identity) },
      })),
      rbac: rulesByGroup(),
    })),
  });

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
/** Made, but never kept. */
const QUESTIONS = ['selfsubjectaccessreviews', 'tokenreviews'];

async function writesIn(part: Upstream): Promise<readonly string[]> {
  const seen = await requestsOf(part);
  return seen.flatMap(({ user, verb = '', kind }) =>
    user !== 'admin' && WRITES.includes(verb) && !QUESTIONS.includes(kind) ? [`${user} ${verb} ${kind}`] : [],
  );
}

const clusterParts = ({ name, server, caPem, adminToken }: RunningCluster): ClusterParts => ({
  name,
  url: server,
  caPem,
  token: adminToken,
  tokens: tokensFor((identity) => tokenOf(name, identity)),
  writes: () => writesIn({ url: server, caPem }),
});

const acmeParts = ({
  directory,
  tlsCaPem,
  rootPem,
}: Pick<CaReady, 'directory' | 'tlsCaPem' | 'rootPem'>): Parts['acme'] => ({
  ...{ directory, caPem: tlsCaPem, profile: 'classic' },
  rootPems: async () => [rootPem],
});

async function startParts(asked: Asked, { dynamodb = false } = {}): Promise<Parts> {
  const sandbox = await start(asked, dynamodb);
  const staging = asked.staging
    ? await spawnPart<CaReady>('ca', { ...CA, nameServers: sandbox.nameServers }, await partCommand())
    : undefined;
  const [east, west] = sandbox.clusters.map(clusterParts);
  if (!east || !west) throw new Error('the sandbox started fewer than two clusters');
  const doors: Readonly<Record<FaultyPart, Upstream>> = {
    ca: { url: sandbox.directory, caPem: sandbox.acmeCaPem },
    dns: { url: sandbox.route53Url },
    aws: { url: sandbox.awsUrl },
    eks: { url: sandbox.awsUrl },
    east,
    west,
  };
  return {
    name: 'sandbox',
    clusters: [east, west],
    acme: acmeParts({ ...sandbox, tlsCaPem: sandbox.acmeCaPem }),
    ...(staging ? { staging: acmeParts(staging.ready) } : {}),
    route53Url: sandbox.route53Url,
    awsUrl: sandbox.awsUrl,
    ...(sandbox.dynamodbUrl === undefined ? {} : { dynamodbUrl: sandbox.dynamodbUrl }),
    account: '000000000000',
    eksUrl: sandbox.awsUrl,
    nameServers: sandbox.nameServers,
    zone: ZONE,
    features: FEATURES,
    fault: (part, fault) => setFault(doors[part], fault),
    calm: (part) => clearFaults(doors[part]),
    close: async () => {
      await staging?.close();
      await sandbox.close();
    },
  };
}

export const sandboxKind: WorldKind = {
  name: 'sandbox',
  features: FEATURES.filter((feature) => feature !== 'schedule'),
  open: async (scenario) => openWorld(await startParts(scenario)),
};

/** The deployed service on the same parts. */
export const openService = async (options: Asked): Promise<ServiceWorld> =>
  openServiceWorld(await startParts(options, { dynamodb: true }));

export const serviceKind: WorldKind<ServiceWorld> = {
  name: 'sandbox',
  features: FEATURES.filter((feature) => feature !== 'one-process'),
  patience: SERVICE_PATIENCE,
  open: openService,
};
