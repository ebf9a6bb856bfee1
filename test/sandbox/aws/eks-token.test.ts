/** What makes a token of EKS good, by one that botocore signed, and what each change of it is refused for. */
import { describe, expect, test } from 'vitest';
import { type Credentials, checkToken, TokenError } from '../../../sandbox/aws/eks-token.ts';

const WHOSE: Credentials = {
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzE+/=abc',
};
/** As botocore presigns it for AKIDEXAMPLE, the cluster prod-eu and the first second of that day. */
const SIGNED =
  'https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
  '&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20261124T000000Z' +
  '&X-Amz-Expires=60&X-Amz-Security-Token=FwoGZXIvYXdzE%2B%2F%3Dabc&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id' +
  '&X-Amz-Signature=b090b73395107d2c462895bf14259adcee069bc6e965bb9ec9a0219a44922101';

const tokenOf = (url: string): string => `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;

interface Case {
  readonly url?: string;
  readonly token?: string;
  readonly cluster?: string;
  readonly now?: string;
  readonly whose?: Credentials | undefined;
}

const check = (one: Case): Credentials =>
  checkToken(one.token ?? tokenOf(one.url ?? SIGNED), {
    cluster: one.cluster ?? 'prod-eu',
    now: new Date(one.now ?? '2026-11-24T00:10:00Z'),
    credentialsOf: (id) => (id === 'AKIDEXAMPLE' ? ('whose' in one ? one.whose : WHOSE) : undefined),
  });

const but = (from: string, to: string): Case => {
  if (!SIGNED.includes(from)) throw new Error(`the URL has no ${from}`);
  return { url: SIGNED.replace(from, to) };
};

describe('a token', () => {
  test.each(['2026-11-23T23:56:00Z', '2026-11-24T00:00:00Z', '2026-11-24T00:15:00Z'])('is good at %s', (now) => {
    expect(check({ now })).toBe(WHOSE);
  });

  test.each<[string, Case, RegExp]>([
    ['another cluster', { cluster: 'prod-us' }, /signature we calculated does not match/],
    ['another secret key', { whose: { ...WHOSE, secretAccessKey: 'x' } }, /does not match/],
    ['another session', { whose: { ...WHOSE, sessionToken: 'x' } }, /security token .* is invalid/],
    ['a user where there was a session', { whose: { secretAccessKey: WHOSE.secretAccessKey } }, /is invalid/],
    ['a key that nobody has', { whose: undefined }, /is invalid/],
    ['the sixteenth minute', { now: '2026-11-24T00:15:01Z' }, /expired/],
    ['a clock that is far behind', { now: '2026-11-23T23:54:00Z' }, /not yet current/],
    ['an altered signature', but('44922101', '44922102'), /does not match/],
    ['half a signature', but('adcee069bc6e965bb9ec9a0219a44922101', ''), /does not match/],
    ['an altered time', but('T000000Z', 'T000500Z'), /does not match/],
    ['a day that is not the scope’s', but('Date=20261124', 'Date=20261125'), /scope/],
    ['a time that is none', but('Date=20261124T000000Z', 'Date=20261124T'), /expired/],
    ['more minutes than are allowed', but('Expires=60', 'Expires=901'), /X-Amz-Expires/],
    ['no end', but('&X-Amz-Expires=60', ''), /X-Amz-Expires/],
    ['another host', but('sts.eu-central-1.amazonaws.com', 'sts.eu-central-1.example.com'), /unexpected address/],
    ['another region’s host', but('sts.eu-central-1', 'sts.us-east-1'), /scope is of another region/],
    ['no TLS', but('https://', 'http://'), /unexpected address/],
    ['a path', but('.com/?', '.com/x?'), /unexpected address/],
    ['another action', but('GetCallerIdentity', 'GetSessionToken'), /unexpected action/],
    ['a parameter more', but('&Version', '&RoleArn=x&Version'), /non-whitelisted/],
    ['a parameter twice', but('&Version', '&Action=GetCallerIdentity&Version'), /non-whitelisted/],
    ['no cluster signed', but('host%3Bx-k8s-aws-id', 'host'), /x-k8s-aws-id is not signed/],
    ['another service', but('%2Fsts%2F', '%2Fs3%2F'), /scope/],
    ['no URL', { token: tokenOf('not a URL') }, /no URL/],
    ['no prefix', { token: SIGNED }, /prefix/],
  ])('is refused for %s', (_, one, message) => {
    expect(() => check(one)).toThrow(TokenError);
    expect(() => check(one)).toThrow(message);
  });
});
