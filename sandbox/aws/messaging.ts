/** SNS, SQS and S3 by fauxqs, with what it leaves out: the text per protocol, subjects that SNS refuses, topics that are not there. */
import { buildApp } from 'fauxqs';
import type { Answer, Asked } from '../listen.ts';
import { AwsError } from './refusal.ts';
import type { AwsRequest } from './request.ts';

const MAX_SUBJECT = 100;

const invalidParameter = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

/** The text for queues, which are the only subscribers there are. */
function textForQueues(message: string): string {
  const structure = 'Message Structure -';
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidParameter(`${structure} JSON message body failed to parse`);
    throw error;
  }
  const { default: fallback, sqs = fallback } = (texts ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof fallback !== 'string') throw invalidParameter(`${structure} No default entry in JSON message body`);
  return typeof sqs === 'string' ? sqs : fallback;
}

/** The form of a Publish as fauxqs understands it. Throws what SNS says to one that is none. */
export function settledPublish(form: URLSearchParams): URLSearchParams {
  const settled = new URLSearchParams(form);
  const subject = form.get('Subject');
  // one line of printable text
  if (subject !== null && (subject.length > MAX_SUBJECT || !/^[^\p{Cc}]+$/u.test(subject)))
    throw invalidParameter('Subject');
  if (form.get('MessageStructure') !== 'json') return settled;
  settled.delete('MessageStructure');
  settled.set('Message', textForQueues(form.get('Message') ?? ''));
  return settled;
}

/** Queues are where the client found this server, not at a name that only some resolvers know. */
const reachable = (operation: string, body: string, origin: string): string =>
  /Queue(s|Url)?$/.test(operation) ? body.replaceAll(/http:\/\/sqs\.[\w-]+\.localhost(:\d+)?/g, origin) : body;

/** What is asked in place of a request, to see whether its topic is there: fauxqs lists the subscriptions of any. */
function topicQuestion(operation: string, body: Buffer): string | undefined {
  if (operation !== 'ListSubscriptionsByTopic') return undefined;
  const form = new URLSearchParams(body.toString());
  form.set('Action', 'GetTopicAttributes');
  return form.toString();
}

export interface Messaging {
  perform(request: AwsRequest, asked: Asked): Promise<Answer>;
  close(): Promise<void>;
}

export async function startMessaging(): Promise<Messaging> {
  const app = buildApp({ logger: false });
  await app.ready();
  return {
    perform: async ({ service, operation }, { method, path, query, headers, body, origin }) => {
      const isPublish = operation === 'Publish';
      const payload = isPublish ? settledPublish(new URLSearchParams(body.toString())).toString() : body;
      const { 'content-length': _, 'transfer-encoding': __, ...passed } = headers;
      const url = query.size > 0 ? `${path}?${query}` : path;
      const send = (content: string | Buffer) =>
        app.inject({ method: method as 'POST', url, headers: passed, payload: content });
      const question = service === 'sns' ? topicQuestion(operation, body) : undefined;
      const refusal = question === undefined ? undefined : await send(question);
      const answer = refusal && refusal.statusCode >= 400 ? refusal : await send(payload);
      const answered = Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined || name === 'content-length' ? [] : [[name, String(value)] as const],
      );
      return {
        status: answer.statusCode,
        headers: Object.fromEntries(answered),
        body: service === 's3' ? answer.rawPayload : reachable(operation, answer.body, origin),
      };
    },
    close: async () => {
      await app.close();
    },
  };
}
