/** Who a kubeconfig says we are: headers and client certificate, made anew when they run out or are refused. */
import { readFileSync } from 'node:fs';
import { ProblemError } from '../../contract/problem.ts';
import { eksToken } from '../aws/eks-token.ts';
import { bearer, type Credential, type WayOptions } from './cluster-way.ts';
import { type EksCall, type ExecEntry, eksCallOf } from './exec-entry.ts';
import { type PluginCredential, runPlugin, shownCommand } from './exec-plugin.ts';
import { type KubeAccess, kubeconfigProblem } from './kubeconfig.ts';
import { type Ending, fixed, type Renewable, renewed } from './renewable.ts';

type CredentialOptions = Pick<WayOptions, 'allowExec' | 'announce' | 'sessionName' | 'clock'>;

/** A plugin's token is replaced this long before it ends, so that it does not end on its way. */
const EARLY_MS = 60_000;
/** As client-go: the kubelet and others replace the file. */
const REREAD_FILE_MS = 60_000;

/**
 * The credentials of a context. Throws ProblemError `nolapse:exec-not-allowed` for a plugin that is neither understood nor allowed,
 * `nolapse:kubeconfig` for a token file that cannot be read.
 */
export function credentialsOf(access: KubeAccess, options: CredentialOptions): Renewable<Credential> {
  const { user } = access;
  if (user.by === 'nothing') return fixed({});
  if (user.by === 'certificate') return fixed({ cert: user.cert, key: user.key });
  if (user.by === 'token') return fixed(bearer(user.token));
  if (user.by === 'password') {
    const pair = Buffer.from(`${user.username}:${user.password}`).toString('base64');
    return fixed({ authorization: `Basic ${pair}` });
  }
  if (user.by === 'token-file') return renewed(options.clock, async () => fromFile(access, user.path, options));
  const eks = eksCallOf(user.exec);
  if (eks && mayBeMade(access, eks)) return renewed(options.clock, () => fromEks(access, eks, options));
  return fromPlugin(access, user.exec, options);
}

function fromFile({ source }: KubeAccess, path: string, { clock }: CredentialOptions): Credential & Ending {
  try {
    const token = readFileSync(path, 'utf8').trim();
    return { ...bearer(token), expiresAt: clock.now().getTime() + REREAD_FILE_MS };
  } catch {
    throw kubeconfigProblem(source, `the token file ${path} cannot be read`, 'put the token there');
  }
}

/** Hosts of API servers that EKS runs: IPv4, and IPv6 since October 2024. */
const EKS_HOST = /\.eks\.amazonaws\.com(\.cn)?$|\beks-cluster\.[\w-]+\.api\.(aws|amazonwebservices\.com\.cn)$/;

/**
 * A token is who we are for a quarter of an hour. Who may write a secret must not have one made for any cluster and sent to any host:
 * one that a secret asks for goes to EKS alone, and is never of a profile of the machine.
 */
const mayBeMade = ({ source, server }: KubeAccess, { profile }: EksCall): boolean =>
  source.folder !== undefined || (EKS_HOST.test(new URL(server).hostname) && profile === undefined);

async function fromEks(
  { server }: KubeAccess,
  call: EksCall,
  options: CredentialOptions,
): Promise<Credential & Ending> {
  const { clock } = options;
  const { cluster, profile, roleArn: arn, externalId, sessionName = options.sessionName } = call;
  const region = call.region ?? /\.([a-z0-9-]+)\.eks\.amazonaws\.com/.exec(server)?.[1];
  const role = arn && { arn, sessionName, ...(externalId && { externalId }) };
  const { token, expiresAt } = await eksToken({
    ...{ cluster, clock },
    ...(region && { region }),
    ...(profile && { profile }),
    ...(role && { role }),
  });
  return { ...bearer(token), expiresAt };
}

function fromPlugin(access: KubeAccess, exec: ExecEntry, options: CredentialOptions): Renewable<Credential> {
  const line = shownCommand(exec);
  const isOfSecret = access.source.folder === undefined;
  if (!options.allowExec || isOfSecret)
    throw new ProblemError({
      type: 'nolapse:exec-not-allowed',
      detail: `kubeconfig ${access.source.name}, context ${access.context}: it gets its credentials by running \`${line}\``,
      retry: 'never',
      fix: isOfSecret
        ? 'put a token or a client certificate into the secret, or name the cluster by eks: in the fleet file'
        : 'give --allow-exec to let it run, or use a context with a token or a client certificate',
    });
  let told = false;
  return renewed(options.clock, async () => {
    if (!told) options.announce(`running the credential plugin of context ${access.context}: ${line}`);
    told = true;
    return ofPlugin(await runPlugin(exec, access));
  });
}

const ofPlugin = ({ token, cert, key, expiresAt }: PluginCredential): Credential & Ending => ({
  ...(token && bearer(token)),
  ...(cert && key && { cert, key }),
  ...(expiresAt !== undefined && { expiresAt: expiresAt - EARLY_MS }),
});
