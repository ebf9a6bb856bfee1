/** Makes dist/nolapse.mjs (or the file named): the whole command in one file that needs nothing but Node. */
import { chmod } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const outfile = resolve(process.argv[2] ?? join(root, 'dist', 'nolapse.mjs'));

/** CommonJS packages inside an ES module ask for `require`, and some for their own file name. */
const BANNER = `#!/usr/bin/env node
import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
import { dirname as __dirnameOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);
const [__major, __minor] = process.versions.node.split('.').map(Number);
if (__major < 22 || (__major === 22 && __minor < 19)) {
  process.stderr.write(\`nolapse needs Node 22.19 or later; this is \${process.versions.node}\\n\`);
  process.exit(2);
}`;

/** Imports of an ES module are bound before its first line runs: an older Node would end on one before it could be told what is needed. */
const builtinsWhenUsed: Plugin = {
  name: 'builtins-when-used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[a-z]/ }, ({ kind, path }) => {
      if (!isBuiltin(path)) return undefined;
      return kind === 'require-call' ? { path, external: true } : { path, namespace: 'when-used' };
    });
    onLoad({ filter: /.*/, namespace: 'when-used' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** Requests to a CA go over our own transport (docs/adr/0004): the client that acme-client brings along would be a sixth of every start. */
const withoutAxios: Plugin = {
  name: 'without-axios',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\/axios$/ }, ({ path, importer }) =>
      importer.includes('/acme-client/src/') ? { path, namespace: 'without' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'without' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const { metafile } = await build({
  entryPoints: [join(root, 'cli', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  mainFields: ['module', 'main'],
  // only worlds of tests have tables
  external: ['dynalite'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  banner: { js: BANNER },
  plugins: [builtinsWhenUsed, withoutAxios],
  metafile: true,
  logLevel: 'warning',
});
await chmod(outfile, 0o755);
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`${relative(process.cwd(), outfile)}, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
