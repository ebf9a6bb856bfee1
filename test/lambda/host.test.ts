/** The host keeps Lambda's promises: cold starts, reuse, freezing, time-outs, ends in mid-event, and what queues do then. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecutionEnvironment } from './execution-environment.ts';
import { type Host, startHost } from './host.ts';

const HANDLER = `
  let count = 0;
  let ticks = 0;
  setInterval(() => { ticks += 1; }, 5);
  export const handler = async (event, context) => {
    count += 1;
    if (event.throw) throw new TypeError(event.throw);
    if (event.exit) process.exit(event.exit);
    if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
    if (event.Records) console.log('got ' + event.Records[0].body);
    if (event.Records?.[0].body === 'poison') throw new Error('poison');
    return { count, ticks, pid: process.pid, greeting: process.env.GREETING, left: context.getRemainingTimeInMillis() };
  };`;

let folder: string;
let sqs: SQSClient;
let client: () => SQSClient;
let stopQueues: () => Promise<void>;
const lines: string[] = [];
const settings = (more: object = {}) => ({
  ...{ name: 'one', file: join(folder, 'handler.mjs'), variables: { GREETING: 'hello' }, timeoutMs: 5_000 },
  ...{ log: (line: string) => void lines.push(line), queues: [] as string[], concurrency: 2, ...more },
});

async function hosting(more: object = {}): Promise<Host> {
  const host = startHost(client);
  await host.replace([settings(more)]);
  host.listen(true);
  return host;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-host-'));
  await writeFile(join(folder, 'handler.mjs'), HANDLER);
  await writeFile(join(folder, 'broken.mjs'), `throw new RangeError('no environment');`);
  const queues = await startFauxqs({ port: 0, logger: false });
  stopQueues = () => queues.stop();
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  client = () => new SQSClient({ endpoint: `http://127.0.0.1:${queues.port}`, region: 'eu-west-1', credentials });
  sqs = client();
});
afterAll(async () => {
  sqs.destroy();
  await stopQueues();
  await rm(folder, { recursive: true, force: true });
});

test('one environment answers one event after the other, and its time stands still in between', async () => {
  const host = await hosting();
  const ticksOf = (one: unknown): number => (one as { payload: { ticks: number } }).payload.ticks;
  const first = await host.invoke('one', {});
  expect(first).toMatchObject({ is: 'answered', payload: { count: 1, greeting: 'hello' } });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const second = await host.invoke('one', {});
  expect(second).toMatchObject({ is: 'answered', payload: { count: 2 } });
  // 400 where time goes on; the second event itself takes some of it on a slow machine
  expect(ticksOf(second) - ticksOf(first)).toBeLessThan(200);
  expect(host.coldStarts('one')).toHaveLength(1);
  await host.close();
});

test('two events at once have an environment each', async () => {
  const host = await hosting();
  const both = await Promise.all([host.invoke('one', { sleep: 50 }), host.invoke('one', { sleep: 50 })]);
  expect(both).toMatchObject([{ payload: { count: 1 } }, { payload: { count: 1 } }]);
  expect(host.environments('one')).toHaveLength(2);
  await host.close();
});

test('an error of the handler is told, and the environment goes on; an end or a time-out ends it', async () => {
  const host = await hosting({ timeoutMs: 3_000 });
  const failed = (errorType: string, errorMessage: string) => ({ is: 'failed', error: { errorType, errorMessage } });
  expect(await host.invoke('one', { throw: 'no' })).toMatchObject(failed('TypeError', 'no'));
  expect(await host.invoke('one', {})).toMatchObject({ payload: { count: 2 } });
  expect(await host.invoke('one', { exit: 3 })).toMatchObject(failed('Runtime.ExitError', 'Runtime exited with 3'));
  expect(await host.invoke('one', { sleep: 60_000 })).toMatchObject(
    failed('Sandbox.Timedout', 'Task timed out after 3 seconds'),
  );
  expect(await host.invoke('one', {})).toMatchObject({ payload: { count: 1 } });
  await host.close();
});

test('a module that throws is an error of the start', async () => {
  await expect(ExecutionEnvironment.start(settings({ file: join(folder, 'broken.mjs') }))).rejects.toThrow(
    'RangeError: no environment',
  );
});

test('messages are handed over, removed when they were answered, and kept when not; some twice, some never', async () => {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'lanes', Attributes: { VisibilityTimeout: '60' } }),
  );
  lines.length = 0;
  const host = await hosting({ queues: [QueueUrl] });
  host.disturb({ twice: (lane) => lane === 'doubled', lost: (lane) => lane === 'lost' });
  for (const MessageBody of ['plain', 'doubled', 'lost', 'poison'])
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const kept = async () =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;
  await expect
    .poll(
      async () => {
        const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: hidden } =
          (await kept()) ?? {};
        return [waiting, hidden];
      },
      { timeout: 10_000 },
    )
    .toEqual(['0', '1']);
  const got = () => lines.filter((line) => line.startsWith('got')).toSorted();
  await expect.poll(got).toEqual(['got doubled', 'got doubled', 'got plain', 'got poison']);
  await expect.poll(() => lines.some((line) => /ERROR Invoke Error .*"poison"/.test(line))).toBe(true);
  await host.close();
});
