/** Reads a kubeconfig: its contexts, and how one of them reaches its cluster. Refuses what would weaken TLS or be half understood. */
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

/** Where a kubeconfig is. */
export interface KubeconfigSource {
  /** Absolute path of the file, or `in the secret <id>`. */
  readonly name: string;
  /** Where its relative paths start; absent = it may name no files and run nothing: it came from a secret. */
  readonly folder?: string;
}

/** How one context reaches its cluster; secrets are as in the kubeconfig. */
export interface KubeAccess {
  readonly source: KubeconfigSource;
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

/** `nolapse:kubeconfig`: somebody must change it, so trying again does not help. */
export const kubeconfigProblem = ({ name }: KubeconfigSource, detail: string, fix: string): ProblemError =>
  new ProblemError({ type: 'nolapse:kubeconfig', detail: `kubeconfig ${name}: ${detail}`, retry: 'never', fix });

export interface KubeconfigFile {
  readonly path: string;
  /** What `~` stands for. */
  readonly home: string;
}

/** What the file says of the context (default: its current one). Throws ProblemError `nolapse:kubeconfig` with the fix. */
export function readKubeconfig({ path, home }: KubeconfigFile, context?: string): KubeAccess {
  const name = absolute(path, home);
  const source = { name, folder: dirname(name) };
  return accessIn(loaded(source, contents(source, name, 'the file').toString('utf8')), context);
}

/** The same of a text from a secret, which may name no files. */
export const kubeconfigOfSecret = (secretId: string, text: string, context?: string): KubeAccess =>
  accessIn(loaded({ name: `in the secret ${secretId}` }, text), context);

function accessIn(config: Loaded, wanted: string | undefined): KubeAccess {
  const { source, tokenFiles } = config;
  const name = wanted ?? config.current;
  const context = config.contexts.find((one) => one.name === name);
  if (name === undefined || !context) throw noContext(config, name);
  const cluster = config.clusters.find((one) => one.name === context.cluster);
  const user = context.user ? config.users.find((one) => one.name === context.user) : undefined;
  if (!cluster || (context.user && !user)) {
    const lost = cluster ? `the user ${context.user}` : `the cluster ${context.cluster}`;
    throw kubeconfigProblem(source, `context ${name} names ${lost}, which is not there`, `add ${lost} to it`);
  }
  checkCluster(source, cluster);
  const ca = material(source, 'certificate-authority', { data: cluster.caData, file: cluster.caFile });
  return {
    source,
    context: name,
    server: cluster.server,
    ...(ca && { ca }),
    ...(cluster.tlsServerName && { serverName: cluster.tlsServerName }),
    user: user ? userOf(source, user, tokenFiles.get(user.name)) : { by: 'nothing' },
    ...(user?.impersonateUser && { impersonate: user.impersonateUser }),
  };
}

const absolute = (path: string, home: string): string =>
  resolve(path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path);

interface Loaded {
  readonly source: KubeconfigSource;
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  /** `current-context`. */
  readonly current?: string;
  /** Paths by user. */
  readonly tokenFiles: ReadonlyMap<string, string>;
}

function loaded(source: KubeconfigSource, text: string): Loaded {
  try {
    const document: unknown = parse(text);
    if (typeof document !== 'object' || document === null) throw new TypeError('it is no YAML mapping');
    const at = (key: string): unknown => (document as Readonly<Record<string, unknown>>)[key];
    const current = at('current-context');
    const tokenFiles = tokenFilesOf(source, document);
    return {
      source,
      clusters: newClusters(at('clusters')),
      users: newUsers(at('users')),
      contexts: newContexts(at('contexts')),
      ...(typeof current === 'string' && current !== '' ? { current } : {}),
      tokenFiles,
    };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const { detail } = problemOf(error);
    throw kubeconfigProblem(source, firstLine(detail), 'make it one that `kubectl config view` can read');
  }
}

/** YAML errors go on to quote the file, which holds secrets. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Both spellings: of the second one the library reads the file by itself, so that it must be refused before. */
function tokenFilesOf(source: KubeconfigSource, document: object): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of 'users' in document && Array.isArray(document.users) ? document.users : []) {
    const file: unknown = entry?.user?.tokenFile ?? entry?.user?.['token-file'];
    if (typeof file === 'string') found.set(String(entry.name), fileOf(source, file, 'token'));
  }
  return found;
}

function noContext({ source, contexts }: Loaded, name: string | undefined): ProblemError {
  const known = contexts.map((context) => context.name);
  const detail = name ? `there is no context ${name}` : 'no current-context is set';
  return kubeconfigProblem(source, detail, `name one of its contexts: ${known.join(', ') || 'it has none'}`);
}

function checkCluster(source: KubeconfigSource, { name, server, skipTLSVerify, proxyUrl }: Cluster): void {
  const refuse = (detail: string, fix: string): never => {
    throw kubeconfigProblem(source, `cluster ${name}: ${detail}`, fix);
  };
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:')
    refuse(`server is ${server}; only https is spoken, as Secrets hold private keys`, 'give an https URL');
  if (skipTLSVerify)
    refuse('insecure-skip-tls-verify is set', 'remove it and give the root as certificate-authority-data');
  if (proxyUrl) refuse('proxy-url is not supported', 'remove it and run where the API server can be reached directly');
}

function userOf(source: KubeconfigSource, user: User, tokenFile: string | undefined): KubeUser {
  const refuse = (detail: string, fix: string): never => {
    throw kubeconfigProblem(source, `user ${user.name}: ${detail}`, fix);
  };
  const cert = material(source, 'client-certificate', { data: user.certData, file: user.certFile });
  const key = material(source, 'client-key', { data: user.keyData, file: user.keyFile });
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

/** The path of a file that a kubeconfig names; `instead`: the key that brings the same without one. */
function fileOf(source: KubeconfigSource, file: string, instead: string): string {
  if (source.folder !== undefined) return resolve(source.folder, file);
  throw kubeconfigProblem(source, `it names the file ${file}, and a secret has none`, `give ${instead} instead`);
}

/** As kubectl does: data stands before the file. */
function material(
  source: KubeconfigSource,
  key: string,
  { data, file }: { readonly data: string | undefined; readonly file: string | undefined },
): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  return file ? contents(source, fileOf(source, file, `${key}-data`), key) : undefined;
}

function contents(source: KubeconfigSource, file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw kubeconfigProblem(source, `${what} cannot be read (${code})`, `put it at ${file}, or correct the path`);
  }
}
