/** Who we are for one cluster: headers and client certificate, made anew when they run out or are refused. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { eksToken } from '../aws/eks-token.ts';
import { type EksCall, type ExecEntry, eksCallOf } from './exec-entry.ts';
import { type PluginCredential, runPlugin, shownCommand } from './exec-plugin.ts';
import { type KubeAccess, kubeconfigProblem } from './kubeconfig.ts';

/** What one request is authenticated with. */
export interface Credential {
  readonly authorization?: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface Credentials {
  current(): Promise<Credential>;
  /** Forgets what the server refused. False: there is nothing else to try. */
  renew(): boolean;
}

export interface CredentialOptions {
  readonly allowExec: boolean;
  /** Told once before a plugin is run. */
  readonly announce: (line: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

/** A token is replaced this long before it ends, so that it does not end on its way. */
const EARLY_MS = 60_000;
/** As client-go: the kubelet and others replace the file. */
const REREAD_FILE_MS = 60_000;

/**
 * The credentials of a context. Throws ProblemError `nolapse:exec-not-allowed` for a plugin that is neither understood nor allowed,
 * `nolapse:kubeconfig` for a token file that cannot be read.
 */
export function credentialsOf(access: KubeAccess, options: CredentialOptions): Credentials {
  const { user } = access;
  if (user.by === 'nothing') return fixed({});
  if (user.by === 'certificate') return fixed({ cert: user.cert, key: user.key });
  if (user.by === 'token') return fixed(bearer(user.token));
  if (user.by === 'password') {
    const pair = Buffer.from(`${user.username}:${user.password}`).toString('base64');
    return fixed({ authorization: `Basic ${pair}` });
  }
  if (user.by === 'token-file') return expiring(options, async () => fromFile(access, user.path, options));
  const eks = eksCallOf(user.exec);
  return eks ? expiring(options, () => fromEks(access, eks, options)) : fromPlugin(access, user.exec, options);
}

interface Expiring extends Credential {
  readonly expiresAt?: number;
}

const bearer = (token: string): Credential => ({ authorization: `Bearer ${token}` });

const fixed = (credential: Credential): Credentials => ({ current: async () => credential, renew: () => false });

/** Keeps one credential until shortly before it ends; those who ask at once share one making of it. */
function expiring({ clock }: CredentialOptions, make: () => Promise<Expiring>): Credentials {
  let making: Promise<Expiring> | undefined;
  const current = async (): Promise<Expiring> => {
    making ??= make();
    const mine = making;
    try {
      const credential = await mine;
      const ends = credential.expiresAt ?? Number.POSITIVE_INFINITY;
      if (clock.now().getTime() < ends) return credential;
    } catch (error) {
      if (making === mine) making = undefined;
      throw error;
    }
    if (making === mine) making = make();
    return making;
  };
  return {
    current,
    renew: () => {
      making = undefined;
      return true;
    },
  };
}

function fromFile({ path: kubeconfig }: KubeAccess, path: string, { clock }: CredentialOptions): Expiring {
  try {
    const token = readFileSync(path, 'utf8').trim();
    return { ...bearer(token), expiresAt: clock.now().getTime() + REREAD_FILE_MS };
  } catch {
    throw kubeconfigProblem(kubeconfig, `the token file ${path} cannot be read`, 'put the token there');
  }
}

async function fromEks({ server }: KubeAccess, call: EksCall, { clock }: CredentialOptions): Promise<Expiring> {
  const region = call.region ?? /\.([a-z0-9-]+)\.eks\.amazonaws\.com/.exec(server)?.[1];
  const { token, expiresAt } = await eksToken({ ...call, ...(region && { region }), clock });
  return { ...bearer(token), expiresAt: expiresAt - EARLY_MS };
}

function fromPlugin(access: KubeAccess, exec: ExecEntry, options: CredentialOptions): Credentials {
  const line = shownCommand(exec);
  if (!options.allowExec)
    throw new ProblemError({
      type: 'nolapse:exec-not-allowed',
      detail: `kubeconfig ${access.path}, context ${access.context}: it gets its credentials by running \`${line}\``,
      retry: 'never',
      fix: 'give --allow-exec to let it run, or use a context with a token or a client certificate',
    });
  let told = false;
  return expiring(options, async () => {
    if (!told) options.announce(`running the credential plugin of context ${access.context}: ${line}`);
    told = true;
    return ofPlugin(await runPlugin(exec, access));
  });
}

const ofPlugin = ({ token, cert, key, expiresAt }: PluginCredential): Expiring => ({
  ...(token && bearer(token)),
  ...(cert && key && { cert, key }),
  ...(expiresAt !== undefined && { expiresAt: expiresAt - EARLY_MS }),
});
