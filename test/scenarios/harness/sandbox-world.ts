/** The sandbox as a kind of world: every scenario has all its parts to itself, and each can be made to misbehave. */
import { type RunningCluster, type Sandbox, startSandbox } from '../../../sandbox/start.ts';
import { clearFaults, setFault } from './back-door.ts';
import { dnsConfig, ZONE } from './dns-parts.ts';
import { openWorld } from './open-world.ts';
import { type ClusterParts, NOLAPSE_RULES, type Parts, WITHOUT_CREATE_RULES } from './parts.ts';
import type { Upstream } from './recorder.ts';
import type { WorldKind } from './run-scenarios.ts';
import type { InSync, Scenario } from './scenario.ts';
import { type FaultyPart, FEATURES } from './world.ts';

const WITHOUT_CREATE = 'without-create';
const withoutCreateToken = (cluster: string): string => `${cluster}-${WITHOUT_CREATE}`;

const start = (inSync: InSync | undefined): Promise<Sandbox> =>
  startSandbox({
    ...dnsConfig(inSync),
    clusters: ['east', 'west'].map((name) => ({
      name,
      certManagerCrds: true,
      rules: NOLAPSE_RULES,
      tokens: [{ token: withoutCreateToken(name), user: WITHOUT_CREATE, groups: [WITHOUT_CREATE] }],
      rbac: { [WITHOUT_CREATE]: WITHOUT_CREATE_RULES },
    })),
  });

const clusterParts = ({ name, server, caPem, token, adminToken }: RunningCluster): ClusterParts => ({
  name,
  url: server,
  caPem,
  token: adminToken,
  nolapseToken: token,
  withoutCreateToken: withoutCreateToken(name),
});

async function startParts({ inSync }: Scenario): Promise<Parts> {
  const sandbox = await start(inSync);
  const [east, west] = sandbox.clusters.map(clusterParts);
  if (!east || !west) throw new Error('the sandbox started fewer than two clusters');
  const doors: Readonly<Record<FaultyPart, Upstream>> = {
    ca: { url: sandbox.directory, caPem: sandbox.acmeCaPem },
    dns: { url: sandbox.route53Url },
    aws: { url: sandbox.awsUrl },
    east,
    west,
  };
  return {
    name: 'sandbox',
    clusters: [east, west],
    acme: {
      directory: sandbox.directory,
      caPem: sandbox.acmeCaPem,
      profile: 'classic',
      rootPems: async () => [sandbox.rootPem],
    },
    route53Url: sandbox.route53Url,
    awsUrl: sandbox.awsUrl,
    nameServers: sandbox.nameServers,
    zone: ZONE,
    features: FEATURES,
    fault: (part, fault) => setFault(doors[part], fault),
    calm: (part) => clearFaults(doors[part]),
    close: () => sandbox.close(),
  };
}

export const sandboxKind: WorldKind = {
  name: 'sandbox',
  features: FEATURES,
  open: async (scenario) => openWorld(await startParts(scenario)),
};
