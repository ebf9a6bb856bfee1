/** EventBridge of the part `aws` by the stock SDK. */
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { awsWorld } from './world.ts';

const { settings, url } = awsWorld();

const entry = (more: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  ...{ EventBusName: 'bus', Source: 'test', DetailType: 'Tested', Detail: '{}' },
  ...more,
});
const put = (Entries: PutEventsRequestEntry[]) =>
  new EventBridgeClient(settings()).send(new PutEventsCommand({ Entries }));
const taken = async () => (await (await fetch(`${url()}/_sandbox/events`)).json()) as readonly PutEventsRequestEntry[];

test('events are kept as they were put, in their order', async () => {
  const Details = ['{"n":1}', '{"n":2}'];
  const { FailedEntryCount, Entries } = await put(Details.map((Detail) => entry({ Detail })));
  expect(FailedEntryCount).toBe(0);
  expect(new Set(Entries?.map(({ EventId }) => EventId)).size).toBe(2);
  expect((await taken()).slice(-2)).toEqual(Details.map((Detail) => entry({ Detail })));
});

test('an entry that is none fails by itself', async () => {
  const before = (await taken()).length;
  const { FailedEntryCount, Entries } = await put([
    entry({ Detail: 'no JSON' }),
    entry({ Detail: '[]' }),
    entry(),
    entry({ Source: '' }),
  ]);
  expect(FailedEntryCount).toBe(3);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    ...['MalformedDetail', 'MalformedDetail', undefined, 'InvalidArgument'],
  ]);
  expect(await taken()).toHaveLength(before + 1);
});

test('entries fail on demand', async () => {
  await fetch(`${url()}/_sandbox/faults`, { method: 'POST', body: '{"kind":"failed-entry","count":1}' });
  expect((await put([entry(), entry()])).Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'ThrottlingException',
    undefined,
  ]);
});

test.each([
  ['no entry', [], /between 1 and 10/],
  ['eleven entries', Array(11).fill(entry()), /between 1 and 10/],
  ['more than 256 KB', Array(2).fill(entry({ Detail: JSON.stringify('x'.repeat(131_072)) })), /over the limit/],
])('%s are refused', async (_, entries, message) => {
  await expect(put(entries)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message),
  });
});
