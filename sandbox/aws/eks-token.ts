/** Checks a token of EKS as its authenticator and STS do: a GetCallerIdentity request in disguise, signed for one cluster, for a quarter of an hour. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly secretAccessKey: string;
  /** Only of roles. */
  readonly sessionToken?: string;
}

export interface TokenCheck<Whose extends Credentials> {
  /** What `x-k8s-aws-id` must have been when it was signed. */
  readonly cluster: string;
  readonly now: Date;
  credentialsOf(accessKeyId: string): Whose | undefined;
}

/** Thrown where a token is refused. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

export const TOKEN_PREFIX = 'k8s-aws-v1.';
const MINUTE_MS = 60_000;
const VALID_MS = 15 * MINUTE_MS;
/** How far STS lets clocks differ. */
const SKEW_MS = 5 * MINUTE_MS;
const ALLOWED = ['Action', 'Version', 'Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Security-Token'];
const SIGNATURE = 'X-Amz-Signature';

const refuse = (message: string): never => {
  throw new TokenError(message);
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function urlIn(token: string): URL {
  if (!token.startsWith(TOKEN_PREFIX)) return refuse(`token is missing expected "${TOKEN_PREFIX}" prefix`);
  const text = Buffer.from(token.slice(TOKEN_PREFIX.length), 'base64url').toString();
  if (!URL.canParse(text)) return refuse('token is no URL');
  return new URL(text);
}

interface Signed {
  readonly accessKeyId: string;
  readonly region: string;
  readonly stamp: string;
  readonly query: URLSearchParams;
  readonly host: string;
}

/** What the URL says, where it says nothing but what a token may say. */
function signedIn({ protocol, host, pathname, searchParams: query }: URL): Signed {
  const [, region] = /^sts\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(host) ?? [];
  if (protocol !== 'https:' || region === undefined || pathname !== '/') return refuse(`unexpected address ${host}`);
  const names = [...query.keys()];
  const unknown = names.find((name) => name !== SIGNATURE && !ALLOWED.includes(name.replace(/^X-Amz-/, '')));
  if (unknown !== undefined || new Set(names).size < names.length) return refuse('non-whitelisted query parameters');
  if (query.get('Action') !== 'GetCallerIdentity') return refuse('unexpected action');
  if (query.get('X-Amz-SignedHeaders') !== 'host;x-k8s-aws-id') return refuse('x-k8s-aws-id is not signed');
  const scope = /^([^/]+)\/(\d{8})\/([^/]+)\/sts\/aws4_request$/.exec(query.get('X-Amz-Credential') ?? '');
  const [, accessKeyId = '', day = '', scopeRegion = ''] = scope ?? [];
  const stamp = query.get('X-Amz-Date') ?? '';
  if (scopeRegion !== region || !stamp.startsWith(`${day}T`)) return refuse('the scope is of another region or day');
  return { accessKeyId, region, stamp, query, host };
}

function checkTime({ query, stamp }: Signed, now: Date): void {
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const expires = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (!(expires >= 0 && expires <= VALID_MS / 1_000)) refuse('invalid X-Amz-Expires');
  if (!(now.getTime() <= at + VALID_MS)) refuse('token is expired');
  if (at > now.getTime() + SKEW_MS) refuse('signature is not yet current');
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Signature Version 4 of a presigned GET without a body. */
function signatureOf({ query, host, region, stamp }: Signed, secretAccessKey: string, cluster: string): Buffer {
  const pairs = [...query]
    .filter(([name]) => name !== SIGNATURE)
    .map(([name, value]) => [encoded(name), encoded(value)]);
  const canonicalQuery = pairs
    .map((pair) => pair.join('='))
    .sort()
    .join('&');
  const headers = `host:${host}\nx-k8s-aws-id:${cluster}\n`;
  const request = `GET\n/\n${canonicalQuery}\n${headers}\nhost;x-k8s-aws-id\n${sha256('')}`;
  const scope = `${stamp.slice(0, 8)}/${region}/sts/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  return hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(request)}`);
}

/** Whose credentials it was made with. Throws TokenError. */
export function checkToken<Whose extends Credentials>(token: string, check: TokenCheck<Whose>): Whose {
  const signed = signedIn(urlIn(token));
  checkTime(signed, check.now);
  const whose = check.credentialsOf(signed.accessKeyId);
  const sessionToken = signed.query.get('X-Amz-Security-Token') ?? undefined;
  if (!whose || whose.sessionToken !== sessionToken)
    return refuse('The security token included in the request is invalid.');
  const given = Buffer.from(signed.query.get(SIGNATURE) ?? '', 'hex');
  const right = signatureOf(signed, whose.secretAccessKey, check.cluster);
  if (given.length !== right.length || !timingSafeEqual(given, right))
    return refuse('The request signature we calculated does not match the signature you provided.');
  return whose;
}
