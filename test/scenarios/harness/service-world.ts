/**
 * The deployed service as a kind of world: `nolapse … --fleet F` deploys F, and the command is said to the service. The bundles run as Lambda
 * runs them, with the variables, rights and queues of the synthesised templates; scenarios cannot tell it from a command that works itself.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { fleetSecretId } from '../../../shared/contract/ids.ts';
import { type DeployedService, type DeployOptions, startService } from '../../lambda/service.ts';
import { REGION } from './aws-parts.ts';
import { builtCommand } from './built-command.ts';
import { tracesOfService } from './leaks.ts';
import { loadedFleet } from './load-fleet.ts';
import { startNolapse } from './nolapse-process.ts';
import { openWorld } from './open-world.ts';
import type { Parts } from './parts.ts';
import { sealedByService } from './sealed-keys.ts';
import type { World } from './world.ts';

export interface ServiceWorld extends World {
  readonly service: DeployedService;
  /** Deploys a fleet file without saying anything to the service. */
  deploy(fleet: string, options?: DeployOptions): Promise<void>;
}

const isService = (world: World): world is ServiceWorld => 'service' in world;

/** The world as the service that it is; throws for one without the feature `schedule`. */
export function serviceOf(world: World): ServiceWorld {
  if (!isService(world)) throw new Error('the world has no service: the scenario needs schedule');
  return world;
}

/** A service is synthesised first, and each of its functions starts cold. */
export const SERVICE_PATIENCE = 3;

/** Commands after which lanes may work; others look, and what they ring waits in its queue. */
const WORKING = new Set(['run', 'renew', 'leave']);
const isWorking = (args: readonly string[]): boolean => WORKING.has(args[0] ?? '') && !args.includes('--dry-run');

/** What a fleet file of this machine must become to be deployed: kubeconfigs that lie here go where functions can read them. */
async function deployable(fleet: Fleet, { secretsManager }: World): Promise<Fleet> {
  const clusters = await Promise.all(
    fleet.clusters.map(async (cluster) => {
      if (cluster.access.by !== 'kubeconfig') return cluster;
      const { path, context } = cluster.access;
      const secretId = `nolapse/${cluster.name}-kubeconfig`;
      await secretsManager.put(secretId, readFileSync(path, 'utf8'));
      return { ...cluster, access: { by: 'secret' as const, secretId, ...(context ? { context } : {}) } };
    }),
  );
  return { ...fleet, clusters };
}

/** Secrets that issuers of the file reference are files beside the state of a command, and secrets of a service. */
async function copySecrets(state: string, fleet: Fleet, { secretsManager }: World): Promise<void> {
  const folder = join(state, 'secrets');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const keys = readdirSync(join(folder, name)).map((key) => [key, readFileSync(join(folder, name, key), 'utf8')]);
    await secretsManager.put(fleetSecretId(fleet.name, name), JSON.stringify(Object.fromEntries(keys)));
  }
}

const withoutFleet = (args: readonly string[]): { readonly fleet?: string; readonly rest: readonly string[] } => {
  const at = args.indexOf('--fleet');
  const fleet = args[at + 1];
  return at < 0 || fleet === undefined
    ? { rest: args }
    : { fleet, rest: args.filter((_, i) => i !== at && i !== at + 1) };
};

/** The environment of the command, when it speaks to the service. */
const environmentOf = ({ folder, awsEnv }: World, url: string): Readonly<Record<string, string>> => ({
  ...{ PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1' },
  ...awsEnv,
  AWS_ENDPOINT_URL: url,
});

export async function openServiceWorld(parts: Parts): Promise<ServiceWorld> {
  const world = await openWorld(parts);
  const { awsEnv, folder, queue } = world;
  const { awsUrl: stateUrl, dynamodbUrl: tablesUrl = stateUrl } = parts;
  const service = await startService({
    ...{ recorded: awsEnv.AWS_ENDPOINT_URL ?? '', stateUrl, tablesUrl, topicArn: queue.topicArn },
    place: { account: parts.account, region: REGION },
  });
  const around = { main: await builtCommand(), folder, env: environmentOf(world, service.url) };
  const state = join(folder, 'state');
  mkdirSync(state);
  const deploy = async (path: string, options?: DeployOptions): Promise<Fleet | undefined> => {
    const loaded = loadedFleet(path, folder);
    if (!loaded) return undefined;
    await copySecrets(state, loaded, world);
    const fleet = await deployable(loaded, world);
    await service.deploy(fleet, options);
    await world.admit(service.up());
    return fleet;
  };
  const nolapse: World['nolapse'] = async (args, options) => {
    // whoever removes the folder of the state means the state
    if (!existsSync(state)) await service.loseState();
    mkdirSync(state, { recursive: true });
    const { fleet: path, rest } = withoutFleet(args);
    const fleet = path === undefined ? undefined : await deploy(path);
    // what is no fleet is refused before anything is deployed, by the same words
    if (!fleet) return world.nolapse(args, options);
    service.arm(isWorking(rest));
    try {
      return await startNolapse(around, [...rest, '--service', fleet.name], { ...options, state: 'none' }).done;
    } finally {
      service.arm(false);
    }
  };
  return {
    ...world,
    ...{ nolapse, service },
    traces: async () => tracesOfService(service),
    sealed: () => sealedByService(service),
    deploy: async (path, options) => void (await deploy(path, options)),
    spawnNolapse: () => {
      throw new Error('a service is no process of the command: the scenario needs one-process');
    },
    close: async () => {
      await service.close();
      await world.close();
    },
  };
}
