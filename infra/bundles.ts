/** Makes dist/functions/<name>/index.mjs (or in the folder named): each function in one file that needs nothing but Lambda's Node. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { FUNCTIONS, type FunctionName } from '../shared/contract/environment.ts';

const root = resolve(import.meta.dirname, '..');
export const BUNDLES = join(root, 'dist', 'functions');

/** CommonJS packages inside an ES module ask for `require`, and some for their own file name. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
import { dirname as __dirnameOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

/** What packages name and never call in Lambda; whoever should call one after all fails there and then. */
const LEFT_OUT: readonly { readonly named: RegExp; readonly by: RegExp }[] = [
  // requests of ACME go over a transport of our own
  { named: /^\.\/axios$/, by: /node_modules.acme-client/ },
  // credentials are in the environment of the function
  {
    named:
      /^(@aws-sdk\/credential-provider-(http|ini|login|process|sso|web-identity)|@smithy\/credential-provider-imds)$/,
    by: /node_modules.@aws-sdk.credential-provider-node/,
  },
];

const withoutTheUnused: Plugin = {
  name: 'without-the-unused',
  setup: ({ onResolve, onLoad }) => {
    for (const { named, by } of LEFT_OUT)
      onResolve({ filter: named }, ({ importer, path }) =>
        by.test(importer) ? { path, namespace: 'left-out' } : undefined,
      );
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** acme-client brings an x509 of its own, one version older; ours does for both. */
const oneX509: Plugin = {
  name: 'one-x509',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@peculiar\/x509$/ }, ({ importer, path }) =>
      /node_modules.acme-client/.test(importer) ? { path, namespace: 'ours' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'ours' }, ({ path }) => ({
      contents: `import 'reflect-metadata'; export * from '${path}';`,
      resolveDir: root,
    }));
  },
};

/** The list of public suffixes is put together when its module is loaded, and nothing else happens there: who does not ask it needs none. */
const suffixesWhenAsked: Plugin = {
  name: 'suffixes-when-asked',
  setup: ({ onResolve, resolve: find }) =>
    onResolve({ filter: /^tldts$/ }, async ({ path, pluginData, ...from }) =>
      pluginData === 'found'
        ? undefined
        : { ...(await find(path, { ...from, pluginData: 'found' })), sideEffects: false },
    ),
};

/**
 * An SDK client describes every operation of its service in one file of lists, with computed keys in them, which a bundler may not drop: made by
 * calls without effects, those that nobody uses go. Were the file written otherwise one day, it would be kept whole.
 */
const schemasWhenUsed: Plugin = {
  name: 'schemas-when-used',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@aws-sdk.client-[\w-]+.dist-es.schemas.schemas_0\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const list = /^export var (\S+) = (\[[\s\S]*?\]);$/gm;
      return { contents: text.replace(list, 'export var $1 = /* @__PURE__ */ (() => $2)();') };
    }),
};

export interface Bundle {
  readonly name: FunctionName;
  readonly file: string;
  readonly bytes: number;
}

async function bundle(name: FunctionName, into: string): Promise<Bundle> {
  const file = join(into, name, 'index.mjs');
  const { metafile } = await build({
    entryPoints: [join(root, 'functions', `${name}.ts`)],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: [withoutTheUnused, oneX509, suffixesWhenAsked, schemasWhenUsed],
    metafile: true,
    logLevel: 'warning',
  });
  return { name, file, bytes: Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0) };
}

/** The same sources make the same bytes, so that a deployment without changes changes nothing. */
export const buildFunctions = (into: string = BUNDLES): Promise<readonly Bundle[]> =>
  Promise.all(FUNCTIONS.map((name) => bundle(name, into)));

if (import.meta.main)
  for (const { file, bytes } of await buildFunctions(process.argv[2] && resolve(process.argv[2])))
    process.stdout.write(`${relative(process.cwd(), file)}, ${Math.ceil(bytes / 1024)} KiB\n`);
