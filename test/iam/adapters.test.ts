/** The adapters themselves, each as the role that it is wired for, through the gate to the sandbox: they need no right that is not there. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Listening } from '../../sandbox/listen.ts';
import { dynamodbRecords } from '../../shared/adapters/aws/dynamodb-records.ts';
import { eventBridgeEvents } from '../../shared/adapters/aws/eventbridge-events.ts';
import { kmsSeal, kmsUnseal } from '../../shared/adapters/aws/kms-seal.ts';
import { route53ChallengeZone } from '../../shared/adapters/aws/route53-challenge-zone.ts';
import { route53Look } from '../../shared/adapters/aws/route53-look.ts';
import { s3Blobs } from '../../shared/adapters/aws/s3-blobs.ts';
import { secretsManagerDestination } from '../../shared/adapters/aws/secrets-manager-destination.ts';
import { secretsManagerReader } from '../../shared/adapters/aws/secrets-manager-read-secret.ts';
import { snsChannel } from '../../shared/adapters/aws/sns-channel.ts';
import { snsSubscriptions } from '../../shared/adapters/aws/sns-subscriptions.ts';
import { sqsBell } from '../../shared/adapters/aws/sqs-bell.ts';
import { queueOf } from '../../shared/contract/queues.ts';
import { keys, rows } from '../../shared/contract/records.ts';
import type { Resources } from '../../shared/rights/resources.ts';
import { bundleOf } from '../contracts/destination-adapter.ts';
import { makeTable } from '../fixtures/table.ts';
import { makeChain } from '../fixtures/x509.ts';
import { type AwsWorld, openAws, timelessClock } from '../shared/adapters/aws/world.ts';
import { problemThrown } from '../shared/adapters/local/thrown.ts';
import { fleet, resourcesFor } from '../shared/rights/service.ts';
import { type Gate, iamGate } from './gate.ts';
import { gatedEndpoint } from './gated-endpoint.ts';
import { principalsOf, serviceRoles } from './service-gate.ts';
import { accessKeyOf } from './traffic.ts';

const ACCOUNT = '000000000000';
const ATTEMPT = { fleet: 'acme', issuance: 'iss-1', attempt: 'a-1' };
const AT = '2026-11-24T09:00:00.000Z';
const PLACE = 'secretsmanager/certs/shop';
const nameOf = (arn: string): string => arn.split(/[:/]/).at(-1) ?? '';

let aws: AwsWorld;
let gate: Gate;
let front: Listening;
let resources: Resources;

/** What infra makes, made by an administrator. */
async function deployed(): Promise<Resources> {
  const plain = resourcesFor(fleet);
  const here = (arn: string): string => arn.replace('111111111111', ACCOUNT);
  const [kms, sqs, sm] = [new KMSClient({}), new SQSClient({}), new SecretsManagerClient({})];
  const key = async (): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  await makeTable(new DynamoDBClient({}), nameOf(plain.table));
  await new S3Client({}).send(new CreateBucketCommand({ Bucket: nameOf(plain.bucket) }));
  await new EventBridgeClient({}).send(new CreateEventBusCommand({ Name: nameOf(plain.bus) }));
  for (const arn of Object.values(plain.queues)) await sqs.send(new CreateQueueCommand({ QueueName: nameOf(arn) }));
  for (const Name of ['nolapse/slack', 'nolapse/acme/corp-ca'])
    await sm.send(new CreateSecretCommand({ Name, SecretString: '{"tls.key":"x"}' }));
  const topic = await new SNSClient({}).send(new CreateTopicCommand({ Name: 'nolapse' }));
  const queues = Object.fromEntries(Object.entries(plain.queues).map(([name, arn]) => [name, here(arn)]));
  return {
    ...{ ...plain, account: ACCOUNT, table: here(plain.table), bus: here(plain.bus), queues },
    ...{ topic: topic.TopicArn ?? '', attemptKey: await key(), accountKey: await key() },
  };
}

beforeAll(async () => {
  const zones = fleet.zones.map(({ name, hostedZoneId: id }) => ({ name, id }));
  aws = await openAws({ dynamodb: true, zones });
  resources = await deployed();
  const roles = serviceRoles(resources);
  const { stateKey, topicKey } = resources;
  gate = iamGate({ roles, principals: principalsOf(roles), stateKey, topicKey });
  front = await gatedEndpoint(gate, aws.url);
  vi.stubEnv('AWS_ENDPOINT_URL', front.url);
});
afterAll(async () => {
  await front.close();
  await aws.close();
});

/** Adapters that are made from now on sign as the role. */
const as = (role: string): void => void vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyOf(role));
const records = () => dynamodbRecords({ table: nameOf(resources.table), clock: timelessClock() });
const urlsOf = () =>
  Object.fromEntries(
    Object.entries(resources.queues).map(([name, arn]) => [name, `${front.url}/${ACCOUNT}/${nameOf(arn)}`]),
  );
async function allOf<T>(some: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of some) all.push(one);
  return all;
}
const lost: string[] = [];
const bell = () =>
  sqsBell({ queues: urlsOf(), queueOf: queueOf(fleet.clusters), onLost: (lane) => void lost.push(lane) });
const events = () => eventBridgeEvents({ bus: resources.bus, fleet: 'acme', onLost: () => void lost.push('events') });
const stores = () => secretsManagerDestination({ fleet: 'acme', installation: () => 'c0ffee' });
const issued = { subject: 'fleet/shop', what: 'issued', stage: 'issue', at: AT, detail: {} } as const;
let sealed: string;

