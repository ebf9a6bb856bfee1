/** What the roles of a service ask of AWS when everything that a fleet can ask for is done once: real requests of the SDK, one for each kind. */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { REPORT_KEY } from '../../shared/contract/deployed.ts';
import { REGION, ROLE, resources, SERVICE } from '../shared/rights/service.ts';
import { type ClientSettings, wireOf } from './sdk-wire.ts';
import type { WireRequest } from './wire.ts';

export type Sends = (settings: ClientSettings) => Promise<unknown>;

const lastOf = (arn: string, mark: string): string => arn.slice(arn.lastIndexOf(mark) + 1);

const TableName = lastOf(resources.table, '/');
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'STATE' } });
type OfRows = (pk: string) => Sends;

const put: OfRows = (pk) => (c) => new DynamoDBClient(c).send(new PutItemCommand({ TableName, Item: key(pk) }));
const remove: OfRows = (pk) => (c) => new DynamoDBClient(c).send(new DeleteItemCommand({ TableName, Key: key(pk) }));
const children: OfRows = (pk) => (c) =>
  new DynamoDBClient(c).send(
    new QueryCommand({
      ...{ TableName, KeyConditionExpression: 'pk = :pk' },
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  );
const behind = (...pks: readonly string[]): Sends => {
  const RequestItems = { [TableName]: { Keys: pks.map(key) } };
  return (c) => new DynamoDBClient(c).send(new BatchGetItemCommand({ RequestItems }));
};
const index = (name: 'due' | 'list', value: string): Sends => {
  const attribute = name === 'due' ? 'lane' : 'kind';
  return (c) =>
    new DynamoDBClient(c).send(
      new QueryCommand({
        ...{ TableName, IndexName: name, KeyConditionExpression: `${attribute} = :value` },
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
};

const fetchObject =
  (Bucket: string, Key: string): Sends =>
  (c) =>
    new S3Client(c).send(new GetObjectCommand({ Bucket, Key }));
const bucket = lastOf(resources.bucket, ':');
const snapshots = (...sources: readonly string[]): readonly Sends[] =>
  sources.flatMap((source): Sends[] => [
    fetchObject(bucket, `snapshots/${source}`),
    (c) => new S3Client(c).send(new PutObjectCommand({ Bucket: bucket, Key: `snapshots/${source}`, Body: '{}' })),
  ]);

const leavesReport: Sends = (c) =>
  new S3Client(c).send(new PutObjectCommand({ Bucket: bucket, Key: REPORT_KEY, Body: 'page' }));

const urlOf = (name: string): string =>
  `https://sqs.${REGION}.amazonaws.com/${SERVICE}/${lastOf(resources.queues[name] ?? '', ':')}`;
const rings = (...names: readonly string[]): readonly Sends[] =>
  names.map(
    (name) => (c) => new SQSClient(c).send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody: 'notify' })),
  );
const takes = (name: string): readonly Sends[] => {
  const QueueUrl = urlOf(name);
  return [
    (c) => new SQSClient(c).send(new ReceiveMessageCommand({ QueueUrl })),
    (c) => new SQSClient(c).send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'handle' })),
    (c) => new SQSClient(c).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
  ];
};

const ATTEMPT = { fleet: 'acme', issuance: 'iss-1', attempt: 'a-1' };
const ACCOUNT = { fleet: 'acme', account: '5f2a' };
const makeKey =
  (KeyId: string, EncryptionContext: Record<string, string>): Sends =>
  (c) =>
    new KMSClient(c).send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
const openKey =
  (KeyId: string, EncryptionContext: Record<string, string>): Sends =>
  (c) =>
    new KMSClient(c).send(new DecryptCommand({ KeyId, CiphertextBlob: Buffer.from('x'), EncryptionContext }));

const readSecret =
  (SecretId: string): Sends =>
  (c) =>
    new SecretsManagerClient(c).send(new GetSecretValueCommand({ SecretId }));
const look =
  (SecretId: string, region = REGION): Sends =>
  (c) =>
    new SecretsManagerClient({ ...c, region }).send(new DescribeSecretCommand({ SecretId }));
