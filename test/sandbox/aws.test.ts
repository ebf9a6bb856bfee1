/** The part `aws` by the stock SDK, which finds it by one endpoint. */

import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateTopicCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAws } from '../../sandbox/aws/server.ts';
import { startDns } from '../../sandbox/dns/server.ts';

let dns: Awaited<ReturnType<typeof startDns>>;
let aws: Awaited<ReturnType<typeof startAws>>;

beforeAll(async () => {
  dns = await startDns({ zones: [{ id: 'Z1', name: 'example.com' }], insync: { minMs: 0, maxMs: 0 } });
  aws = await startAws({ route53: dns.ready.url });
});

afterAll(async () => {
  await aws.close();
  await dns.close();
});

const settings = () => ({
  endpoint: aws.ready.url,
  region: 'eu-west-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

const nothing = async (): Promise<void> => undefined;
const token = (digit: number): string => String(digit).repeat(32);
let made = 0;

describe('Secrets Manager', () => {
  const client = () => new SecretsManagerClient(settings());
  let name: string;

  beforeEach(() => {
    made += 1;
    name = `certs/shop-${made}`;
  });

  const create = (text = 'one', id = token(1)) =>
    client().send(
      new CreateSecretCommand({
        Name: name,
        SecretString: text,
        ClientRequestToken: id,
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
  const put = (text: string, id: string) =>
    client().send(new PutSecretValueCommand({ SecretId: name, SecretString: text, ClientRequestToken: id }));
  const describeIt = () => client().send(new DescribeSecretCommand({ SecretId: name }));

  test('a secret is created with its tags, described and read by name and by ARN', async () => {
    const { ARN = '', VersionId } = await create();
    expect(ARN).toMatch(new RegExp(`^arn:aws:secretsmanager:eu-west-1:000000000000:secret:${name}-\\w{6}$`));
    expect(VersionId).toBe(token(1));
    const described = await describeIt();
    expect(described.Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    expect(described.VersionIdsToStages).toEqual({ [token(1)]: ['AWSCURRENT'] });
    expect(Math.abs((described.LastChangedDate?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
    for (const SecretId of [name, ARN])
      expect((await client().send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('one');
  });

  test('the same token and content make one version, however often they are sent', async () => {
    const first = await create();
    expect((await create()).ARN).toBe(first.ARN);
    await put('two', token(2));
    expect((await put('two', token(2))).VersionStages).toEqual(['AWSCURRENT']);
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [token(1)]: ['AWSPREVIOUS'],
      [token(2)]: ['AWSCURRENT'],
    });
  });

  test('stages move on, and a version that lost both is no longer told', async () => {
    await create();
    await put('two', token(2));
    await put('three', token(3));
    expect((await describeIt()).VersionIdsToStages).toEqual({
      [token(2)]: ['AWSPREVIOUS'],
      [token(3)]: ['AWSCURRENT'],
    });
    const previous = await client().send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSPREVIOUS' }));
    expect(previous.SecretString).toBe('two');
  });

  test('tags are added, replaced and removed', async () => {
    await create();
    await client().send(
      new TagResourceCommand({
        SecretId: name,
        Tags: [
          { Key: 'a', Value: 'c' },
          { Key: 'd', Value: 'e' },
        ],
      }),
    );
    await client().send(new UntagResourceCommand({ SecretId: name, TagKeys: ['d'] }));
    expect((await describeIt()).Tags).toEqual([{ Key: 'a', Value: 'c' }]);
  });

  test('a secret marked for deletion takes nothing until it is restored', async () => {
    await create();
    await client().send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    const marked = { name: 'InvalidRequestException', message: expect.stringContaining('deletion') };
    await expect(put('two', token(2))).rejects.toMatchObject(marked);
    await expect(create('x', token(3))).rejects.toMatchObject(marked);
    expect((await describeIt()).DeletedDate).toBeInstanceOf(Date);
    await client().send(new RestoreSecretCommand({ SecretId: name }));
    expect((await put('two', token(2))).VersionId).toBe(token(2));
  });

  test('lists go by pages and by the beginning of the name', async () => {
    await create();
    const Filters = [{ Key: 'name' as const, Values: ['certs/'] }];
    const page = await client().send(new ListSecretsCommand({ Filters, MaxResults: 1 }));
    expect(page.SecretList).toHaveLength(1);
    const rest = await client().send(new ListSecretsCommand({ Filters, NextToken: page.NextToken ?? '' }));
    expect(rest.SecretList?.map((one) => one.Name)).toContain(name);
    expect(
      (await client().send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['none'] }] }))).SecretList,
    ).toEqual([]);
  });

  test.each([
    [
      'another content for the same token',
      () => put('other', token(1)),
      'ResourceExistsException',
      /already in use for a version of secret arn:/,
    ],
    ['a second secret of the name', () => create('other', token(9)), 'ResourceExistsException', /already exists/],
    ['65,537 bytes', () => put('x'.repeat(65_537), token(4)), 'ValidationException', /less than or equal to 65536/],
    ['65,537 bytes in fewer characters', () => put('é'.repeat(32_769), token(4)), 'ValidationException', /65536/],
    ['a token of 31 characters', () => put('x', 'x'.repeat(31)), 'InvalidParameterException', /32-64 characters/],
    [
      'a name with a space',
      () => client().send(new CreateSecretCommand({ Name: 'a b' })),
      'ValidationException',
      /Invalid name/,
    ],
    [
      'a secret that is not there',
      () => client().send(new DescribeSecretCommand({ SecretId: 'none' })),
      'ResourceNotFoundException',
      /can't find the specified secret/,
    ],
    [
      'a stage that no version has',
      () => client().send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'X' })),
      'ResourceNotFoundException',
      /staging label: X/,
    ],
  ])('%s is refused', async (_, ask, errorName, message) => {
    await create();
    await expect(ask()).rejects.toMatchObject({ name: errorName, message: expect.stringMatching(message) });
  });

  test('65,536 bytes are taken', async () => {
    await create();
    expect((await put('x'.repeat(65_536), token(5))).VersionId).toBe(token(5));
  });
});

describe('SNS and SQS', () => {
  const sns = () => new SNSClient(settings());
  const sqs = () => new SQSClient(settings());
  let TopicArn: string;

  beforeEach(async () => {
    made += 1;
    TopicArn = (await sns().send(new CreateTopicCommand({ Name: `topic-${made}` }))).TopicArn ?? '';
  });

  const subscriber = async (Attributes: Record<string, string> = {}): Promise<string> => {
    made += 1;
    const { QueueUrl = '' } = await sqs().send(new CreateQueueCommand({ QueueName: `queue-${made}` }));
    expect(new URL(QueueUrl).origin).toBe(aws.ready.url);
    const attributes = await sqs().send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const Endpoint = attributes.Attributes?.QueueArn ?? '';
    await sns().send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
    return QueueUrl;
  };
  const publish = (message: Omit<PublishCommandInput, 'TopicArn'>) =>
    sns().send(new PublishCommand({ TopicArn, ...message }));
  const receive = async (QueueUrl: string) =>
    (await sqs().send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] })))
      .Messages ?? [];
  const severity = (StringValue: string) => ({ severity: { DataType: 'String', StringValue } });

  test('a queue gets the text that is for queues, in an envelope with subject and attributes', async () => {
    const queue = await subscriber();
    const texts = { default: 'for all', sqs: '{"for":"queues & more"}', email: 'for people' };
    await publish({
      Subject: 'Zwölf',
      MessageStructure: 'json',
      Message: JSON.stringify(texts),
      MessageAttributes: severity('high'),
    });
    const [message, ...more] = await receive(queue);
    expect(more).toEqual([]);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      Subject: 'Zwölf',
      Message: texts.sqs,
      MessageAttributes: { severity: { Type: 'String', Value: 'high' } },
    });
  });

  test('without a text for queues they get the default', async () => {
    const queue = await subscriber();
    await publish({ MessageStructure: 'json', Message: '{"default":"for all"}' });
    expect(JSON.parse((await receive(queue))[0]?.Body ?? '')).toMatchObject({ Message: 'for all' });
  });

  test('raw delivery leaves the envelope out, and a filter policy lets pass what it names', async () => {
    const raw = await subscriber({ RawMessageDelivery: 'true' });
    const filtered = await subscriber({ RawMessageDelivery: 'true', FilterPolicy: '{"severity":["critical"]}' });
    await publish({ Message: 'low', MessageAttributes: severity('low') });
    await publish({ Message: 'critical', MessageAttributes: severity('critical') });
    const all = await receive(raw);
    expect(all.map(({ Body }) => Body).sort()).toEqual(['critical', 'low']);
    expect(all[0]?.MessageAttributes?.severity?.DataType).toBe('String');
    expect((await receive(filtered)).map(({ Body }) => Body)).toEqual(['critical']);
  });

  test.each([
    [
      'a message of no JSON',
      { MessageStructure: 'json', Message: 'plain' },
      'InvalidParameterException',
      /failed to parse/,
    ],
    [
      'no default text',
      { MessageStructure: 'json', Message: '{"sqs":"x"}' },
      'InvalidParameterException',
      /No default entry/,
    ],
    ['a subject of two lines', { Subject: 'a\nb', Message: 'x' }, 'InvalidParameterException', /Subject/],
    ['a subject of 101 characters', { Subject: 'x'.repeat(101), Message: 'x' }, 'InvalidParameterException', /Subject/],
    ['more than 256 KiB', { Message: 'x'.repeat(262_145) }, 'InvalidParameterException', /too long/i],
  ])('%s is refused', async (_, message, errorName, text) => {
    await expect(publish(message)).rejects.toMatchObject({ name: errorName, message: expect.stringMatching(text) });
  });

  test('a topic that is not there is not found', async () => {
    TopicArn = 'arn:aws:sns:eu-west-1:000000000000:none';
    await expect(publish({ Message: 'x' })).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});

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

describe('the endpoint', () => {
  const fault = async (body?: object) => {
    const answer = await fetch(
      `${aws.ready.url}/_sandbox/faults`,
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
    expect((await fetch(aws.ready.url, { method: 'POST', body: '{}' })).status).toBe(403);
  });

  test('tells what it was asked', async () => {
    await secrets();
    const seen = (await (await fetch(`${aws.ready.url}/_sandbox/requests`)).json()) as readonly object[];
    expect(seen.at(-1)).toMatchObject({
      n: seen.length,
      method: 'POST',
      kind: 'secretsmanager ListSecrets',
      user: 'test',
      status: 200,
    });
  });
});
