/** Which fleet a command works on, and where its state is: the fleet file's, or one made of kubeconfig contexts. */
import * as fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Fleet } from '../shared/contract/fleet.ts';
import { InputError } from '../shared/contract/problem.ts';
import { loadFleet } from '../shared/fleet/load.ts';
import { fleetOfContexts, type Kubeconfig } from './contexts.ts';
import type { Settings } from './settings.ts';

/** What a process stands in. */
export interface Surroundings {
  readonly folder: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface FleetInUse {
  readonly fleet: Fleet;
  readonly state: string;
  readonly notices: readonly string[];
}

const FLEET_FILE = 'fleet.yaml';
const STATE_FOLDER = '.nolapse';
/** Contexts have a state of their own, so that looking at a cluster never meets the state of a fleet. */
const CONTEXTS_STATE = join(STATE_FOLDER, 'contexts');

const named = (value: unknown): string | undefined => {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? name : undefined;
};

async function readKubeconfig(path: string): Promise<Kubeconfig> {
  const unusable = (message: string): InputError =>
    new InputError([{ where: path, message, fix: 'name a kubeconfig with --kubeconfig' }]);
  let document: unknown;
  try {
    document = parse(await readFile(path, 'utf8'));
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw unusable(isGone ? 'there is no such kubeconfig' : 'cannot be read as a kubeconfig');
  }
  if (
    typeof document !== 'object' ||
    document === null ||
    !('contexts' in document) ||
    !Array.isArray(document.contexts)
  )
    throw unusable('is no kubeconfig: it has no list of contexts');
  const contexts = document.contexts.map(named).filter((name) => name !== undefined);
  const current = 'current-context' in document ? document['current-context'] : undefined;
  return { path, contexts, ...(typeof current === 'string' && current !== '' ? { current } : {}) };
}

/** As kubectl looks for it: the option, KUBECONFIG (files that are not there are passed over, but not all of them), else ~/.kube/config. */
function kubeconfigPaths(settings: Settings, around: Surroundings): readonly string[] {
  if (settings.kubeconfig !== undefined)
    return [resolve(around.folder, settings.kubeconfig.replace(/^~(?=\/)/, around.home))];
  const listed = (around.env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  if (listed.length === 0) return [join(around.home, '.kube', 'config')];
  const present = listed.map((path) => resolve(around.folder, path)).filter((path) => fs.existsSync(path));
  if (present.length > 0) return present;
  // the default would be another person's choice of clusters than the one that was made here
  const message = `there is no such file: ${listed.join(', ')}`;
  throw new InputError([{ where: 'KUBECONFIG', message, fix: 'correct it, or name a kubeconfig with --kubeconfig' }]);
}

const noFleet = (): InputError =>
  new InputError([
    {
      where: '--fleet',
      message: `no fleet file is named and there is no ${FLEET_FILE} in this folder`,
      fix: 'name one with --fleet, write one with nolapse init --context <name>, or look without one: nolapse inventory --context <name>',
    },
  ]);

function fleetPath(settings: Settings, around: Surroundings): string {
  if (settings.fleet !== undefined) return settings.fleet;
  if (fs.existsSync(join(around.folder, FLEET_FILE))) return FLEET_FILE;
  throw noFleet();
}

/** The fleet of the settings. Throws InputError with every problem of the fleet file, or of the options. */
export async function fleetInUse(settings: Settings, around: Surroundings): Promise<FleetInUse> {
  const byContext = settings.contexts.length > 0 || settings.kubeconfig !== undefined;
  const state = (byDefault: string): string => resolve(around.folder, settings.state ?? byDefault);
  if (!byContext) {
    const path = fleetPath(settings, around);
    const loaded = loadFleet({ path, home: around.home, files: fs });
    return { ...loaded, state: state(STATE_FOLDER) };
  }
  const configs = await Promise.all(kubeconfigPaths(settings, around).map(readKubeconfig));
  return { fleet: fleetOfContexts(settings.contexts, configs), state: state(CONTEXTS_STATE), notices: [] };
}
