/** The part `aws` by the stock SDK, which finds it by one endpoint. */
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { awsWorld } from './aws/world.ts';

const { settings, url } = awsWorld();
const nothing = async (): Promise<void> => undefined;

describe('the endpoint', () => {
  const fault = async (body?: object) => {
    const answer = await fetch(
      `${url()}/_sandbox/faults`,
      body ? { method: 'POST', body: JSON.stringify(body) } : { method: 'DELETE' },
    );
    expect(answer.status).toBe(200);
  };
  const sns = () => new SNSClient(settings()).send(new CreateTopicCommand({ Name: 'x' }));
  const secrets = () => new SecretsManagerClient(settings()).send(new ListSecretsCommand({}));
  const sts = () => new STSClient(settings()).send(new GetCallerIdentityCommand({}));

  test('passes Route 53 on to the part that has the zones', async () => {
    const { HostedZones } = await new Route53Client(settings()).send(new ListHostedZonesCommand({}));
    expect(HostedZones?.map(({ Name }) => Name)).toEqual(['example.com.']);
  });

  test.each([
    ['throttle', secrets, { service: 'secretsmanager' }, { name: 'ThrottlingException', message: 'Rate exceeded' }],
    ['throttle', sns, { service: 'sns' }, { name: 'Throttling', message: 'Rate exceeded' }],
    [
      'access-denied',
      secrets,
      { operation: 'ListSecrets' },
      { name: 'AccessDeniedException', message: expect.stringContaining('secretsmanager:ListSecrets') },
    ],
    [
      'access-denied',
      sns,
      {},
      { name: 'AuthorizationErrorException', message: expect.stringContaining('sns:CreateTopic') },
    ],
    ['access-denied', sts, {}, { name: 'AccessDenied', message: expect.stringContaining('sts:GetCallerIdentity') }],
    [
      'unavailable',
      sns,
      {},
      { name: 'ServiceUnavailable', $metadata: expect.objectContaining({ httpStatusCode: 503 }) },
    ],
    ['down', sns, { service: 'sns' }, { code: 'ECONNRESET' }],
  ])('%s strikes once where it is meant to', async (kind, ask, where, error) => {
    await fault({ kind, count: 1, ...where });
    await expect(ask()).rejects.toMatchObject(error);
    await ask().then(nothing);
  });

  test('a fault of one service leaves the others alone', async () => {
    await fault({ kind: 'down', service: 'sns' });
    expect((await secrets()).SecretList).toBeInstanceOf(Array);
    await fault();
    expect((await sns()).TopicArn).toContain(':x');
  });

  test('an unsigned request is refused', async () => {
    expect((await fetch(url(), { method: 'POST', body: '{}' })).status).toBe(403);
  });

  test('tells what it was asked', async () => {
    await secrets();
    const seen = (await (await fetch(`${url()}/_sandbox/requests`)).json()) as readonly object[];
    expect(seen.at(-1)).toMatchObject({
      n: seen.length,
      method: 'POST',
      kind: 'secretsmanager ListSecrets',
      user: 'test',
      status: 200,
    });
  });
});
