/** The part `aws` by the stock SDK, which finds it by one endpoint. */
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { startAws } from '../../sandbox/aws/server.ts';
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

  test('S3 keeps the bytes of an object, found by path', async () => {
    const s3 = new S3Client(settings());
    const body = Uint8Array.from({ length: 256 }, (_, n) => n);
    await s3.send(new CreateBucketCommand({ Bucket: 'bytes' }));
    await s3.send(new PutObjectCommand({ Bucket: 'bytes', Key: 'a/b c%', Body: body }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bytes', Key: 'a/b c%' }));
    expect(Buffer.compare((await Body?.transformToByteArray()) ?? new Uint8Array(), body)).toBe(0);
  });

  test.each([
    ['access-denied', { name: 'AccessDenied', message: expect.stringContaining('s3:GetObject') }],
    ['throttle', { name: 'SlowDown' }],
    ['unavailable', { name: 'ServiceUnavailable' }],
  ])('%s strikes S3 in its own words', async (kind, error) => {
    await fault({ kind, count: 1, operation: 'GetObject' });
    const get = new S3Client(settings()).send(new GetObjectCommand({ Bucket: 'none', Key: 'a' }));
    await expect(get).rejects.toMatchObject(error);
  });

  test('an answer that is lost leaves what was done', async () => {
    await fault({ kind: 'answer-lost', service: 's3', count: 1 });
    const s3 = new S3Client(settings());
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'lost' }))).rejects.toMatchObject({ code: 'ECONNRESET' });
    await s3.send(new PutObjectCommand({ Bucket: 'lost', Key: 'a', Body: 'x' }));
  });

  test('there is no DynamoDB unless it was asked for', async () => {
    const get = (client: DynamoDBClient) =>
      client.send(new GetItemCommand({ TableName: 'table', Key: { k: { S: 'a' } } }));
    await expect(get(new DynamoDBClient(settings()))).rejects.toMatchObject({
      message: 'this world has no tables',
    });
    const aws = await startAws({ dynamodb: true });
    const client = new DynamoDBClient({ ...settings(), endpoint: aws.ready.url });
    await client.send(
      new CreateTableCommand({
        TableName: 'table',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
      }),
    );
    await client.send(new PutItemCommand({ TableName: 'table', Item: { k: { S: 'a' }, n: { N: '1' } } }));
    expect((await get(client)).Item).toEqual({ k: { S: 'a' }, n: { N: '1' } });
    await aws.close();
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
