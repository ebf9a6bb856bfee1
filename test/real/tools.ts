/** The programs that real parts run on: those found in KUBEBUILDER_ASSETS or on PATH, else built from the pinned Go modules beside this file. */
import { accessSync, constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { keep } from './cache.ts';
import { command } from './command.ts';

interface ToolRecipe {
  readonly module: 'pebble' | 'etcd' | 'promtool' | 'kube';
  readonly package: string;
  /** The module whose version is the tool's. */
  readonly versionOf: string;
  readonly versionArgs: readonly string[];
  readonly ldflags: string;
  readonly tags?: string;
  readonly takes: string;
}

const LD = '-s -w';
const KUBE_VERSION = 'k8s.io/component-base/version';

/** In the order in which they are built: the longest last, on the build cache of the others. */
const RECIPES = {
  pebble: {
    module: 'pebble',
    package: 'github.com/letsencrypt/pebble/v2/cmd/pebble',
    versionOf: 'github.com/letsencrypt/pebble/v2',
    versionArgs: ['-version'],
    ldflags: LD,
    takes: '20 s',
  },
  etcd: {
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    versionOf: 'go.etcd.io/etcd/server/v3',
    versionArgs: ['--version'],
    ldflags: LD,
    takes: '35 s',
  },
  promtool: {
    module: 'promtool',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    versionOf: 'github.com/prometheus/prometheus',
    versionArgs: ['--version'],
    ldflags: LD,
    // the clients of every cloud would be most of the build, and discover nothing here
    tags: 'remove_all_sd',
    takes: '2 minutes',
  },
  'kube-apiserver': {
    module: 'kube',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    versionOf: 'k8s.io/kubernetes',
    versionArgs: ['--version'],
    ldflags: LD,
    takes: '5 to 6 minutes on two cores, once a machine',
  },
  kubectl: {
    module: 'kube',
    package: 'k8s.io/kubernetes/cmd/kubectl',
    versionOf: 'k8s.io/kubernetes',
    versionArgs: ['version', '--client'],
    ldflags: LD,
    takes: '30 s',
  },
} satisfies Record<string, ToolRecipe>;

export type ToolName = keyof typeof RECIPES;
export type Tools = Readonly<Record<ToolName, string>>;

export const GO_IS_HAD = 'Install Go 1.26 or later: https://go.dev/doc/install (or put the tools it builds on PATH).';

const TOOL_NAMES = Object.keys(RECIPES) as readonly ToolName[];

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
};

/** The first program of that name in KUBEBUILDER_ASSETS, then on PATH. */
function found(name: ToolName): string | undefined {
  const { KUBEBUILDER_ASSETS, PATH = '' } = process.env;
  const folders = [...(KUBEBUILDER_ASSETS ? [KUBEBUILDER_ASSETS] : []), ...PATH.split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

const folderOf = (module: ToolRecipe['module']): string => join(import.meta.dirname, 'tools', module);

function pinnedVersion(goMod: string, module: string): string {
  const version = goMod.match(new RegExp(`^\\s*(?:require )?${module} (v[^\\s]+)`, 'm'))?.[1];
  if (!version) throw new Error(`${module}: no version in go.mod`);
  return version;
}

/** The API server answers /version from these flags. */
function flagsOf(recipe: ToolRecipe, version: string): string {
  if (recipe.module !== 'kube') return recipe.ldflags;
  const [major = '', minor = ''] = version.slice(1).split('.');
  const set = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return [recipe.ldflags, ...Object.entries(set).map(([key, value]) => `-X ${KUBE_VERSION}.${key}=${value}`)].join(' ');
}

async function built(name: ToolName, goVersion: string): Promise<string> {
  const recipe: ToolRecipe = RECIPES[name];
  const cwd = folderOf(recipe.module);
  const [goMod, goSum] = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(cwd, file), 'utf8')));
  const version = pinnedVersion(goMod ?? '', recipe.versionOf);
  const ldflags = flagsOf(recipe, version);
  const tags = recipe.tags === undefined ? [] : ['-tags', recipe.tags];
  const { folder, was } = await keep({
    name,
    from: [recipe.package, goMod ?? '', goSum ?? '', goVersion, ldflags, ...tags],
    make: async (into) => {
      console.log(`  ${name} ${version}: building from the Go module, about ${recipe.takes}`);
      const args = ['build', '-trimpath', ...tags, '-ldflags', ldflags, '-o', join(into, name), recipe.package];
      const env = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
      await command('go', args, { cwd, env, progress: `${name}: still building`, howToGet: GO_IS_HAD });
    },
  });
  console.log(`  ${name} ${version} (${was})`);
  return join(folder, name);
}

async function toolPath(name: ToolName, goVersion: () => Promise<string>): Promise<string> {
  const path = found(name);
  if (!path) return built(name, await goVersion());
  const said = await command(path, RECIPES[name].versionArgs);
  console.log(`  ${name} ${said.split('\n')[0]} (found at ${path})`);
  return path;
}

/** Paths of all tools, in building order. Prints each with its version and where it is from. Throws MissingToolError without Go. */
export async function ensureTools(): Promise<Tools> {
  let asked: Promise<string> | undefined;
  const goVersion = () => {
    asked ??= command('go', ['version'], { howToGet: GO_IS_HAD });
    return asked;
  };
  const paths: Partial<Record<ToolName, string>> = {};
  for (const name of TOOL_NAMES) paths[name] = await toolPath(name, goVersion);
  return paths as Tools;
}

const DEFINITIONS = [
  {
    name: 'cert-manager-crds',
    path: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    folder: 'deploy/crds',
    files: /\.yaml$/,
  },
  {
    name: 'gateway-api-crds',
    path: 'sigs.k8s.io/gateway-api',
    version: 'v1.6.3',
    folder: 'config/crd/standard',
    files: /_(gateways|referencegrants)\.yaml$/,
  },
] as const;

async function crdsOf({ name, path, version, folder: within, files }: (typeof DEFINITIONS)[number]) {
  const { folder, was } = await keep({
    name,
    from: [path, version],
    make: async (into) => {
      const said = await command('go', ['mod', 'download', '-json', `${path}@${version}`], {
        cwd: into,
        howToGet: GO_IS_HAD,
      });
      const crds = join((JSON.parse(said) as { Dir: string }).Dir, within);
      await mkdir(into, { recursive: true });
      for (const file of await readdir(crds)) if (files.test(file)) await copyFile(join(crds, file), join(into, file));
    },
  });
  console.log(`  ${name} ${version} (${was})`);
  const kept = (await readdir(folder)).filter((file) => files.test(file)).sort();
  return Promise.all(kept.map((file) => readFile(join(folder, file), 'utf8')));
}

/** The texts of the CRDs of cert-manager and of the Gateway API, from their Go modules. */
export async function ensureCrds(): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const definitions of DEFINITIONS) texts.push(...(await crdsOf(definitions)));
  return texts;
}
