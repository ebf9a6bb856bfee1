/** The confirmed subscriptions of a topic: real ones, those that nobody has confirmed, and more than one page. */
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snsSubscriptions } from '../../../../shared/adapters/aws/sns-subscriptions.ts';
import { type AwsWorld, openAws } from './world.ts';

let aws: AwsWorld;
beforeAll(async () => {
  aws = await openAws();
});
afterAll(() => aws.close());

async function topic(queues: readonly string[]): Promise<string> {
  const [sns, sqs] = [new SNSClient({}), new SQSClient({})];
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'listened' }));
  for (const QueueName of queues) {
    await sqs.send(new CreateQueueCommand({ QueueName }));
    const Endpoint = `arn:aws:sqs:eu-west-1:000000000000:${QueueName}`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  }
  return TopicArn;
}

/** An answer in SNS's own XML. */
const page = (arns: readonly string[], token = ''): string =>
  `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${arns
    .map(
      (arn) =>
        `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>a@example.com</Endpoint></member>`,
    )
    .join(
      '',
    )}</Subscriptions>${token && `<NextToken>${token}</NextToken>`}</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;

async function listeners(topicArn: string) {
  const subscriptions = snsSubscriptions({ topicArn });
  try {
    return await subscriptions.look();
  } finally {
    subscriptions.close();
  }
}

const counted = async (topicArn: string): Promise<number> => (await listeners(topicArn)).confirmed;

describe('subscriptions', () => {
  test('of a topic that nobody listens to are none, and then as many as there are', async () => {
    expect(await counted(await topic([]))).toBe(0);
    expect(await counted(await topic(['one', 'two']))).toBe(2);
  });

  test('are counted over all pages, those that nobody confirmed by where they lead', async () => {
    const arn = (n: number): string => `arn:aws:sns:eu-west-1:000000000000:listened:${n}`;
    const headers = { 'content-type': 'text/xml' };
    const answers = [page([arn(1), 'PendingConfirmation'], 'more'), page(['Deleted', arn(2), arn(3)])];
    for (const body of answers) await aws.fault({ kind: 'answer', path: '/', status: 200, headers, body, count: 1 });
    expect(await listeners('arn:aws:sns:eu-west-1:000000000000:listened')).toEqual({
      confirmed: 3,
      pending: ['email a@example.com'],
    });
  });

  test('that may not be listed are a problem', async () => {
    await aws.fault({ kind: 'access-denied', operation: 'ListSubscriptionsByTopic' });
    await expect(counted('arn:aws:sns:eu-west-1:000000000000:listened')).rejects.toMatchObject({
      problem: { retry: 'never', fix: expect.stringContaining('sns:ListSubscriptionsByTopic') },
    });
    await aws.mend();
  });
});
