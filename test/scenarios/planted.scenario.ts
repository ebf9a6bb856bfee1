/** The search for keys finds one wherever it is planted, in the places of a command and in those of a service. */
import { createPrivateKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DeployedService } from '../lambda/service.ts';
import { contextClient } from './harness/context-client.ts';
import { writeFleet } from './harness/fleet-file.ts';
import { leaksIn, registeredKey, tracesOfMessages, tracesOfRequests } from './harness/leaks.ts';
import { scenario } from './harness/scenario.ts';
import { serviceOf } from './harness/service-world.ts';
import { selfSignedPair, tlsSecret } from './harness/tls-secrets.ts';

const NAMESPACE = 'shop';
const at = (name: string) => ({ namespace: NAMESPACE, name });

scenario(
  'a key that does leave is found in a file, a message and a request',
  {
    needs: ['one-process'],
    because: 'it is planted in the folder of a state; the next scenario has the places of a service',
  },
  async (world, check) => {
    const { certPem, keyPem } = await selfSignedPair([`planted.${world.zone.name}`]);
    const planted = [registeredKey('planted', keyPem, true)];
    const [{ admin, context }] = world.clusters;
    await admin.namespace(NAMESPACE);
    const ask = await contextClient(world.kubeconfigPath);
    const path = `/api/v1/namespaces/${NAMESPACE}/secrets`;
    const secret = tlsSecret(at('planted'), { certPem, keyPem });
    await ask(context, { method: 'POST', path, body: secret });
    check.deepEqual(leaksIn(tracesOfRequests(world.recorder.seen()), planted), [], 'the write that carries it');
    const mark = world.recorder.mark();
    await ask(context, {
      method: 'POST',
      path,
      body: { ...secret, metadata: { ...at('again'), annotations: { a: keyPem } } },
    });
    check.ok(leaksIn(tracesOfRequests(world.recorder.seen(mark)), planted).length > 0, 'an annotation that holds it');
    const sns = new SNSClient({
      endpoint: world.awsEnv.AWS_ENDPOINT_URL ?? '',
      region: world.awsEnv.AWS_REGION ?? '',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await sns.send(new PublishCommand({ TopicArn: world.queue.topicArn, Message: keyPem }));
    check.ok(
      leaksIn(tracesOfMessages(await world.queue.receive()), planted).includes('message 0: planted as JSON-escaped'),
      'a message',
    );
    await writeFile(join(world.folder, 'state'), Buffer.from(keyPem).toString('base64'));
    check.ok(leaksIn(await world.traces(), planted).includes('file state: planted as base64'), 'a file');
  },
);

const PERSON = { accessKeyId: 'nolapse', secretAccessKey: 'nolapse' };

/** What functions are told by hand comes into rows, logs, answers and errors; the rest is written as they would write it. */
async function plant(service: DeployedService, { region, text }: { readonly region: string; readonly text: string }) {
  const { host, functions, deployed, url } = service;
  const settings = { endpoint: url, region, credentials: PERSON };
  const { queues, bucket, bus } = deployed();
  // a reason is no longer than 200 characters
  const { d = '' } = createPrivateKey(text).export({ format: 'jwk' });
  await host.invoke(functions().notify, { pause: 'notify', for: '1h', because: d });
  await host.invoke(functions().notify, { renew: text });
  await new SQSClient(settings).send(new SendMessageCommand({ QueueUrl: queues.notify ?? '', MessageBody: text }));
  await new S3Client(settings).send(new PutObjectCommand({ Bucket: bucket, Key: 'snapshots/x', Body: text }));
  const Entries = [{ EventBusName: bus, Source: 'nolapse', DetailType: 'x', Detail: JSON.stringify({ text }) }];
  await new EventBridgeClient(settings).send(new PutEventsCommand({ Entries }));
}

/** Where a key was planted, each at least once. */
const PLANTED = [
  'dynamodb DynamoDB_20120810.PutItem',
  'events AWSEvents.PutEvents',
  's3 PUT',
  'sqs AmazonSQS.SendMessage',
  'the logs of the functions',
  'what a function answered',
  'what a function failed',
];

scenario(
  'a key that leaves a service is found wherever it leaves anything',
  { needs: ['schedule'] },
  async (opened, check) => {
    const world = serviceOf(opened);
    await world.deploy(await writeFleet(world));
    const { keyPem } = await selfSignedPair(['planted']);
    const registered = [registeredKey('planted', keyPem)];
    check.deepEqual(leaksIn(await world.traces(), registered), [], 'leaks before it is planted');
    await plant(world.service, { region: world.awsEnv.AWS_REGION ?? '', text: keyPem });
    const found = leaksIn(await world.traces(), registered).map((leak) => leak.replace(/( by \S+)?: .*/, ''));
    check.deepEqual([...new Set(found)].sort(), PLANTED, 'where it is found');
  },
);
