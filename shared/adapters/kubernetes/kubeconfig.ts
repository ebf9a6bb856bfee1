/** Reads a kubeconfig file: its contexts, and how one of them reaches its cluster. Refuses what would weaken TLS or be half understood. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
// the library's own readers, from their file: its index loads every API's classes, which are not used here
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { ProblemError, problemOf } from '../../contract/problem.ts';
import { type ExecEntry, execEntryOf } from './exec-entry.ts';

/** How one context reaches its cluster; secrets are as in the file. */
export interface KubeAccess {
  /** Absolute path of the file. */
  readonly path: string;
  readonly context: string;
  /** https URL without a slash at its end. */
  readonly server: string;
  /** PEM roots; absent = the public ones. */
  readonly ca?: Buffer;
  readonly serverName?: string;
  readonly user: KubeUser;
  /** Kubernetes user to impersonate (`as`). */
  readonly impersonate?: string;
}

export type KubeUser =
  | { readonly by: 'nothing' }
  | { readonly by: 'certificate'; readonly cert: Buffer; readonly key: Buffer }
  | { readonly by: 'token'; readonly token: string }
  | { readonly by: 'token-file'; readonly path: string }
  | { readonly by: 'password'; readonly username: string; readonly password: string }
  | { readonly by: 'exec'; readonly exec: ExecEntry };

export interface KubeconfigRef {
  readonly path: string;
  readonly context?: string;
  /** What `~` stands for. */
  readonly home: string;
}

/** `nolapse:kubeconfig`: somebody must change the file, so trying again does not help. */
export const kubeconfigProblem = (path: string, detail: string, fix: string): ProblemError =>
  new ProblemError({ type: 'nolapse:kubeconfig', detail: `kubeconfig ${path}: ${detail}`, retry: 'never', fix });

/** The names of all contexts of the file, in its order. Throws ProblemError `nolapse:kubeconfig`. */
export const kubeconfigContexts = (path: string, home: string): readonly string[] =>
  load(absolute(path, home)).contexts.map(({ name }) => name);

/** What the file says of the context (default: its current one). Throws ProblemError `nolapse:kubeconfig` with the fix. */
export function readKubeconfig({ path: given, context: wanted, home }: KubeconfigRef): KubeAccess {
  const file = load(absolute(given, home));
  const { path, tokenFiles } = file;
  const name = wanted ?? file.current;
  const context = file.contexts.find((one) => one.name === name);
  if (name === undefined || !context) throw noContext(file, name);
  const cluster = file.clusters.find((one) => one.name === context.cluster);
  const user = context.user ? file.users.find((one) => one.name === context.user) : undefined;
  if (!cluster || (context.user && !user)) {
    const lost = cluster ? `the user ${context.user}` : `the cluster ${context.cluster}`;
    throw kubeconfigProblem(path, `context ${name} names ${lost}, which is not there`, `add ${lost} to the file`);
  }
  checkCluster(path, cluster);
  const ca = fileOrData({ path, data: cluster.caData, file: cluster.caFile, what: "the cluster's CA" });
  return {
    path,
    context: name,
    server: cluster.server,
    ...(ca && { ca }),
    ...(cluster.tlsServerName && { serverName: cluster.tlsServerName }),
    user: user ? userOf(path, user, tokenFiles.get(user.name)) : { by: 'nothing' },
    ...(user?.impersonateUser && { impersonate: user.impersonateUser }),
  };
}

const absolute = (path: string, home: string): string =>
  resolve(path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path);

interface Loaded {
  readonly path: string;
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  /** `current-context`. */
  readonly current?: string;
  /** By user; kubectl's own spelling, which the library does not know. */
  readonly tokenFiles: ReadonlyMap<string, string>;
}

function load(path: string): Loaded {
  const text = contents(path, path, 'the file').toString('utf8');
  try {
    const document: unknown = parse(text);
    if (typeof document !== 'object' || document === null) throw new TypeError('it is no YAML mapping');
    const at = (key: string): unknown => (document as Readonly<Record<string, unknown>>)[key];
    const current = at('current-context');
    return {
      path,
      clusters: newClusters(at('clusters')),
      users: newUsers(at('users')),
      contexts: newContexts(at('contexts')),
      ...(typeof current === 'string' && current !== '' ? { current } : {}),
      tokenFiles: tokenFilesOf(document, dirname(path)),
    };
  } catch (error) {
    const { detail } = problemOf(error);
    throw kubeconfigProblem(path, firstLine(detail), 'make it a file that `kubectl config view` can read');
  }
}

/** YAML errors go on to quote the file, which holds secrets. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

function tokenFilesOf(document: object, folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of 'users' in document && Array.isArray(document.users) ? document.users : []) {
    const file: unknown = entry?.user?.tokenFile;
    if (typeof entry?.name === 'string' && typeof file === 'string') found.set(entry.name, resolve(folder, file));
  }
  return found;
}

function noContext({ path, contexts }: Loaded, name: string | undefined): ProblemError {
  const known = contexts.map((context) => context.name);
  const detail = name ? `there is no context ${name}` : 'no current-context is set';
  return kubeconfigProblem(path, detail, `name one of its contexts: ${known.join(', ') || 'it has none'}`);
}

function checkCluster(path: string, { name, server, skipTLSVerify, proxyUrl }: Cluster): void {
  const refuse = (detail: string, fix: string): never => {
    throw kubeconfigProblem(path, `cluster ${name}: ${detail}`, fix);
  };
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:')
    refuse(`server is ${server}; only https is spoken, as Secrets hold private keys`, 'give an https URL');
  if (skipTLSVerify)
    refuse('insecure-skip-tls-verify is set', 'remove it and give the root as certificate-authority-data');
  if (proxyUrl) refuse('proxy-url is not supported', 'remove it and run where the API server can be reached directly');
}

function userOf(path: string, user: User, tokenFile: string | undefined): KubeUser {
  const refuse = (detail: string, fix: string): never => {
    throw kubeconfigProblem(path, `user ${user.name}: ${detail}`, fix);
  };
  const cert = fileOrData({ path, data: user.certData, file: user.certFile, what: 'the client certificate' });
  const key = fileOrData({ path, data: user.keyData, file: user.keyFile, what: 'the client key' });
  if (cert && key) return { by: 'certificate', cert, key };
  if (cert || key)
    return refuse(`has a client ${cert ? 'certificate' : 'key'} alone`, 'give client-certificate and client-key');
  if (tokenFile !== undefined) return { by: 'token-file', path: tokenFile };
  if (user.token) return { by: 'token', token: user.token.trim() };
  if (user.exec) {
    const exec = execEntryOf(user.exec);
    return exec ? { by: 'exec', exec } : refuse('exec names no command', 'give exec.command');
  }
  if (user.username) return { by: 'password', username: user.username, password: user.password ?? '' };
  if (user.authProvider)
    return refuse('auth-provider was removed from Kubernetes in 1.26', 'use an exec plugin, a token or a certificate');
  return { by: 'nothing' };
}

interface Source {
  /** The kubeconfig's. */
  readonly path: string;
  readonly data: string | null | undefined;
  readonly file: string | null | undefined;
  readonly what: string;
}

/** As kubectl does: data stands before the file. */
function fileOrData({ path, data, file, what }: Source): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  return file ? contents(path, resolve(dirname(path), file), what) : undefined;
}

function contents(kubeconfig: string, file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw kubeconfigProblem(kubeconfig, `${what} cannot be read (${code})`, `put it at ${file}, or correct the path`);
  }
}
