/**
 * Port 11 on SNS: one Publish for all subscribers: text for people, a JSON document for machines, Amazon Q's schema for chats, attributes for
 * filter policies.
 */
import { createHash } from 'node:crypto';
import { type MessageAttributeValue, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Channel, Message } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { awsProblem } from './aws-problem.ts';
import { chatNotification } from './chat-notification.ts';
import { TIME_OUTS } from './time-outs.ts';

/** Of the message with all its texts (SNS quotas: 256 KiB), less what attributes take. */
const MAX_BYTES = 262_144 - 8_192;
const MAX_SUBJECT = 100;
const CUT = '\n… (cut here: the message was too long; nolapse inventory shows the rest)';
/** An attribute's name may not hold anything else. */
const ATTRIBUTE_NAME = /^[A-Za-z0-9_.-]{1,256}$/;

/**
 * The channel `sns` on one topic, in the region that its ARN names. A FIFO topic drops a second copy by the message's id.
 * Throws ProblemError `aws:<ErrorCode>` or `nolapse:unreachable`.
 */
export function snsChannel({ topicArn }: { readonly topicArn: string }): Channel & { close(): void } {
  const [, , , region] = topicArn.split(':');
  const client = new SNSClient({ requestHandler: TIME_OUTS, ...(region ? { region } : {}) });
  return {
    name: 'sns',
    send: async (message) => {
      const { id, attributes } = message;
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: subjectOf(message.subject),
            Message: textsOf(message),
            MessageStructure: 'json',
            MessageAttributes: attributesOf(attributes),
            ...(topicArn.endsWith('.fifo') ? { MessageGroupId: fifoId(id), MessageDeduplicationId: fifoId(id) } : {}),
          }),
        );
      } catch (error) {
        throw new ProblemError(awsProblem(error, `publishing to ${topicArn}`));
      }
    },
    close: () => client.destroy(),
  };
}

/** FIFO topics take 128 characters, no blanks. */
const fifoId = (id: string): string =>
  /^[\x21-\x7e]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex');

/** SNS takes one line of at most 100 printable ASCII characters that begins with a letter, a digit or a mark, and nothing empty. */
export function subjectOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim();
  return plain.length > MAX_SUBJECT ? `${plain.slice(0, MAX_SUBJECT - 3)}...` : plain || 'Nolapse';
}

/**
 * The JSON of MessageStructure=json: each subscriber gets the text of its protocol. Amazon Q subscribes by `https`, and takes nothing but its
 * own schema. Too long: machines lose `data`, people the end.
 */
export function textsOf(message: Message): string {
  const { id, subject, text, data } = message;
  const chat = JSON.stringify(chatNotification(message));
  const told = (people: string, content: object): string => {
    const document = JSON.stringify({ id, subject, text: people, ...content });
    return JSON.stringify({
      default: people,
      email: people,
      sqs: document,
      lambda: document,
      http: document,
      https: chat,
    });
  };
  const whole = told(text, { data });
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  const shortened = (length: number): string =>
    length < text.length ? text.slice(0, length).toWellFormed() + CUT : text;
  const fits = (length: number): boolean => Buffer.byteLength(told(shortened(length), { cut: true })) <= MAX_BYTES;
  return told(shortened(longest(text.length, fits)), { cut: true });
}

/** The greatest length that fits. */
function longest(most: number, fits: (length: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const attributesOf = (attributes: Message['attributes']): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([name, value]) => ATTRIBUTE_NAME.test(name) && value !== '')
      .map(([name, value]) => [
        name,
        { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
      ]),
  );
