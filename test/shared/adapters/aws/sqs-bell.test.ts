/** What only the queues have: which one a lane is rung in, and rings that reach none. */
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { sqsBell } from '../../../../shared/adapters/aws/sqs-bell.ts';
import type { Lane } from '../../../../shared/contract/ids.ts';
import type { Problem } from '../../../../shared/contract/problem.ts';
import { queueOf } from '../../../../shared/contract/queues.ts';
import { type AwsWorld, openAws } from './world.ts';

const LANE: Lane = 'deliver:edge';

let aws: AwsWorld;
let sqs: SQSClient;
let queues: Readonly<Record<string, string>>;
let bell: ReturnType<typeof sqsBell>;
let lost: { lane: Lane; problem: Problem }[];

beforeAll(async () => {
  aws = await openAws();
  sqs = new SQSClient({});
});
beforeEach(async () => {
  const urlOf = async (QueueName: string) => (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  queues = { deliver: await urlOf('deliver'), 'deliver@vpc': await urlOf('deliver-vpc') };
  lost = [];
  const onLost = (lane: Lane, problem: Problem): void => void lost.push({ lane, problem });
  bell = sqsBell({ queues, queueOf: queueOf([{ name: 'prod', reach: 'vpc' }, { name: 'edge' }]), onLost });
});
afterEach(async () => {
  bell.close();
  await aws.mend();
});
afterAll(async () => {
  sqs.destroy();
  await aws.close();
});

test('a message is the lane and nothing else, in the queue of its function and reach', async () => {
  await bell.ring('deliver:prod');
  const received = async (QueueUrl = '') =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }))).Messages ?? [];
  expect(await received(queues.deliver)).toEqual([]);
  const [message, ...more] = await received(queues['deliver@vpc']);
  expect(more).toEqual([]);
  expect(message).toMatchObject({ Body: 'deliver:prod' });
  expect(message?.MessageAttributes).toBeUndefined();
  expect(lost).toEqual([]);
});

test.each([
  ['denied', { kind: 'access-denied' }, { retry: 'never', fix: expect.stringContaining('sqs:SendMessage') }],
  ['unanswered', { kind: 'down' }, { type: 'nolapse:unreachable', retry: 'later' }],
  ['throttled', { kind: 'throttle' }, { type: 'aws:ThrottlingException', retry: 'later' }],
])('a ring that is %s fails nobody, and is told', async (_, fault, problem) => {
  await aws.fault({ ...fault, service: 'sqs' });
  await bell.ring(LANE);
  expect(lost).toMatchObject([{ lane: LANE, problem }]);
  expect(lost[0]?.problem.detail).toContain(`ringing ${LANE} at ${queues.deliver}`);
});

test('one that fails once is rung again', async () => {
  await aws.fault({ kind: 'unavailable', service: 'sqs', count: 1 });
  await bell.ring(LANE);
  expect(lost).toEqual([]);
});

test('a queue that this function may not ring is told by name', async () => {
  await bell.ring('issue:fleet/ca');
  expect(lost).toMatchObject([
    { lane: 'issue:fleet/ca', problem: { type: 'nolapse:no-queue', detail: expect.stringContaining('queue issue') } },
  ]);
});