const deliver = (name: string, region: string): readonly Sends[] => {
  const [SecretId, Tags] = [name, [{ Key: 'nolapse.dev/fleet', Value: 'acme' }]];
  const to = (c: ClientSettings): SecretsManagerClient => new SecretsManagerClient({ ...c, region });
  return [
    look(name, region),
    (c) => to(c).send(new CreateSecretCommand({ Name: name, SecretString: '{}', Tags })),
    (c) => to(c).send(new PutSecretValueCommand({ SecretId, SecretString: '{}' })),
    (c) => to(c).send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT' })),
    (c) => to(c).send(new TagResourceCommand({ SecretId, Tags })),
    (c) => to(c).send(new UntagResourceCommand({ SecretId, TagKeys: ['nolapse.dev/fleet', 'nolapse.dev/sha256'] })),
  ];
};

const take =
  (RoleArn: string, ExternalId: string): Sends =>
  (c) =>
    new STSClient(c).send(new AssumeRoleCommand({ RoleArn, ExternalId, RoleSessionName: 'nolapse' }));
const find =
  (name: string): Sends =>
  (c) =>
    new EKSClient(c).send(new DescribeClusterCommand({ name }));

const answer =
  (HostedZoneId: string, action: 'CREATE' | 'DELETE', name: string): Sends =>
  (c) => {
    const ResourceRecordSet = { Name: name, Type: 'TXT' as const, TTL: 60, ResourceRecords: [{ Value: '"x"' }] };
    const Changes = [{ Action: action, ResourceRecordSet }];
    return new Route53Client(c).send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  };
const zone = (HostedZoneId: string, name: string): readonly Sends[] => [
  answer(HostedZoneId, 'CREATE', `_acme-challenge.${name}`),
  answer(HostedZoneId, 'CREATE', `_acme-challenge.shop.${name}`),
  answer(HostedZoneId, 'DELETE', `_acme-challenge.a.b.${name}.`),
  (c) => new Route53Client(c).send(new ListResourceRecordSetsCommand({ HostedZoneId })),
  (c) => new Route53Client(c).send(new GetChangeCommand({ Id: 'C0123' })),
];

const publish: readonly Sends[] = [
  (c) => new SNSClient(c).send(new PublishCommand({ TopicArn: resources.topic, Message: 'hello' })),
  (c) => new SNSClient(c).send(new ListSubscriptionsByTopicCommand({ TopicArn: resources.topic })),
];
const tell: Sends = (c) =>
  new EventBridgeClient(c).send(
    new PutEventsCommand({
      Entries: [{ EventBusName: resources.bus, Source: 'nolapse', DetailType: 'x', Detail: '{}' }],
    }),
  );

/** Rows by what is done with them: read, written, removed. */
const rows = (writes: string, removes = '', reads = ''): readonly Sends[] => {
  const words = (text: string): readonly string[] => text.split(' ').filter(Boolean);
  return [
    ...[...words(writes), ...words(reads)].flatMap((pk) => [behind(pk), children(pk)]),
    ...words(writes).map(put),
    ...words(removes).map(remove),
  ];
};

const inventoryRows = rows(
  'META LANE SRC#prod-eu ISS#1 DEST#prod-eu/shop/tls PROBE#fleet/shop STATUS#prod-eu FIND#a OWNER#b EVT#c',
  'LANE SRC#prod-eu DEST#prod-eu/shop/tls PROBE#fleet/shop STATUS#prod-eu OWNER#b',
);
const deliverRows = rows(
  'META LANE ISS#1 DEST#prod-eu/shop/tls PROBE#fleet/shop STATUS#prod-eu FIND#a OWNER#b EVT#c',
  'DEST#prod-eu/shop/tls PROBE#fleet/shop STATUS#prod-eu OWNER#b',
  'SRC#prod-eu',
);

