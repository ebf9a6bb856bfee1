/** A bearer token for an EKS cluster: a GetCallerIdentity request to STS, signed for that cluster and never sent by us. */
import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError, problemOf } from '../../contract/problem.ts';

export interface EksTokenOptions {
  /** Name or id of the EKS cluster; part of what is signed (`x-k8s-aws-id`). */
  readonly cluster: string;
  /** Default: the environment's, as for every AWS client; likewise profile. */
  readonly region?: string;
  readonly profile?: string;
  /** Assumed first. */
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Default: the environment's. */
  readonly credentials?: STSClientConfig['credentials'];
}

export interface ExpiringToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const PREFIX = 'k8s-aws-v1.';
/** EKS takes a token for 15 minutes, whatever it says itself; a minute of that is left for clocks that differ. */
const VALID_MS = 14 * 60_000;
/** What the authenticator expects in the URL. */
const SIGNED_FOR_SECONDS = 60;

/**
 * A new token, as `aws eks get-token` makes it (aws-iam-authenticator's "API Authorization from Outside a Cluster").
 * Throws ProblemError `aws:<code>` when there are no credentials or the role cannot be assumed.
 */
export async function eksToken(options: EksTokenOptions): Promise<ExpiringToken> {
  const { region, profile, credentials } = options;
  const sts = new STSClient({
    ...(region && { region }),
    ...(profile && { profile }),
    ...(credentials && { credentials }),
  });
  try {
    const now = options.clock.now();
    const url = await presigned(sts, options, now);
    return { token: PREFIX + Buffer.from(url).toString('base64url'), expiresAt: now.getTime() + VALID_MS };
  } catch (error) {
    throw awsProblem(options, error);
  } finally {
    sts.destroy();
  }
}

async function presigned(sts: STSClient, options: EksTokenOptions, now: Date): Promise<string> {
  const region = await sts.config.region();
  const credentials = options.roleArn ? await assumed(sts, options, options.roleArn) : sts.config.credentials;
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: sts.config.sha256 });
  const hostname = stsHost(region);
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { host: hostname, 'x-k8s-aws-id': options.cluster },
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    },
    { expiresIn: SIGNED_FOR_SECONDS, signingDate: now },
  );
  const text = Object.entries(query ?? {}).map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`);
  return `https://${hostname}/?${text.sort().join('&')}`;
}

/** The cluster asks this host, so it is the real one whatever endpoint our own clients are pointed at. */
const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** RFC 3986, as SigV4 wants it. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

async function assumed(sts: STSClient, { externalId, sessionName }: EksTokenOptions, roleArn: string) {
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: sessionName ?? 'nolapse',
      ...(externalId && { ExternalId: externalId }),
    }),
  );
  if (!given?.AccessKeyId || !given.SecretAccessKey) throw new Error(`STS gave no credentials for ${roleArn}`);
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    ...(given.SessionToken && { sessionToken: given.SessionToken }),
  };
}

function awsProblem({ cluster, roleArn, profile }: EksTokenOptions, error: unknown): ProblemError {
  const name = error instanceof Error ? error.name : 'Error';
  const as = roleArn ? ` as ${roleArn}` : profile ? ` with profile ${profile}` : '';
  const detail = `no token for the EKS cluster ${cluster}${as}: ${problemOf(error).detail}`;
  const fix = roleArn
    ? `let the identity in use assume ${roleArn}, and check it with \`aws sts assume-role\``
    : 'give AWS credentials and a region: AWS_PROFILE, AWS_REGION, or `aws sso login`';
  return new ProblemError({ type: `aws:${name}`, detail, retry: 'later', fix }, { cause: error });
}
