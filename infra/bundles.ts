/** Makes dist/functions/<name> (or in the folder named): each function in files that need nothing but Lambda's Node, index.mjs first. */
import { rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { FUNCTIONS, type FunctionName } from '../shared/contract/environment.ts';
import { CURES } from './bundle-cures.ts';

const root = resolve(import.meta.dirname, '..');
export const BUNDLES = join(root, 'dist', 'functions');

/** CommonJS packages inside an ES module ask for `require`, and some for their own file name. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
import { dirname as __dirnameOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

export interface Bundle {
  readonly name: FunctionName;
  /** What Lambda loads first. */
  readonly file: string;
  /** Of all files. */
  readonly bytes: number;
  /** Of those that are loaded when the function starts: the others are loaded by who needs them. */
  readonly startBytes: number;
  /** Packages that something of is in it. */
  readonly packages: readonly string[];
}

async function bundle(name: FunctionName, into: string): Promise<Bundle> {
  const outdir = join(into, name);
  // files are called by what is in them: those of other sources would stay
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { index: join(root, 'functions', `${name}.ts`) },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // what is imported when it is needed is a file of its own, and not read before
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: CURES,
    metafile: true,
    absWorkingDir: root,
    logLevel: 'warning',
  });
  const file = join(outdir, 'index.mjs');
  const bytesOf = (paths: Iterable<string>): number =>
    [...paths].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0);
  const started = new Set([relative(root, file)]);
  for (const path of started)
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement') started.add(imported);
  const packages = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageOf(path) ?? []) : [])),
  );
  return {
    ...{ name, file, bytes: bytesOf(Object.keys(metafile.outputs)), startBytes: bytesOf(started) },
    packages: [...new Set(packages)].toSorted(),
  };
}

const packageOf = (path: string): string | undefined =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path.replaceAll('\\', '/'))?.[1];

/** The same sources make the same bytes, so that a deployment without changes changes nothing. */
export const buildFunctions = (into: string = BUNDLES): Promise<readonly Bundle[]> =>
  Promise.all(FUNCTIONS.map((name) => bundle(name, into)));

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

if (import.meta.main)
  for (const { file, bytes, startBytes } of await buildFunctions(process.argv[2] && resolve(process.argv[2])))
    process.stdout.write(`${relative(process.cwd(), file)}, ${kib(bytes)}, of which ${kib(startBytes)} at its start\n`);