/** By role: a function's or its copy's name, or the ARN of a role that is taken. */
export const TRAFFIC: Readonly<Record<string, readonly Sends[]>> = {
  wake: [
    ...[children('LANE'), children('META'), index('due', 'issue:fleet/zerossl')],
    ...rings('inventory', 'issue', 'deliver', 'notify', 'inventory@corp', 'deliver@corp'),
  ],
  inventory: [
    ...[...takes('inventory'), ...rings('issue', 'deliver', 'deliver@corp')],
    ...[...inventoryRows, index('list', 'ISS'), behind('ISS#1'), ...snapshots('prod-eu', 'own', 'looked-at', 'fleet')],
    ...[take(ROLE.prod, 'prod-secret'), find('own'), readSecret('nolapse/looked-at')],
    ...[fetchObject(bucket, 'snapshots/edge'), leavesReport],
    ...[look('certs/shop'), look('certs/shop', 'us-east-1'), tell],
  ],
  'inventory@corp': [
    ...[...takes('inventory@corp'), ...rings('issue', 'deliver', 'deliver@corp')],
    ...[
      ...inventoryRows,
      index('list', 'ISS'),
      behind('ISS#1'),
      ...snapshots('edge'),
      readSecret('nolapse/edge'),
      tell,
    ],
  ],
  issue: [
    ...[...takes('issue'), ...rings('issue', 'deliver', 'deliver@corp')],
    ...rows(
      'META LANE ACCOUNT#1 SRC#prod-eu ISS#1 DEST#prod-eu/shop/tls STATUS#prod-eu ZONE#Z1 LIMIT#le#1 FIND#a OWNER#b EVT#c',
      'ZONE#Z1 OWNER#b',
    ),
    ...[index('due', 'issue:fleet/zerossl'), index('list', 'DEST#1'), behind('ISS#1', 'ZONE#Z1')],
    ...[makeKey(resources.attemptKey, ATTEMPT), makeKey(resources.accountKey, ACCOUNT)],
    ...[openKey(resources.accountKey, ACCOUNT), ...zone('Z0OWN', 'example.org'), take(ROLE.dns, 'dns-secret')],
    ...[readSecret('nolapse/acme/zerossl-eab'), readSecret('nolapse/acme/corp-ca')],
    ...[take(ROLE.prod, 'prod-secret'), find('own'), tell],
  ],
  deliver: [
    ...[...takes('deliver'), ...deliverRows, index('due', 'deliver:prod-eu'), index('list', 'DEST#1')],
    behind('DEST#prod-eu/shop/tls'),
    ...[openKey(resources.attemptKey, ATTEMPT), take(ROLE.prod, 'prod-secret'), find('own'), tell],
    ...[...deliver('certs/shop', REGION), ...deliver('certs/shop', 'us-east-1')],
  ],
  'deliver@corp': [
    ...[...takes('deliver@corp'), ...deliverRows, index('due', 'deliver:edge'), index('list', 'DEST#1')],
    behind('DEST#edge/shop/tls'),
    ...[openKey(resources.attemptKey, ATTEMPT), readSecret('nolapse/edge'), tell],
  ],
  notify: [
    ...takes('notify'),
    ...rows('META LANE FIND#a OWNER#b CHANNEL#sns EVT#c', 'OWNER#b', 'SRC#prod-eu ISS#1 DEST#prod-eu/shop/tls'),
    ...[index('due', 'notify'), index('list', 'FINDING'), behind('FIND#a'), ...publish, readSecret('nolapse/slack')],
  ],
  [ROLE.dns]: zone('Z0ELSEWHERE', 'example.com'),
  [ROLE.prod]: [find('prod')],
};

/** The requests, signed with the role's name as the access key id. */
export async function requestsOf(role: string): Promise<readonly WireRequest[]> {
  const requests: WireRequest[] = [];
  const as = { accessKeyId: accessKeyOf(role), region: REGION };
  for (const send of TRAFFIC[role] ?? []) requests.push(await wireOf(as, send));
  return requests;
}

/** An access key id of a role: the last word of what it is called, for a slash ends the id in a signature. */
export const accessKeyOf = (role: string): string => lastOf(role, '/');
