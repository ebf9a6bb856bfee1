/** What is done about packages that bring more than the functions need. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/** What packages name and never call in Lambda; whoever should call one after all fails there and then. */
const LEFT_OUT: readonly { readonly named: RegExp; readonly by: RegExp }[] = [
  // requests of ACME go over a transport of our own, nobody asks whether a challenge is served, or lets it go the whole way by itself
  { named: /^\.\/(axios|auto|verify)$/, by: /node_modules.acme-client/ },
  // what runs is no browser, and nothing is streamed as events
  { named: /^(bowser|@smithy\/core\/event-streams)$/, by: /node_modules.@(aws-sdk|smithy).core/ },
];

const withoutTheUnused: Plugin = {
  name: 'without-the-unused',
  setup: ({ onResolve, onLoad }) => {
    for (const { named, by } of LEFT_OUT)
      onResolve({ filter: named }, ({ importer, path, kind }) => {
        if (!by.test(importer)) return undefined;
        return kind === 'dynamic-import' ? { path, external: true } : { path, namespace: 'left-out' };
      });
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** The chain of all sources of credentials: those of a function are in its environment. */
const credentialsOfLambda: Plugin = {
  name: 'credentials-of-lambda',
  setup: ({ onLoad }) =>
    onLoad({ filter: /node_modules.@aws-sdk.credential-provider-node.dist-es.index\.js$/ }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
    })),
};

/** acme-client talks to itself in a log that nobody switches on. */
const withoutItsLog: Plugin = {
  name: 'without-its-log',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^debug$/ }, ({ path }) => ({ path, namespace: 'mute' }));
    onLoad({ filter: /.*/, namespace: 'mute' }, () => ({ contents: 'module.exports = () => () => {};' }));
  },
};

/** acme-client makes and reads certificates with packages that weigh more than all else of it; ours are made elsewhere, and it only signs. */
const withoutItsX509: Plugin = {
  name: 'without-its-x509',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(@peculiar\/x509|asn1js)$/ }, ({ importer, path }) =>
      /node_modules.acme-client/.test(importer) ? { path, namespace: 'no-x509' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'no-x509' }, () => ({
      // set when it is loaded
      contents: 'module.exports = { cryptoProvider: { set: () => undefined } };',
    }));
  },
};

/** The list of public suffixes and cron do nothing when they are loaded but put themselves together: who does not ask them needs none. */
const whenAsked: Plugin = {
  name: 'when-asked',
  setup: ({ onResolve, resolve: find }) =>
    onResolve({ filter: /^(tldts|croner)$/ }, async ({ path, pluginData, ...from }) =>
      pluginData === 'found'
        ? undefined
        : { ...(await find(path, { ...from, pluginData: 'found' })), sideEffects: false },
    ),
};

/** Each client of the SDK reads its version out of the whole of its package.json. */
const versionAlone: Plugin = {
  name: 'version-alone',
  setup: ({ onLoad }) =>
    onLoad({ filter: /node_modules.@aws-sdk.client-[^/\\]+.package\.json$/ }, ({ path }) => {
      const { version } = createRequire(import.meta.url)(path) as { readonly version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    }),
};

/** Errors of which we read more than name, message and status. */
const READ_ERRORS = ['InvalidChangeBatch'];

/**
 * An SDK client describes every operation of its service in one file of lists, with computed keys in them, which a bundler may not drop: made by
 * calls without effects, those that nobody uses go. There it also puts a class for every error of the service into a register. An error without one
 * has the same name, message and status as a ServiceException of that service; not so where the query protocol is or was spoken, whose codes are
 * other names.
 * Were the file written otherwise one day, it would be kept whole.
 */
const schemasWhenUsed: Plugin = {
  name: 'schemas-when-used',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@aws-sdk.client-[\w-]+.dist-es.schemas.schemas_0\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const list = /^export var (\S+) = (\[[\s\S]*?\]);$/gm;
      const spokeQueries = /@aws-sdk.client-(sqs|sns|sts)\b/.test(path);
      const registered = /^n0_registry\.registerError\(.*, (\w+)\);$/gm;
      return {
        contents: text
          .replace(list, 'export var $1 = /* @__PURE__ */ (() => $2)();')
          .replace(registered, (line, error: string) => (spokeQueries || READ_ERRORS.includes(error) ? line : '')),
      };
    }),
};

/** Asks for it the moment it is loaded, which in a file of what several import is before any of them has. */
const reflectBefore: Plugin = {
  name: 'reflect-before',
  setup: ({ onLoad }) => {
    onLoad({ filter: /node_modules.tsyringe.dist.esm5.index\.js$/ }, async ({ path }) => ({
      contents: `import 'reflect-metadata';${await readFile(path, 'utf8')}`,
    }));
  },
};

export const CURES: Plugin[] = [
  withoutTheUnused,
  credentialsOfLambda,
  withoutItsLog,
  withoutItsX509,
  reflectBefore,
  whenAsked,
  versionAlone,
  schemasWhenUsed,
];
