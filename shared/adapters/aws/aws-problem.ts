/** What an AWS service or its SDK said, as a Problem: by error code, with whether trying again can help and the one thing to do. */
import { type Problem, ProblemError } from '../../contract/problem.ts';

/** What errors of the SDK have in common (smithy's ServiceException and node's errors), all of it optional. */
interface AwsFailure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
  /** Those of Route 53's InvalidChangeBatch. */
  readonly messages?: readonly string[];
}

const THROTTLED =
  /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughput|SlowDown|^PriorRequestNotComplete$/;
const DENIED = /AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized/;
const EXPIRED = /ExpiredToken|RequestExpired/;
/** Of the SDK itself, before anything was asked. */
const UNSET = /^(CredentialsProviderError|TokenProviderError|Region is missing)/;
const MAX_DETAIL = 1_000;

const failureOf = (error: unknown): AwsFailure =>
  typeof error === 'object' && error !== null ? (error as AwsFailure) : { message: String(error) };

/** The error code of the service, or `name` of the SDK's own error. */
export const awsCode = (error: unknown): string => failureOf(error).name ?? 'Unknown';

/** Everything the service said: one line, shortened, and nothing at all where a value was echoed that could be a key. */
export function awsText(error: unknown): string {
  const { message = '', messages = [], code } = failureOf(error);
  const said = [message, ...messages].filter((text) => text !== '').join('; ');
  const text = (said || code || awsCode(error)).replaceAll(/\s+/g, ' ');
  return /PRIVATE KEY|tls\.key|private_key/.test(text) ? 'the answer is not shown, it may hold a key' : text;
}

const isUnset = (error: unknown): boolean => UNSET.test(awsCode(error)) || UNSET.test(failureOf(error).message ?? '');

const isUnreachable = (error: unknown): boolean =>
  failureOf(error).$metadata?.httpStatusCode === undefined &&
  (failureOf(error).code !== undefined || /TimeoutError|NetworkingError|AbortError/.test(awsCode(error)));

/** Whether the same request may be answered otherwise soon: throttled, 5xx, no answer at all. */
export function isTransient(error: unknown): boolean {
  if (isUnset(error)) return false;
  const { $metadata, $retryable } = failureOf(error);
  const status = $metadata?.httpStatusCode;
  const isThrottled = $retryable?.throttling === true || THROTTLED.test(awsCode(error));
  return isThrottled || isUnreachable(error) || (status !== undefined && (status >= 500 || status === 429));
}

/**
 * The Problem of a failed request; `what` was being done, e.g. `changing zone Z0123`. Type `aws:<ErrorCode>`, or `nolapse:unreachable`
 * where nobody answered. `retry: later` for throttling, 5xx, networks and credentials that ran out; `never` for every other refusal.
 */
export function awsProblem(error: unknown, what: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  const status = failureOf(error).$metadata?.httpStatusCode;
  const fix = fixOf(error);
  return {
    type: isUnreachable(error) ? 'nolapse:unreachable' : `aws:${awsCode(error)}`,
    detail: `${what}: ${awsText(error)}`.slice(0, MAX_DETAIL),
    ...(status === undefined ? {} : { status }),
    retry: isTransient(error) || EXPIRED.test(awsCode(error)) ? 'later' : 'never',
    ...(fix === undefined ? {} : { fix }),
  };
}

function fixOf(error: unknown): string | undefined {
  const code = awsCode(error);
  if (DENIED.test(code)) return deniedFix(failureOf(error).message ?? '');
  if (isUnset(error))
    return 'give this process AWS settings as for the aws command: AWS_PROFILE or credentials, and AWS_REGION';
  if (EXPIRED.test(code)) return 'sign in again: the AWS credentials have expired';
  if (/UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature/.test(code))
    return 'check the AWS credentials and the clock of this machine: the signature was not accepted';
  if (code === 'NoSuchHostedZone')
    return 'correct hostedZoneId in spec.zones of the fleet file, or the roleArn of the account that has the zone';
  if (isUnreachable(error)) return 'check that this machine may reach AWS: name, proxy, firewall, VPC endpoint';
  return undefined;
}

/** IAM names the action that is missing and, mostly, the resource. */
function deniedFix(message: string): string {
  const [, action = 'the action', resource] =
    /not authorized to perform:? ([\w-]+:\w+)(?: on resource:? (\S+))?/.exec(message) ?? [];
  if (action === 'sts:AssumeRole')
    return `allow sts:AssumeRole on ${resource ?? 'the role'} for this identity, and this identity in the role's trust policy`;
  return `allow ${action}${resource === undefined ? '' : ` on ${resource}`} in the IAM policy of the identity that Nolapse uses`;
}
