/** The gate over the roles of a service: who is let through, what the others are told, and which rights nobody has used. */
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { awsProblem } from '../../shared/adapters/aws/aws-problem.ts';
import { REGION, ROLE, resources } from '../shared/rights/service.ts';
import { type Gate, iamGate, unusedOf } from './gate.ts';
import { wireOf } from './sdk-wire.ts';
import { principalsOf, serviceRoles } from './service-gate.ts';
import { requestsOf, type Sends } from './traffic.ts';
import type { WireAnswer } from './wire.ts';

const { stateKey, topicKey } = resources;
const open = (): Gate => {
  const roles = serviceRoles();
  return iamGate({ roles, principals: principalsOf(roles), stateKey, topicKey });
};

const wire = (accessKeyId: string, send: Sends) => wireOf({ accessKeyId, region: REGION }, send);

/** What a client of the SDK makes of an answer. */
async function heard(send: Sends, answer: WireAnswer): Promise<unknown> {
  const { url, close } = await listen(async () => answer);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  try {
    return await send({ region: REGION, endpoint: url, maxAttempts: 1, credentials }).catch((error: unknown) => error);
  } finally {
    await close();
  }
}

const getRow =
  (pk: string): Sends =>
  (c) =>
    new DynamoDBClient(c).send(
      new BatchGetItemCommand({ RequestItems: { 'nolapse-rows': { Keys: [{ pk: { S: pk }, sk: { S: 'STATE' } }] } } }),
    );
const take =
  (RoleArn: string, ExternalId: string): Sends =>
  (c) =>
    new STSClient(c).send(new AssumeRoleCommand({ RoleArn, ExternalId, RoleSessionName: 'nolapse' }));

test('what nobody has done is told by role, statement and action', async () => {
  const gate = open();
  for (const request of await requestsOf('wake')) if (request.path !== '/') gate.judge(request);
  expect(unusedOf(gate.rights()).filter((right) => right.startsWith('wake:'))).toEqual([
    'wake: Ring sqs:SendMessage',
    'wake: ReadRows dynamodb:Query',
    'wake: AskIndexes dynamodb:Query',
    'wake: OpenTable kms:Decrypt',
  ]);
});

describe('somebody', () => {
  test.each<[string, string, Sends, string]>([
    ['who reads rows of another function', 'deliver', getRow('ACCOUNT#1'), 'aws:AccessDeniedException'],
    ['who says what he has no right to say', 'deliver', publish, 'aws:AuthorizationErrorException'],
    ['who takes a role that trusts another', 'notify', take(ROLE.dns, 'dns-secret'), 'aws:AccessDenied'],
    ['who reads a snapshot of another network', 'inventory@corp', snapshot('prod-eu'), 'aws:AccessDenied'],
    ['who looks for a cluster of another account', 'issue', find('prod'), 'aws:AccessDeniedException'],
  ])('%s is told so as AWS tells it', async (_, who, send, type) => {
    const gate = open();
    const verdict = gate.judge(await wire(who, send));
    if (verdict.is === 'allowed') throw new Error('it was allowed');
    const problem = awsProblem(await heard(send, verdict.answer), 'asking');
    expect(problem).toMatchObject({ type, retry: 'never' });
    expect(problem.fix).toMatch(/^allow \w+:\w+ /);
    expect(gate.denied).toEqual([expect.stringMatching(/^nolapse-acme-[\w@]+: \w+:\w+ on /)]);
  });

  test('who guesses the external id takes no role', async () => {
    const verdict = open().judge(await wire('issue', take(ROLE.dns, 'guess')));
    expect(verdict).toMatchObject({ is: 'denied', reason: `${ROLE.dns} does not trust it` });
  });

  test('who has taken a role has its rights and no longer his own', async () => {
    const gate = open();
    const taking = await wire('inventory', take(ROLE.prod, 'prod-secret'));
    expect(gate.judge(taking)).toEqual({ is: 'allowed' });
    const body = '<AssumeRoleResponse><Credentials><AccessKeyId>ASIA1</AccessKeyId></Credentials></AssumeRoleResponse>';
    gate.answered(taking, { status: 200, body });
    expect(gate.judge(await wire('ASIA1', find('prod')))).toEqual({ is: 'allowed' });
    expect(gate.judge(await wire('ASIA1', getRow('LANE'))).is).toBe('denied');
  });

  test('who is not known is nobody', async () => {
    expect(() => open().judge({ method: 'GET', path: '/', query: '', headers: {}, body: Buffer.alloc(0) })).toThrow(
      'the request is not signed',
    );
    const request = await wire('stranger', getRow('LANE'));
    expect(() => open().judge(request)).toThrow('the access key stranger is of no role that is known here');
  });
});

function publish(c: Parameters<Sends>[0]): Promise<unknown> {
  return new SNSClient(c).send(new PublishCommand({ TopicArn: resources.topic, Message: 'hello' }));
}

function find(name: string): Sends {
  return (c) => new EKSClient(c).send(new DescribeClusterCommand({ name }));
}

function snapshot(source: string): Sends {
  return (c) => new S3Client(c).send(new GetObjectCommand({ Bucket: 'nolapse-blobs', Key: `snapshots/${source}` }));
}
