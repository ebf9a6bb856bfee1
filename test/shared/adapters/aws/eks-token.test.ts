/** EKS tokens: equal to what botocore signs, for the cluster, the region and the role that were asked for. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startAws } from '../../../../sandbox/aws/server.ts';
import { type ExpiringToken, eksToken } from '../../../../shared/adapters/aws/eks-token.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzE+/=abc',
};
/** What botocore signs for these credentials, this instant, region and cluster. */
const SIGNATURE = 'b090b73395107d2c462895bf14259adcee069bc6e965bb9ec9a0219a44922101';
const clock = { now: () => new Date('2026-11-24T00:00:00.000Z') };

const urlIn = (token: string): URL => {
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
};

afterEach(() => vi.unstubAllEnvs());

describe('an EKS token', () => {
  test('is a signed question to STS that names the cluster', async () => {
    const made = await eksToken({ cluster: 'prod-eu', region: 'eu-central-1', credentials, clock });
    const url = urlIn(made.token);
    expect(url.host).toBe('sts.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20261124/eu-central-1/sts/aws4_request',
      'X-Amz-Date': '20261124T000000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': credentials.sessionToken,
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Signature': SIGNATURE,
    });
    expect(made.expiresAt).toBe(Date.parse('2026-11-24T00:10:00.000Z'));
  });

  test('is not used for longer than the credentials it is signed with', async () => {
    const ending = { ...credentials, expiration: new Date('2026-11-24T00:07:00.000Z') };
    const made = await eksToken({ cluster: 'c', region: 'eu-west-1', credentials: async () => ending, clock });
    expect(made.expiresAt).toBe(Date.parse('2026-11-24T00:07:00.000Z'));
  });

  test('asks the host of its partition', async () => {
    const { token } = await eksToken({ cluster: 'c', region: 'cn-north-1', credentials, clock });
    expect(urlIn(token).host).toBe('sts.cn-north-1.amazonaws.com.cn');
  });

  describe('of a role', () => {
    const roleArn = 'arn:aws:iam::111111111111:role/reader';
    let aws: Awaited<ReturnType<typeof startAws>>;
    beforeAll(async () => {
      aws = await startAws({});
    });
    afterAll(() => aws.close());
    const ofRole = (): Promise<ExpiringToken> => {
      vi.stubEnv('AWS_ENDPOINT_URL', aws.ready.url);
      const clock = { now: () => new Date() };
      return eksToken({ cluster: 'c', region: 'eu-west-1', role: { arn: roleArn }, credentials, clock });
    };

    test('is signed with what STS gives for it, and still names the real host', async () => {
      const url = urlIn((await ofRole()).token);
      expect(url.host).toBe('sts.eu-west-1.amazonaws.com');
      expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^ASIA/);
    });

    test('is of a session of its own each time', async () => {
      const keys = [await ofRole(), await ofRole()].map(({ token }) =>
        urlIn(token).searchParams.get('X-Amz-Credential'),
      );
      expect(keys[0]).not.toBe(keys[1]);
    });

    test('is refused in the words of STS', async () => {
      const fault = { kind: 'access-denied', service: 'sts', count: 1 };
      await fetch(`${aws.ready.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(fault) });
      await expect(ofRole()).rejects.toMatchObject({
        problem: {
          type: expect.stringMatching(/^aws:AccessDenied/),
          detail: expect.stringContaining(`no token for the EKS cluster c as ${roleArn}`),
          retry: 'never',
          fix: expect.stringMatching(/^allow sts:AssumeRole on .* in the role's trust policy$/),
        },
      });
    });
  });
});
