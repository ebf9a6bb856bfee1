/** What real requests of the SDK ask for, as the service authorization reference and the services' own pages have it. */
import { BatchGetItemCommand, DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { asksAfter, asksOf } from './asks.ts';
import type { Ask } from './policy.ts';
import { wireOf } from './sdk-wire.ts';
import type { Sends } from './traffic.ts';
import { scopeOf } from './wire.ts';

const REGION = 'eu-west-1';
const keys = { stateKey: 'arn:aws:kms:::key/state', topicKey: 'arn:aws:kms:::key/topic' };
const landing = { partition: 'aws', account: '111111111111', region: REGION, ...keys };

async function asked(send: Sends): Promise<readonly Ask[]> {
  const request = await wireOf({ accessKeyId: 'issue', region: REGION }, send);
  return asksOf(scopeOf(request).service, request, landing);
}

const said = ({ action, resource }: Ask): string => `${action} ${resource}`;
const change = (Name: string, Type: 'TXT' | 'A', Action: 'CREATE' | 'UPSERT') => ({
  Action,
  ResourceRecordSet: { Name, Type, TTL: 60, ResourceRecords: [{ Value: '"<name>"' }] },
});
const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:nolapse';
const viaKms = 'kms:ViaService';

test.each<[string, Sends, readonly string[]]>([
  [
    'several rows are one request with all their keys',
    (c) =>
      new DynamoDBClient(c).send(
        new BatchGetItemCommand({
          RequestItems: {
            rows: {
              Keys: [
                { pk: { S: 'LANE' }, sk: { S: 'a' } },
                { pk: { S: 'META' }, sk: { S: 'b' } },
              ],
            },
          },
        }),
      ),
    ['dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:111111111111:table/rows', 'kms:Decrypt arn:aws:kms:::key/state'],
  ],
  [
    'an index is a resource of its own',
    (c) => new DynamoDBClient(c).send(new QueryCommand({ TableName: 'rows', IndexName: 'due' })),
    [
      'dynamodb:Query arn:aws:dynamodb:eu-west-1:111111111111:table/rows/index/due',
      'kms:Decrypt arn:aws:kms:::key/state',
    ],
  ],
  [
    'an object that is no blob is under no key of ours',
    (c) => new S3Client(c).send(new GetObjectCommand({ Bucket: 'assets', Key: 'a/b c.json' })),
    ['s3:GetObject arn:aws:s3:::assets/a/b c.json'],
  ],
  [
    'a bucket may be in the name of the host',
    ({ endpoint: _, ...c }) => new S3Client(c).send(new GetObjectCommand({ Bucket: 'blobs', Key: 'snapshots/prod' })),
    ['s3:GetObject arn:aws:s3:::blobs/snapshots/prod', 'kms:Decrypt arn:aws:kms:::key/state'],
  ],
  [
    'a queue is the last word of its URL',
    (c) => new SQSClient(c).send(new SendMessageCommand({ QueueUrl: 'http://127.0.0.1/1/q', MessageBody: 'notify' })),
    ['sqs:SendMessage arn:aws:sqs:eu-west-1:111111111111:q'],
  ],
  [
    'a message to an encrypted topic asks for its key',
    (c) => new SNSClient(c).send(new PublishCommand({ TopicArn: TOPIC, Message: 'hello' })),
    [`sns:Publish ${TOPIC}`, 'kms:GenerateDataKey arn:aws:kms:::key/topic', 'kms:Decrypt arn:aws:kms:::key/topic'],
  ],
  [
    'a secret that is created with tags is tagged',
    (c) =>
      new SecretsManagerClient(c).send(
        new CreateSecretCommand({ Name: 'certs/shop', SecretString: '{}', Tags: [{ Key: 'a', Value: 'b' }] }),
      ),
    [
      'secretsmanager:CreateSecret arn:aws:secretsmanager:eu-west-1:111111111111:secret:certs/shop-a1B2c3',
      'secretsmanager:TagResource arn:aws:secretsmanager:eu-west-1:111111111111:secret:certs/shop-a1B2c3',
    ],
  ],
  [
    'a secret may be named by its ARN',
    (c) =>
      new SecretsManagerClient(c).send(
        new GetSecretValueCommand({ SecretId: 'arn:aws:secretsmanager:eu-west-1:222222222222:secret:a-Zz09Yy' }),
      ),
    ['secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:222222222222:secret:a-Zz09Yy'],
  ],
  [
    'each event is asked for',
    (c) =>
      new EventBridgeClient(c).send(
        new PutEventsCommand({ Entries: [{ EventBusName: 'nolapse', Source: 'nolapse' }, { Source: 'other' }] }),
      ),
    [
      'events:PutEvents arn:aws:events:eu-west-1:111111111111:event-bus/nolapse',
      'events:PutEvents arn:aws:events:eu-west-1:111111111111:event-bus/default',
    ],
  ],
  ['who one is may be asked by everybody', (c) => new STSClient(c).send(new GetCallerIdentityCommand({})), []],
])('%s', async (_, send, expected) => {
  expect((await asked(send)).map(said)).toEqual(expected);
});

describe('the context', () => {
  test('of rows is their partition keys, each once', async () => {
    const query = new QueryCommand({
      ...{ TableName: 'rows', KeyConditionExpression: '#p = :p AND begins_with(sk, :s)' },
      ExpressionAttributeNames: { '#p': 'pk' },
      ExpressionAttributeValues: { ':p': { S: 'SRC#prod' }, ':s': { S: 'CERT#' } },
    });
    const [ask, key] = await asked((c) => new DynamoDBClient(c).send(query));
    expect(ask?.context).toEqual({ 'dynamodb:LeadingKeys': ['SRC#prod'] });
    expect(key?.context).toEqual({ [viaKms]: 'dynamodb.eu-west-1.amazonaws.com' });
  });

  test('of records is names, types and actions as Route 53 normalises them, each once', async () => {
    const Changes = [
      change('_acme-challenge.Shop.Example.com.', 'TXT', 'CREATE'),
      change('*.example.com', 'A', 'UPSERT'),
      change('*.example.com', 'A', 'UPSERT'),
    ];
    const send: Sends = (c) =>
      new Route53Client(c).send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes } }));
    expect(await asked(send)).toEqual([
      {
        action: 'route53:ChangeResourceRecordSets',
        resource: 'arn:aws:route53:::hostedzone/Z1',
        context: {
          'route53:ChangeResourceRecordSetsActions': ['CREATE', 'UPSERT'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['TXT', 'A'],
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
            '_acme-challenge.shop.example.com',
            '\\052.example.com',
          ],
        },
      },
    ]);
  });

  test('of a sealed key is what it is bound to', async () => {
    const EncryptionContext = { fleet: 'acme', account: '5f' };
    const [ask] = await asked((c) =>
      new KMSClient(c).send(
        new DecryptCommand({ KeyId: 'accounts', CiphertextBlob: Buffer.from('x'), EncryptionContext }),
      ),
    );
    expect(ask).toEqual({
      action: 'kms:Decrypt',
      resource: 'arn:aws:kms:eu-west-1:111111111111:key/accounts',
      context: {
        'kms:EncryptionContextKeys': ['fleet', 'account'],
        'kms:EncryptionContext:fleet': 'acme',
        'kms:EncryptionContext:account': '5f',
      },
    });
  });

  test('of a role that is taken is the session and the external id', async () => {
    const RoleArn = 'arn:aws:iam::222222222222:role/dns';
    const taking = { RoleArn, RoleSessionName: 'nolapse', ExternalId: 'secret' };
    const [ask] = await asked((c) => new STSClient(c).send(new AssumeRoleCommand(taking)));
    expect(ask).toEqual({
      ...{ action: 'sts:AssumeRole', resource: RoleArn },
      context: { 'sts:ExternalId': 'secret', 'sts:RoleSessionName': 'nolapse' },
    });
  });
});

test('that an object is not there is told to those who may list its bucket', async () => {
  const send: Sends = (c) => new S3Client(c).send(new GetObjectCommand({ Bucket: 'blobs', Key: 'snapshots/prod' }));
  const request = await wireOf({ accessKeyId: 'inventory', region: REGION }, send);
  expect(asksAfter('s3', request, { status: 404, landing }).map(said)).toEqual(['s3:ListBucket arn:aws:s3:::blobs']);
  expect(asksAfter('s3', request, { status: 200, landing })).toEqual([]);
});

test.each<[string, Sends, string]>([
  [
    'a scan',
    (c) => new DynamoDBClient(c).send(new ScanCommand({ TableName: 'rows' })),
    'dynamodb:Scan: nobody has said',
  ],
  ['a list of objects', (c) => new S3Client(c).send(new ListObjectsV2Command({ Bucket: 'b' })), 'GET /b'],
  ['a list of clusters', (c) => new EKSClient(c).send(new ListClustersCommand({})), 'GET /clusters'],
  [
    'a key without a name',
    (c) => new KMSClient(c).send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') })),
    'a request to KMS must say under which key',
  ],
])('%s that nobody has said anything about throws', async (_, send, message) => {
  await expect(asked(send)).rejects.toThrow(message);
});