test('inventory keeps its rows and snapshots, looks at stores, rings and tells', async () => {
  as('inventory');
  const [store, blobs, bus] = [records(), s3Blobs({ bucket: nameOf(resources.bucket) }), events()];
  await store.put(rows.lane({ lane: 'notify', failures: 0 }, 0));
  const listed = await allOf(store.list('LANE'));
  expect(listed.length).toBe(1);
  expect(await allOf(store.children('SRC#prod-eu'))).toEqual([]);
  expect(await blobs.read('snapshots/prod-eu')).toBeUndefined();
  await blobs.write('snapshots/prod-eu', Buffer.from('{}'));
  expect(await blobs.read('snapshots/prod-eu')).toBeDefined();
  expect(await stores().read(PLACE)).toBeUndefined();
  await bell().ring('issue:fleet/zerossl');
  await bell().ring('deliver:edge');
  bus.put(issued);
  await bus.flush();
  expect(lost).toEqual([]);
});

test('issue seals, signs in, answers challenges in its own account and in another, and reads what issuers name', async () => {
  as('issue');
  sealed = await kmsSeal({ keyId: resources.attemptKey }).seal(Buffer.from('key'), ATTEMPT);
  const account = { fleet: 'acme', account: '5f' };
  const key = await kmsSeal({ keyId: resources.accountKey }).seal(Buffer.from('key'), account);
  expect(await kmsUnseal({ keyId: resources.accountKey }).unseal(key, account)).toBeDefined();
  const zone = route53ChallengeZone({ zones: fleet.zones, clock: timelessClock() });
  for (const { name, hostedZoneId: zoneId } of fleet.zones) {
    const entry = { zoneId, fqdn: `_acme-challenge.shop.${name}`, value: 'abc' };
    const { changeId = '', refused } = await zone.change(zoneId, [entry], []);
    expect(refused).toEqual([]);
    expect(await zone.inSync(zoneId, changeId)).toBe(true);
    expect((await zone.change(zoneId, [entry], [])).refused).toEqual([]);
    expect((await zone.change(zoneId, [], [entry])).refused).toEqual([]);
  }
  const look = route53Look();
  for (const one of fleet.zones) {
    expect((await look.content(one)).name).toBe(one.name);
    await look.mayChange(one, `_acme-challenge.shop.${one.name}`);
  }
  const { readSecret } = secretsManagerReader({ fleet: 'acme' });
  expect(await readSecret({ from: 'fleet', name: 'corp-ca', key: 'tls.key' })).toBeDefined();
});

test('deliver opens what issue sealed and writes it, again with another, and gives it back', async () => {
  as('deliver');
  expect(Buffer.from(await kmsUnseal({ keyId: resources.attemptKey }).unseal(sealed, ATTEMPT)).toString()).toBe('key');
  const destination = stores();
  const first = await destination.write(PLACE, bundleOf(await makeChain()), undefined);
  expect(first.outcome).toBe('written');
  const seen = (await destination.read(PLACE))?.version;
  expect((await destination.write(PLACE, bundleOf(await makeChain()), seen)).outcome).toBe('written');
  const { version = '' } = (await destination.read(PLACE)) ?? {};
  expect(await destination.release(PLACE, version)).toEqual({ outcome: 'released' });
});

test('notify publishes, counts who listens, and reads the webhook', async () => {
  as('notify');
  const { topic: topicArn } = resources;
  const [channel, subscriptions] = [snsChannel({ topicArn }), snsSubscriptions({ topicArn })];
  await channel.send({
    id: '1',
    subject: 'hello',
    text: 'hello',
    parts: [{ lines: ['hello'] }],
    attributes: {},
    data: {},
  });
  expect((await subscriptions.look()).confirmed).toBe(0);
  expect(await secretsManagerReader({ fleet: 'acme' }).readSecretText('nolapse/slack')).toBeDefined();
});

test('wake reads lanes and what is due, and rings', async () => {
  as('wake');
  expect((await allOf(records().children('LANE'))).length).toBe(1);
  expect(await records().dueSince('issue:fleet/zerossl', AT)).toBeUndefined();
  await bell().ring('inventory:edge');
  expect(lost).toEqual([]);
});

test('nothing of this was denied', () => {
  expect(gate.denied).toEqual([]);
});

test.each<[string, string, () => Promise<unknown>, string]>([
  [
    'issue opens no key',
    'issue',
    () => kmsUnseal({ keyId: resources.attemptKey }).unseal(sealed, ATTEMPT),
    'kms:Decrypt',
  ],
  [
    'deliver seals none',
    'deliver',
    () => kmsSeal({ keyId: resources.attemptKey }).seal(Buffer.from('x'), ATTEMPT),
    'kms:GenerateDataKey',
  ],
  ['deliver reads no account', 'deliver', () => records().get(keys.account('https://ca')), 'dynamodb:BatchGetItem'],
  ['wake reads no order', 'wake', () => records().get(keys.issuance('1')), 'dynamodb:BatchGetItem'],
  [
    'wake writes nothing',
    'wake',
    () => records().put(rows.lane({ lane: 'issue:x', failures: 0 }, 0)),
    'dynamodb:PutItem',
  ],
  [
    'inventory reads no key of a private CA',
    'inventory',
    () => secretsManagerReader({ fleet: 'acme' }).readSecret({ from: 'fleet', name: 'corp-ca', key: 'tls.key' }),
    'secretsmanager:GetSecretValue',
  ],
])('%s', async (_, role, attempt, action) => {
  as(role);
  const problem = await problemThrown(attempt);
  expect(problem.fix ?? problem.detail).toContain(action);
  expect(gate.denied.at(-1)).toContain(`nolapse-acme-${role}: ${action} on `);
});
