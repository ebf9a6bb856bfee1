/** EKS of the part `aws` by the stock SDK, and the webhook that API servers ask. */
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type ExpiringToken, eksToken } from '../../../shared/adapters/aws/eks-token.ts';
import { awsWorld } from './world.ts';

const { settings, url } = awsWorld();
const ROLE = 'arn:aws:iam::111111111111:role/path/reader';
const USER = 'arn:aws:iam::000000000000:user/somebody';

const post = async (path: string, body: object) => {
  const answer = await fetch(`${url()}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as { readonly status: unknown };
};

beforeAll(async () => {
  const accessEntries = [
    { principalArn: ROLE, username: 'reader', groups: ['readers'] },
    { principalArn: USER, username: 'somebody', groups: [] },
  ];
  const users = [{ accessKeyId: 'AKIDUSER', secretAccessKey: 'secret', principalArn: USER }];
  const prod = { name: 'prod', endpoint: 'https://127.0.0.1:1', caPem: 'roots', accessEntries };
  await post('/_sandbox/eks', { clusters: [prod, { ...prod, name: 'empty', accessEntries: [] }], users });
});

describe('DescribeCluster', () => {
  const describeCluster = (name: string) => new EKSClient(settings()).send(new DescribeClusterCommand({ name }));

  test('tells what it was told', async () => {
    const { cluster } = await describeCluster('prod');
    expect(cluster).toMatchObject({ name: 'prod', endpoint: 'https://127.0.0.1:1', status: 'ACTIVE' });
    expect(Buffer.from(cluster?.certificateAuthority?.data ?? '', 'base64').toString()).toBe('roots');
  });

  test('knows no other cluster', async () => {
    await expect(describeCluster('gone')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'No cluster found for name: gone.',
    });
  });

  test('is refused by name', async () => {
    await post('/_sandbox/faults', { kind: 'access-denied', operation: 'DescribeCluster', count: 1 });
    await expect(describeCluster('prod')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('a token review', () => {
  const clock = { now: () => new Date() };
  const review = async (cluster: string, token: string) =>
    (await post(`/_sandbox/eks/token-review/${cluster}`, { spec: { token } })).status;
  const ofUser = (cluster = 'prod', secretAccessKey = 'secret'): Promise<ExpiringToken> =>
    eksToken({ cluster, region: 'eu-west-1', credentials: { accessKeyId: 'AKIDUSER', secretAccessKey }, clock });
  const ofRole = (arn: string): Promise<ExpiringToken> => {
    const { endpoint, credentials } = settings();
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    return eksToken({ cluster: 'prod', region: 'eu-west-1', credentials, role: { arn }, clock });
  };

  test('names who the access entry says', async () => {
    const reader = { authenticated: true, user: { username: 'reader', groups: ['readers'] } };
    expect(await review('prod', (await ofRole(ROLE)).token)).toEqual(reader);
    const somebody = { authenticated: true, user: { username: 'somebody', groups: [] } };
    expect(await review('prod', (await ofUser()).token)).toEqual(somebody);
  });

  test.each([
    ['of another cluster', 'empty', () => ofUser('prod'), /does not match/],
    ['of a wrong secret key', 'prod', () => ofUser('prod', 'guessed'), /does not match/],
    ['without an access entry', 'empty', () => ofUser('empty'), /not mapped: .*user\/somebody/],
    [
      'of a role without one',
      'prod',
      () => ofRole('arn:aws:iam::111111111111:role/stranger'),
      /not mapped: .*stranger/,
    ],
    ['that is none', 'prod', async () => ({ token: 'x' }), /prefix/],
  ])('refuses one %s', async (_, cluster, made, error) => {
    const status = await review(cluster, (await made()).token);
    expect(status).toEqual({ authenticated: false, error: expect.stringMatching(error) });
  });

  test('refuses a good one where a fault says so, once', async () => {
    const { token } = await ofUser();
    await post('/_sandbox/faults', { kind: 'token-refused', count: 1 });
    expect(await review('prod', token)).toMatchObject({ authenticated: false });
    expect(await review('prod', token)).toMatchObject({ authenticated: true });
  });
});
