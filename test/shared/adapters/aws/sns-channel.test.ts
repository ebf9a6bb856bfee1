/** SNS as a channel: the contract through a queue, what machines get, and what is made of texts that SNS would not take. */
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snsChannel, subjectOf, textsOf } from '../../../../shared/adapters/aws/sns-channel.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { channelContract, makeMessage } from '../../../contracts/channel.ts';
import { type AwsWorld, openAws } from './world.ts';

/** What SNS puts around a message for a queue. */
interface Envelope {
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, unknown>>;
}

let clients: { sns: SNSClient; sqs: SQSClient };

async function subscribedTopic(name: string, attributes: Record<string, string> = {}) {
  const { sns, sqs } = clients;
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const Endpoint = `arn:aws:sqs:eu-west-1:000000000000:${name}`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: attributes }));
  const received = async (): Promise<readonly Envelope[]> => {
    const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body = '' }) => JSON.parse(Body));
  };
  return { topicArn: TopicArn, received };
}

const openClients = () => {
  clients = { sns: new SNSClient({}), sqs: new SQSClient({}) };
};

channelContract('SNS', async () => {
  const aws = await openAws();
  openClients();
  const { topicArn, received } = await subscribedTopic('contract');
  const channel = snsChannel({ topicArn });
  return {
    channel,
    received: async () =>
      (await received()).map(({ Subject, Message }) => ({ subject: Subject, text: JSON.parse(Message).text })),
    turnAway: (isTurnedAway) =>
      isTurnedAway ? aws.fault({ kind: 'access-denied', operation: 'Publish' }) : aws.mend(),
    close: async () => {
      channel.close();
      await aws.close();
    },
  };
});

describe('SNS', () => {
  let aws: AwsWorld;
  beforeAll(async () => {
    aws = await openAws();
    openClients();
  });
  afterAll(() => aws.close());

  test('a queue gets the message as a document, and attributes to filter by', async () => {
    const FilterPolicy = JSON.stringify({ severity: ['high'], findings: [{ numeric: ['<', 5] }] });
    const { topicArn, received } = await subscribedTopic('filtered', { FilterPolicy });
    const channel = snsChannel({ topicArn });
    await channel.send(makeMessage({ id: 'low', attributes: { severity: 'info', findings: 1 } }));
    await channel.send(makeMessage({ id: 'many', attributes: { severity: 'high', findings: 9 } }));
    await channel.send(
      makeMessage({ id: 'meant', attributes: { severity: 'high', findings: 1, 'not allowed!': 'x', empty: '' } }),
    );
    channel.close();
    const [envelope, ...more] = await received();
    expect(more).toEqual([]);
    const { subject, text, data } = makeMessage();
    expect(JSON.parse(envelope?.Message ?? '')).toEqual({ id: 'meant', subject, text, data });
    expect(envelope?.MessageAttributes).toEqual({
      severity: { Type: 'String', Value: 'high' },
      findings: { Type: 'Number', Value: '1' },
    });
  });

  test('a topic that is gone, and one that may not be published to', async () => {
    const channel = snsChannel({ topicArn: 'arn:aws:sns:eu-west-1:000000000000:gone' });
    const problem = async () => {
      const error = await channel.send(makeMessage()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProblemError);
      return (error as ProblemError).problem;
    };
    expect(await problem()).toMatchObject({ retry: 'never', status: 404 });
    await aws.fault({ kind: 'access-denied', operation: 'Publish' });
    expect(await problem()).toMatchObject({ retry: 'never', fix: expect.stringContaining('sns:Publish') });
    await aws.mend();
    await aws.fault({ kind: 'unavailable', operation: 'Publish' });
    expect(await problem()).toMatchObject({ retry: 'later', status: 503 });
    await aws.mend();
    channel.close();
  });
});

describe('the texts', () => {
  test.each([
    ['Zwölf Zertifikate', 'Zwolf Zertifikate'],
    ['a\r\nBcc: b', 'a Bcc: b'],
    ['\u0000\u001b[31m', '[31m'],
    ['✓', '?'],
    ['', 'Nolapse'],
    ['x'.repeat(101), `${'x'.repeat(97)}...`],
  ])('subject %j becomes %j', (text, subject) => {
    expect(subjectOf(text)).toBe(subject);
  });

  test('what is too long for SNS loses its data, then the end of its text, and says so', () => {
    const bytes = (texts: string) => Buffer.byteLength(texts);
    const withData = textsOf(makeMessage({ data: 'x'.repeat(300_000) }));
    expect(bytes(withData)).toBeLessThan(262_144);
    expect(JSON.parse(withData).default).toBe(makeMessage().text);
    expect(JSON.parse(JSON.parse(withData).sqs)).toMatchObject({ cut: true, text: makeMessage().text });
    const long = textsOf(makeMessage({ text: '"😀'.repeat(100_000) }));
    expect(bytes(long)).toBeLessThan(262_144);
    expect(bytes(long)).toBeGreaterThan(200_000);
    expect(JSON.parse(long).email).toMatch(/^"😀.*… \(cut here/s);
  });
});
