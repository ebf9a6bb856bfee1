/** Runs a credential plugin of a kubeconfig (client.authentication.k8s.io) and reads what it prints. Its output never gets into an error. */
import { execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { ProblemError } from '../../contract/problem.ts';
import type { ExecEntry } from './exec-entry.ts';
import type { KubeAccess, KubeconfigSource } from './kubeconfig.ts';

/** What a plugin gives: a token, a client certificate, or both. */
export interface PluginCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since the epoch; absent = as long as it is taken. */
  readonly expiresAt?: number;
}

const TIMEOUT_MS = 60_000;
const SECRET_ARGUMENT = /^(--?[\w-]*(?:secret|token|password)[\w-]*)=.+$/i;
const SECRET_FLAG = /^--?[\w-]*(?:secret|token|password)[\w-]*$/i;

/** The command line as a person may see it: values of arguments that name a secret are hidden. */
export const shownCommand = ({ command, args }: ExecEntry): string =>
  [
    command,
    ...args.map((argument, i) =>
      SECRET_FLAG.test(args[i - 1] ?? '') ? '***' : argument.replace(SECRET_ARGUMENT, '$1=***'),
    ),
  ].join(' ');

/** Runs the plugin once. Throws ProblemError `nolapse:exec-plugin` with its install hint where it gives one. */
export async function runPlugin(exec: ExecEntry, access: KubeAccess): Promise<PluginCredential> {
  const output = await run(exec, access);
  const status = statusOf(output);
  const credential = status && {
    ...(status.token && { token: status.token }),
    ...(status.clientCertificateData && { cert: status.clientCertificateData }),
    ...(status.clientKeyData && { key: status.clientKeyData }),
    ...(status.expirationTimestamp && { expiresAt: Date.parse(status.expirationTimestamp) }),
  };
  if (credential?.token || (credential?.cert && credential.key)) return credential;
  throw problem(exec, access, 'printed no ExecCredential with a token or a client certificate');
}

interface ExecStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

function statusOf(output: string): ExecStatus | undefined {
  try {
    const { status } = JSON.parse(output) as { readonly status?: ExecStatus };
    return status;
  } catch {
    // What a plugin prints may hold a token, so the parser's message, which quotes it, is not kept.
    return undefined;
  }
}

function run(exec: ExecEntry, access: KubeAccess): Promise<string> {
  const { apiVersion, provideClusterInfo, args, env } = exec;
  const cluster = {
    server: access.server,
    ...(access.serverName && { 'tls-server-name': access.serverName }),
    ...(access.ca && { 'certificate-authority-data': access.ca.toString('base64') }),
  };
  const spec = { interactive: false, ...(provideClusterInfo && { cluster }) };
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const options = { env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: info }, timeout: TIMEOUT_MS };
  return new Promise((done, failed) => {
    const child = execFile(commandPath(exec.command, access.source), [...args], options, (error, stdout, stderr) => {
      if (!error) done(stdout);
      else if ('code' in error && error.code === 'ENOENT') failed(problem(exec, access, 'is not installed'));
      else failed(problem(exec, access, `failed: ${stderr.trim().split('\n').at(-1)?.slice(0, 200) || error.name}`));
    });
    child.stdin?.end();
  });
}

/** As kubectl does: a path is relative to the kubeconfig, a bare name is looked up on PATH. */
const commandPath = (command: string, { folder = '' }: KubeconfigSource): string =>
  isAbsolute(command) || !command.includes('/') ? command : resolve(folder, command);

function problem({ command, installHint }: ExecEntry, { source, context }: KubeAccess, what: string): ProblemError {
  return new ProblemError({
    type: 'nolapse:exec-plugin',
    detail: `kubeconfig ${source.name}, context ${context}: the credential plugin ${command} ${what}`,
    retry: 'later',
    fix: installHint?.trim().split('\n', 1)[0] ?? `make \`kubectl --context ${context} get --raw /version\` work first`,
  });
}
