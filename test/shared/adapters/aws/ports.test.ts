/** The deployed world's stores under the contracts that every adapter is held to: on the sandbox, and on moto by `npm run test:real`. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { kmsSeal, kmsUnseal } from '../../../../shared/adapters/aws/kms-seal.ts';
import { s3Blobs } from '../../../../shared/adapters/aws/s3-blobs.ts';
import { sqsBell } from '../../../../shared/adapters/aws/sqs-bell.ts';
import type { Lane } from '../../../../shared/contract/ids.ts';
import type { AttemptContext } from '../../../../shared/contract/ports.ts';
import { queueOf } from '../../../../shared/contract/queues.ts';
import { bellContract } from '../../../contracts/bell.ts';
import { blobsContract } from '../../../contracts/blobs.ts';
import { recordsContract } from '../../../contracts/records.ts';
import { sealingContract } from '../../../contracts/sealing.ts';
import { makeTable } from '../../../fixtures/table.ts';
import { openEndpoint } from './world.ts';

let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
beforeAll(async () => {
  endpoint = await openEndpoint();
});
afterAll(() => endpoint.close());

const fresh = (what: string): string => `nolapse-${what}-${randomUUID().slice(0, 8)}`;

recordsContract('DynamoDB', {
  opener: join(import.meta.dirname, 'open-dynamodb.ts'),
  make: async () => {
    const table = fresh('rows');
    const client = new DynamoDBClient({});
    await makeTable(client, table);
    client.destroy();
    return table;
  },
  remove: async (TableName) => {
    const client = new DynamoDBClient({});
    await client.send(new DeleteTableCommand({ TableName }));
    client.destroy();
  },
});

blobsContract('S3', async () => {
  const bucket = fresh('blobs');
  const client = new S3Client({});
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  );
  client.destroy();
  const [blobs, other] = [s3Blobs({ bucket }), s3Blobs({ bucket })];
  const close = async (): Promise<void> => {
    for (const one of [blobs, other]) one.close();
  };
  return { blobs, another: async () => other, close };
});

/** Every message in the queue, taken out of it. */
async function bodiesIn(sqs: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

bellContract('SQS', async () => {
  const sqs = new SQSClient({});
  const queues: Record<string, string> = {};
  for (const name of ['inventory', 'issue', 'deliver', 'notify', 'inventory@vpc', 'deliver@vpc']) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: fresh(name.replace('@', '-')) }));
    queues[name] = QueueUrl;
  }
  const bell = sqsBell({
    queues,
    queueOf: queueOf([{ name: 'prod-eu', reach: 'vpc' }, { name: 'edge' }]),
    onLost: (lane, problem) => {
      throw new Error(`${lane}: ${problem.detail}`);
    },
  });
  const heard = async (): Promise<readonly Lane[]> =>
    (await Promise.all(Object.values(queues).map((url) => bodiesIn(sqs, url)))).flat() as Lane[];
  return {
    bell,
    heard,
    close: async () => {
      bell.close();
      sqs.destroy();
    },
  };
});

sealingContract('KMS', async () => {
  const kms = new KMSClient({});
  const newKey = async (): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  const opened: { close(): void }[] = [];
  const open = async (keyId: string) => {
    const [sealing, unsealing] = [kmsSeal<AttemptContext>({ keyId }), kmsUnseal<AttemptContext>({ keyId })];
    opened.push(sealing, unsealing);
    return { seal: sealing.seal, unseal: unsealing.unseal };
  };
  const keyId = await newKey();
  const close = async (): Promise<void> => {
    for (const one of opened) one.close();
    kms.destroy();
  };
  return { ...(await open(keyId)), reopened: () => open(keyId), stranger: async () => open(await newKey()), close };
});
