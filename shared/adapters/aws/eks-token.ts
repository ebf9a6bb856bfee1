/** A bearer token for an EKS cluster: a GetCallerIdentity request to STS, signed for that cluster and never sent by us. */
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { assumedRole, type Role } from './assumed-role.ts';
import { awsProblem } from './aws-problem.ts';
import { TIME_OUTS } from './time-outs.ts';

export interface EksTokenOptions {
  /** Name or id of the EKS cluster; part of what is signed (`x-k8s-aws-id`). */
  readonly cluster: string;
  /** Default: the environment's, as for every AWS client; likewise profile and credentials. */
  readonly region?: string;
  readonly profile?: string;
  readonly credentials?: NonNullable<STSClientConfig['credentials']>;
  /** Assumed first, anew for each token: a session ends when its role is deleted, though another of its name may be there. */
  readonly role?: Role;
  readonly clock: Pick<Clock, 'now'>;
}

export interface ExpiringToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const PREFIX = 'k8s-aws-v1.';
/** EKS takes a token for 15 minutes, whatever it says itself: this leaves room for clocks that differ and lists that are long. */
const USED_MS = 10 * 60_000;
/** What the authenticator expects in the URL. */
const SIGNED_FOR_SECONDS = 60;

/**
 * A new token, as `aws eks get-token` makes it (aws-iam-authenticator's "API Authorization from Outside a Cluster").
 * Throws ProblemError `aws:<code>` when there are no credentials or the role cannot be assumed.
 */
export async function eksToken({ cluster, role, clock, ...settings }: EksTokenOptions): Promise<ExpiringToken> {
  const sts = new STSClient({
    requestHandler: TIME_OUTS,
    ...settings,
    ...(role && { credentials: assumedRole(role, settings) }),
  });
  try {
    const now = clock.now();
    const { url, endsAt } = await presigned(sts, cluster, now);
    const token = PREFIX + Buffer.from(url).toString('base64url');
    return { token, expiresAt: Math.min(now.getTime() + USED_MS, endsAt) };
  } catch (error) {
    const as = role ? ` as ${role.arn}` : settings.profile ? ` with profile ${settings.profile}` : '';
    throw new ProblemError(awsProblem(error, `no token for the EKS cluster ${cluster}${as}`), { cause: error });
  } finally {
    sts.destroy();
  }
}

/** Its end is that of the credentials it is signed with. */
async function presigned({ config }: STSClient, cluster: string, now: Date) {
  const region = await config.region();
  const credentials = await config.credentials();
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: config.sha256 });
  const hostname = stsHost(region);
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { host: hostname, 'x-k8s-aws-id': cluster },
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    },
    { expiresIn: SIGNED_FOR_SECONDS, signingDate: now },
  );
  const text = Object.entries(query ?? {}).map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`);
  return {
    url: `https://${hostname}/?${text.sort().join('&')}`,
    endsAt: credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}

/** The cluster asks this host, so it is the real one whatever endpoint our own clients are pointed at. */
const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** RFC 3986, as SigV4 wants it. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
