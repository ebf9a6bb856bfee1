/** Events for customers: what they hold, how they are batched, and what becomes of those that the bus does not take. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Events, eventBridgeEvents } from '../../../../shared/adapters/aws/eventbridge-events.ts';
import type { Problem } from '../../../../shared/contract/problem.ts';
import type { Happened } from '../../../../shared/contract/rows.ts';
import { type AwsWorld, openAws } from './world.ts';

const AT = '2026-11-24T09:00:00.123Z';
const BUS = 'nolapse-events';

interface Taken {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: number;
}

let aws: AwsWorld;
let events: Events;
let lost: { events: readonly Happened[]; problem: Problem }[];
let before: number;

beforeAll(async () => {
  aws = await openAws();
});
beforeEach(async () => {
  lost = [];
  events = eventBridgeEvents({
    bus: BUS,
    fleet: 'acme',
    onLost: (some, problem) => lost.push({ events: some, problem }),
  });
  before = (await all()).length;
});
afterEach(async () => {
  events.close();
  await aws.mend();
});
afterAll(() => aws.close());

const all = async () => (await (await fetch(`${aws.url}/_sandbox/events`)).json()) as readonly Taken[];
const taken = async () => (await all()).slice(before);
const details = async () => (await taken()).map(({ Detail }) => JSON.parse(Detail) as Record<string, string>);
const puts = async () => (await aws.requests()).filter(({ kind }) => kind === 'events PutEvents').length;

const happened = (what: string, more: Partial<Happened> = {}): Happened => ({
  ...{ subject: 'prod/shop/tls', what, stage: 'issue', at: AT, detail: {} },
  ...more,
});
const issued = (n: number, padding = ''): Happened =>
  happened('issued', { detail: { serial: String(n), notAfter: padding } });

describe('an event', () => {
  test('says where it is from, what it is, of what and when', async () => {
    events.put(happened('issued', { detail: { serial: '0a', notAfter: AT } }));
    await events.flush();
    const [event] = await taken();
    expect(event).toMatchObject({ EventBusName: BUS, Source: 'nolapse', DetailType: 'Certificate Issued' });
    expect(event?.Time).toBe(Date.parse(AT) / 1_000);
    expect(await details()).toEqual([
      {
        ...{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), fleet: 'acme', certificate: 'prod/shop/tls', at: AT },
        ...{ serial: '0a', notAfter: AT },
      },
    ]);
  });

  test.each([
    ['delivered', 'Certificate Delivered', { place: 'prod/shop/tls', outcome: 'written', serial: '0a' }],
    [
      'attempt-failed',
      'Certificate Failed',
      { place: 'p', stage: 'deliver', type: 't', problem: 'it failed', tried: '3', nextAttemptAt: AT },
    ],
  ])('%s is a %s', async (what, detailType, detail) => {
    events.put(happened(what, { detail }));
    await events.flush();
    expect((await taken())[0]?.DetailType).toBe(detailType);
    expect((await details())[0]).toMatchObject({ certificate: 'prod/shop/tls', ...detail });
  });

  test('of a source names the source', async () => {
    events.put(happened('source-down', { subject: 'inventory:prod', detail: { type: 't', problem: 'p' } }));
    await events.flush();
    expect((await taken())[0]?.DetailType).toBe('Source Down');
    expect((await details())[0]).toMatchObject({ source: 'prod', type: 't', problem: 'p' });
  });

  test('holds what is listed for its kind, and no key that a text brought along', async () => {
    const pem = '-----BEGIN EC PRIVATE KEY-----\nMHcC';
    const problem = `refused: ${pem}`;
    const encoded = Buffer.from(`x ${pem}`).toString('base64');
    events.put(happened('issued', { detail: { serial: encoded, notAfter: AT, sealedKey: 'v1.x', token: 'secret' } }));
    events.put(happened('attempt-failed', { detail: { problem, type: 'x'.repeat(5_000) } }));
    await events.flush();
    const [first, second] = await details();
    expect(Object.keys(first ?? {})).toEqual(['id', 'fleet', 'certificate', 'at', 'serial', 'notAfter']);
    expect([first?.serial, second?.problem]).toEqual(Array(2).fill('not shown, it may hold a key'));
    expect(second?.type).toHaveLength(1_000);
    expect(JSON.stringify(await taken())).not.toMatch(/MHcC|sealedKey|token/);
  });

  test.each(['order-created', 'inventory-done', 'message-sent'])('%s is nothing customers hear of', async (what) => {
    const asked = await puts();
    events.put(happened(what));
    await events.flush();
    expect(await puts()).toBe(asked);
  });
});

describe('batches', () => {
  test('are of ten, in order, and sent as soon as they are full', async () => {
    const asked = await puts();
    for (let n = 0; n < 23; n += 1) events.put(issued(n));
    await expect.poll(async () => (await taken()).length).toBe(20);
    await events.flush();
    expect((await details()).map(({ serial }) => Number(serial))).toEqual([...Array(23).keys()]);
    expect((await puts()) - asked).toBe(3);
    await events.flush();
    expect((await puts()) - asked).toBe(3);
    expect(lost).toEqual([]);
  });

  test('hold no more bytes than EventBridge takes', async () => {
    const detail = Object.fromEntries(
      ['place', 'stage', 'type', 'problem', 'tried', 'nextAttemptAt'].map((name) => [name, '雪'.repeat(1_000)]),
    );
    const subject = '雪'.repeat(4_000);
    for (let n = 0; n < 10; n += 1) events.put(happened('attempt-failed', { subject, detail }));
    await events.flush();
    expect(lost).toEqual([]);
    expect(await taken()).toHaveLength(10);
  });
});

describe('events that the bus does not take', () => {
  test('are put once more, and only they', async () => {
    await aws.fault({ kind: 'failed-entry', count: 2 });
    for (let n = 0; n < 4; n += 1) events.put(issued(n));
    await events.flush();
    expect((await details()).map(({ serial }) => serial)).toEqual(['2', '3', '0', '1']);
    expect(lost).toEqual([]);
  });

  test('are told when they are not taken again', async () => {
    await aws.fault({ kind: 'failed-entry', count: 3 });
    for (let n = 0; n < 2; n += 1) events.put(issued(n));
    await events.flush();
    expect((await details()).map(({ serial }) => serial)).toEqual(['1']);
    expect(lost).toMatchObject([{ events: [issued(0)], problem: { type: 'aws:ThrottlingException', retry: 'later' } }]);
    expect(lost[0]?.problem.detail).toContain(BUS);
  });

  test.each([
    ['denied', { kind: 'access-denied' }, { retry: 'never', fix: expect.stringContaining('allow events:PutEvents') }],
    ['down', { kind: 'down' }, { type: 'nolapse:unreachable', retry: 'later' }],
  ])('are told when the bus is %s, and those after them go out', async (_, fault, problem) => {
    await aws.fault({ ...fault, service: 'events' });
    events.put(issued(0));
    await events.flush();
    expect(lost).toMatchObject([{ events: [issued(0)], problem }]);
    await aws.mend();
    events.put(issued(1));
    await events.flush();
    expect((await details()).map(({ serial }) => serial)).toEqual(['1']);
  });
});
