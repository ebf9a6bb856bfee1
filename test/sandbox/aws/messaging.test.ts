/** SNS and SQS of the part `aws` by the stock SDK. */
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { awsWorld } from './world.ts';

const { settings, url } = awsWorld();
let made = 0;

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
    expect(new URL(QueueUrl).origin).toBe(url());
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

  test('a topic that is not there has no subscriptions to list', async () => {
    const listed = (arn: string) => sns().send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }));
    expect((await listed(TopicArn)).Subscriptions ?? []).toEqual([]);
    await expect(listed(`${TopicArn}-gone`)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

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
