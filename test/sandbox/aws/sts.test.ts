/** STS of the part `aws` by the stock SDK. */
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { awsWorld } from './world.ts';

const { settings } = awsWorld();

describe('STS', () => {
  test('a role that was assumed is who asks with its credentials', async () => {
    const sts = new STSClient(settings());
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:iam::000000000000:user/test');
    const RoleArn = 'arn:aws:iam::222222222222:role/path/dns';
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'nolapse' }));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const who = await new STSClient({ ...settings(), credentials }).send(new GetCallerIdentityCommand({}));
    expect(who).toMatchObject({ Account: '222222222222', Arn: 'arn:aws:sts::222222222222:assumed-role/dns/nolapse' });
    expect((Credentials?.Expiration?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
  });

  test('what is no role is refused', async () => {
    const ask = new STSClient(settings()).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::2:role/dns-of-nobody', RoleSessionName: 'nolapse' }),
    );
    await expect(ask).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('is invalid'),
    });
  });
});
