/** The demo's world while it runs: the sandbox with its objects, a topic with a queue that listens, and what its servers recorded. */
import * as http from 'node:http';
import * as https from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Seen } from '../../sandbox/control.ts';
import { REGION, type Sandbox, startSandbox } from '../../sandbox/start.ts';
import type { Cast } from './cast.ts';
import { objectsOf } from './objects.ts';

const INSYNC = { minMs: 1_000, maxMs: 2_500 };

export interface Message {
  readonly subject: string;
}

export interface World {
  readonly sandbox: Sandbox;
  readonly topicArn: string;
  /** What the subscribed queue received since it was last asked. */
  messages(): Promise<readonly Message[]>;
  /** The requests that a part has seen: `ca`, `aws`, `dns` or a cluster's name. */
  requests(part: string): Promise<readonly Seen[]>;
  /** The whole zone; equal text for equal zones. */
  zone(): Promise<string>;
  /** `tls.crt` and `tls.key` of a Secret, read as its cluster's administrator; undefined = there is none. */
  secret(cluster: string, namespace: string, name: string): Promise<Held | undefined>;
  /** The certificate and key of a document in Secrets Manager; undefined = there is none. */
  secretsManager(name: string): Promise<Held | undefined>;
  breakDns(): Promise<void>;
  close(): Promise<void>;
}

/** PEMs. */
export interface Held {
  readonly certificate: string;
  readonly key: string;
}

interface Asking {
  readonly method?: string;
  readonly ca?: string;
  readonly token?: string;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly body: string;
}

function ask(url: string, { method = 'GET', ca, token, body }: Asking = {}): Promise<Answered> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const options = { method, headers, agent: false as const, ...(ca === undefined ? {} : { ca }) };
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Part {
  readonly origin: string;
  readonly ca?: string;
}

function partOf({ directory, acmeCaPem, awsUrl, route53Url, clusters }: Sandbox, name: string): Part {
  if (name === 'ca') return { origin: new URL(directory).origin, ca: acmeCaPem };
  if (name === 'aws') return { origin: awsUrl };
  if (name === 'dns') return { origin: route53Url };
  const cluster = clusters.find((one) => one.name === name);
  if (!cluster) throw new TypeError(`part ${name}: there is none`);
  return { origin: cluster.server, ca: cluster.caPem };
}

async function read(sandbox: Sandbox, part: string, path: string): Promise<string> {
  const { origin, ca } = partOf(sandbox, part);
  return (await ask(`${origin}${path}`, ca === undefined ? {} : { ca })).body;
}

async function readSecret(sandbox: Sandbox, cluster: string, path: string): Promise<Held | undefined> {
  const found = sandbox.clusters.find(({ name }) => name === cluster);
  if (!found) return undefined;
  const { status, body } = await ask(`${found.server}${path}`, { ca: found.caPem, token: found.adminToken });
  if (status !== 200) return undefined;
  const { data } = JSON.parse(body) as { readonly data: Readonly<Record<string, string>> };
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  return { certificate: text('tls.crt'), key: text('tls.key') };
}

const clientOptions = ({ awsUrl }: Sandbox) => ({
  endpoint: awsUrl,
  region: REGION,
  credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
});

async function readValue(sandbox: Sandbox, SecretId: string): Promise<Held | undefined> {
  const client = new SecretsManagerClient(clientOptions(sandbox));
  try {
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId }));
    const document = JSON.parse(SecretString) as Readonly<Record<string, string>>;
    return { certificate: document['tls.crt'] ?? '', key: document['tls.key'] ?? '' };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** A topic and a queue subscribed to it, as a team's own tools would listen. */
async function listening(sandbox: Sandbox) {
  const sns = new SNSClient(clientOptions(sandbox));
  const sqs = new SQSClient(clientOptions(sandbox));
  const [{ TopicArn = '' }, { QueueUrl = '' }] = await Promise.all([
    sns.send(new CreateTopicCommand({ Name: 'nolapse' })),
    sqs.send(new CreateQueueCommand({ QueueName: 'on-call' })),
  ]);
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await sqs.send(asked);
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
  return { topicArn: TopicArn, messages: () => received(sqs, QueueUrl) };
}

async function received(sqs: SQSClient, QueueUrl: string): Promise<readonly Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return all;
    for (const { Body = '{}' } of Messages) {
      const { Subject = '' } = JSON.parse(Body) as { readonly Subject?: string };
      all.push({ subject: Subject });
    }
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Starts it; `command` runs a part of the sandbox. Whoever starts it closes it. */
export async function startWorld(
  cast: Cast,
  { now, command }: { readonly now: Date; readonly command: readonly string[] },
): Promise<World> {
  const objects = await objectsOf(cast, now);
  const sandbox = await startSandbox({
    zones: [cast.zone],
    clusters: cast.clusters.map((name, i) => ({ name, certManagerCrds: true, objects: objects[i] ?? [] })),
    insync: INSYNC,
    command,
  });
  try {
    return {
      sandbox,
      ...(await listening(sandbox)),
      requests: async (part) => JSON.parse(await read(sandbox, part, '/_sandbox/requests')) as readonly Seen[],
      zone: () => read(sandbox, 'dns', `/_sandbox/zone/${cast.zone.id}`),
      secret: (cluster, namespace, name) =>
        readSecret(sandbox, cluster, `/api/v1/namespaces/${namespace}/secrets/${name}`),
      secretsManager: (name) => readValue(sandbox, name),
      breakDns: async () => {
        await ask(`${sandbox.route53Url}/_sandbox/faults`, { method: 'POST', body: '{"kind":"dns-down"}' });
      },
      close: () => sandbox.close(),
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
