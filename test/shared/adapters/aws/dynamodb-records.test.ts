/** What only the DynamoDB table has: an index that lags, answers in parts, rows to forget, tries that were sent twice, and refusals. */
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamodbRecords } from '../../../../shared/adapters/aws/dynamodb-records.ts';
import type { Lane } from '../../../../shared/contract/ids.ts';
import { decided, type Records, type Row } from '../../../../shared/contract/records.ts';
import { makeTable } from '../../../fixtures/table.ts';
import { problemThrown } from '../local/thrown.ts';
import { type AwsWorld, openAws, timelessClock } from './world.ts';

const LANE: Lane = 'issue:fleet/ca';
const NOW = '2026-11-24T09:00:00.000Z';
const NOW_SECONDS = Date.parse(NOW) / 1_000;

let aws: AwsWorld;
let client: DynamoDBClient;
let clock: ReturnType<typeof timelessClock>;
let table: string;
let records: Records & { close(): void };
let tables = 0;

beforeAll(async () => {
  aws = await openAws({ dynamodb: true });
  client = new DynamoDBClient({});
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});
beforeEach(async () => {
  tables += 1;
  table = `rows-${tables}`;
  await makeTable(client, table);
  clock = timelessClock();
  records = dynamodbRecords({ table, clock });
});
afterEach(async () => {
  records.close();
  await aws.mend();
});

const row = (sk: string, more: Partial<Row<unknown>> = {}): Row<unknown> => ({
  ...{ pk: 'P', sk, rev: 0, body: { of: sk } },
  ...more,
});
const due = (sk: string, wakeAt = NOW): Row<unknown> => row(sk, { lane: LANE, wakeAt });
const listed = (sk: string, order: string): Row<unknown> => row(sk, { kind: 'K', order });

async function names(rows: AsyncIterable<Row<unknown>>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { sk } of rows) all.push(sk);
  return all;
}

/** What DynamoDB says to the next request, whatever is asked. */
const answer = (body: object, count?: number) =>
  aws.fault({ kind: 'answer', path: '/', status: 200, body: JSON.stringify(body), ...(count ? { count } : {}) });
const S = (text: string) => ({ S: text });
const hit = (sk: string, more: object) => ({ pk: S('P'), sk: S(sk), ...more });
const dueHit = (sk: string) => hit(sk, { lane: S(LANE), wakeAt: S(NOW) });

describe('an index that lags', () => {
  test('rows that are due no more, not yet, in another lane or gone are passed over', async () => {
    for (const one of [due('due'), row('done'), due('later', '2026-11-24T10:00:00.000Z')]) await records.put(one);
    await records.put(row('elsewhere', { lane: 'notify', wakeAt: NOW }));
    await answer({ Items: ['done', 'gone', 'later', 'elsewhere', 'due'].map(dueHit) }, 1);
    expect((await records.due(LANE, NOW, 10)).map(({ sk }) => sk)).toEqual(['due']);
  });

  test('what was passed over is made up for from the next page', async () => {
    for (const sk of ['a', 'b', 'c']) await records.put(due(sk));
    await answer({ Items: [dueHit('gone')], LastEvaluatedKey: dueHit('a') }, 1);
    expect((await records.due(LANE, NOW, 1)).map(({ sk }) => sk)).toEqual(['b']);
  });

  test('a row that moves while it is read is listed once, as it is now', async () => {
    await records.put(listed('moved', '2'));
    const at = (ord: string) => hit('moved', { kind: S('K'), ord: S(`#${ord}`) });
    await answer({ Items: [at('1'), at('2')] }, 1);
    const rows: Row<unknown>[] = [];
    for await (const one of records.list('K')) rows.push(one);
    expect(rows).toEqual([{ ...listed('moved', '2'), rev: 1 }]);
    await answer({ Items: [at('1')] }, 1);
    expect(await names(records.list('K', { to: '2' }))).toEqual([]);
  });
});

describe('what is listed', () => {
  test('is in the order of its keys where the order is the same, over pages and batches', async () => {
    const sks = Array.from({ length: 130 }, (_, n) => String((n * 37) % 130).padStart(3, '0'));
    await Promise.all(sks.map((sk) => records.put(listed(sk, 'same'))));
    await records.put(listed('first', ''));
    await records.put(listed('last', 'z'));
    expect(await names(records.list('K'))).toEqual(['first', ...sks.toSorted(), 'last']);
  });

  test('is whole when DynamoDB answers in parts', async () => {
    const text = 'x'.repeat(300_000);
    const sks = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const sk of sks) await records.put({ ...listed(sk, sk), body: text });
    const before = (await aws.requests()).length;
    expect(await names(records.list('K'))).toEqual(sks);
    const asked = (await aws.requests()).slice(before).map(({ kind }) => kind);
    expect(asked.filter((kind) => kind === 'dynamodb BatchGetItem').length).toBeGreaterThan(1);
    expect(clock.slept).toEqual([]);
  });

  test('is waited for while DynamoDB answers with nothing, and not for ever', async () => {
    await records.put(listed('a', 'a'));
    const index = { Items: [hit('a', { kind: S('K'), ord: S('#a') })] };
    const nothing = {
      Responses: { [table]: [] },
      UnprocessedKeys: { [table]: { Keys: [hit('a', {})], ConsistentRead: true } },
    };
    await answer(index, 1);
    await answer(nothing, 2);
    expect(await names(records.list('K'))).toEqual(['a']);
    expect(clock.slept).toEqual([50, 100]);
    await answer(index, 1);
    await answer(nothing);
    expect(await problemThrown(() => names(records.list('K')))).toMatchObject({
      type: 'nolapse:state-unreachable',
      retry: 'later',
      detail: expect.stringContaining(table),
    });
  });
});

describe('a row to be forgotten', () => {
  const past = { forgetAt: NOW_SECONDS - 1, lane: LANE, wakeAt: NOW, kind: 'K', order: 'a' };

  test('is not there from its time on, whoever asks, and its key is free', async () => {
    await records.put(row('past', past));
    await records.put(row('to come', { ...past, forgetAt: NOW_SECONDS + 60 }));
    expect(await records.get(row('past'))).toBeUndefined();
    expect(await names(records.children('P'))).toEqual(['to come']);
    expect(await names(records.list('K'))).toEqual(['to come']);
    expect((await records.due(LANE, NOW, 9)).map(({ sk }) => sk)).toEqual(['to come']);
    expect(await records.put(row('past', { body: 'anew' }))).toBe('written');
    expect(await records.get(row('past'))).toMatchObject({ rev: 1, body: 'anew' });
  });

  test('is not written over before its time', async () => {
    await records.put(row('to come', { forgetAt: NOW_SECONDS + 60 }));
    expect(await records.put(row('to come'))).toBe('conflict');
  });
});

describe('a write whose answer was lost', () => {
  const lost = (operation: string) => aws.fault({ kind: 'answer-lost', operation, count: 1 });

  test('is known as its own when it is sent again', async () => {
    await lost('PutItem');
    expect(await records.put(row('new'))).toBe('written');
    await lost('PutItem');
    expect(await records.put(row('new', { rev: 1 }))).toBe('written');
    expect(await records.get(row('new'))).toMatchObject({ rev: 2 });
  });

  test('counts once', async () => {
    await lost('PutItem');
    const count = () =>
      decided<number>(records, { pk: 'P', sk: 'count' }, (found) => ({
        ...{ pk: 'P', sk: 'count', rev: found?.rev ?? 0, body: (found?.body ?? 0) + 1 },
      }));
    await count();
    await count();
    expect(await records.get(row('count'))).toMatchObject({ rev: 2, body: 2 });
  });

  test('is a conflict when another has written meanwhile', async () => {
    await records.put(row('theirs'));
    await aws.fault({ kind: 'down', operation: 'PutItem', count: 1 });
    const other = dynamodbRecords({ table, clock });
    const ours = records.put(row('theirs', { rev: 1, body: 'ours' }));
    expect([await other.put(row('theirs', { rev: 1, body: 'theirs' })), await ours].toSorted()).toEqual([
      'conflict',
      'written',
    ]);
    other.close();
  });
});

describe('what another version or hand has written', () => {
  const put = (item: object) =>
    client.send(new PutItemCommand({ TableName: table, Item: { pk: S('P'), sk: S('odd'), ...item } }));
  const version = (v: number) => ({ v: { N: String(v) }, rev: { N: '1' } });

  test.each([
    [
      'a version two ahead',
      { ...version(3), body: S('{}') },
      'nolapse:state-newer',
      /schema version 3.* takes up to 2/,
    ],
    ['a body that is no JSON', { ...version(1), body: S('{"cut') }, 'nolapse:state-corrupt', /its body is not JSON/],
    ['no body', version(1), 'nolapse:state-corrupt', /its body is not JSON/],
    ['no revision', { v: { N: '1' }, body: S('{}') }, 'nolapse:state-corrupt', /no version or no revision/],
    ['no version', { rev: { N: '1' }, body: S('{}') }, 'nolapse:state-corrupt', /no version or no revision/],
  ])('%s is named by its row and left alone', async (_, item, type, detail) => {
    await put(item);
    for (const read of [() => records.get(row('odd')), () => names(records.children('P'))]) {
      const problem = await problemThrown(read);
      expect(problem).toMatchObject({ type, retry: 'never', detail: expect.stringMatching(detail) });
      expect(problem.detail).toContain(`row P / odd of table ${table}`);
    }
    expect(await records.put(row('odd'))).toBe('conflict');
  });

  test('one version ahead is taken as it is: its number and what we do not know stay, however it was read', async () => {
    const known = { lane: S(LANE), wakeAt: S(NOW), kind: S('K'), ord: S('#1') };
    const item = { ...version(2), ...known, body: S('"theirs"'), colour: S('blue') };
    const reads: readonly (() => Promise<unknown>)[] = [
      () => records.get(row('odd')),
      () => names(records.children('P')),
      () => names(records.list('K')),
      () => records.due(LANE, NOW, 1),
    ];
    for (const read of reads) {
      await put(item);
      await read();
      expect(await records.put(row('odd', { rev: 1, body: 'ours' }))).toBe('written');
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: S('P'), sk: S('odd') }, ConsistentRead: true }),
      );
      expect(Item).toMatchObject({ v: { N: '2' }, rev: { N: '2' }, body: S('"ours"'), colour: S('blue') });
      expect(Item).not.toHaveProperty('wakeAt');
      await records.remove(row('odd'), 2);
    }
  });

  test('a row that we make is of our own version, also where one of the version ahead was', async () => {
    await put({ ...version(2), body: S('"theirs"'), colour: S('blue') });
    expect(await records.get(row('odd'))).toMatchObject({ body: 'theirs' });
    await records.remove(row('odd'), 1);
    await records.put(row('odd'));
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { pk: S('P'), sk: S('odd') } }));
    expect([Item?.v, Item?.colour]).toEqual([{ N: '1' }, undefined]);
  });
});

describe('refusals', () => {
  test('a row over 400 KB is refused and named, and the one before it stays', async () => {
    await records.put(row('large'));
    const problem = await problemThrown(() => records.put(row('large', { rev: 1, body: 'x'.repeat(420_000) })));
    expect(problem).toMatchObject({ type: 'nolapse:state-row-too-large', retry: 'never' });
    expect(problem.detail).toContain('row P / large');
    expect(await records.get(row('large'))).toMatchObject({ rev: 1 });
  });

  const uses: readonly [string, (rows: Records) => unknown][] = [
    ['get', (rows) => rows.get(row('a'))],
    ['put', (rows) => rows.put(row('a'))],
    ['remove', (rows) => rows.remove(row('a'), 1)],
    ['children', (rows) => names(rows.children('P'))],
    ['due', (rows) => rows.due(LANE, NOW, 1)],
    ['list', (rows) => names(rows.list('K'))],
  ];

  test.each(uses)('%s in a table that is not there', async (_, use) => {
    const elsewhere = dynamodbRecords({ table: 'gone', clock });
    expect(await problemThrown(() => use(elsewhere))).toMatchObject({
      type: 'nolapse:state-unwritable',
      retry: 'never',
      detail: expect.stringMatching(/in table gone \(ResourceNotFoundException\)/),
      fix: 'deploy again: this account and region have no table gone',
    });
    elsewhere.close();
  });

  test.each(uses)('%s without the right to it', async (_, use) => {
    await aws.fault({ kind: 'access-denied', service: 'dynamodb' });
    expect(await problemThrown(() => use(records))).toMatchObject({
      type: 'nolapse:state-unwritable',
      retry: 'never',
      fix: expect.stringMatching(/^allow dynamodb:(BatchGetItem|PutItem|DeleteItem|Query) /),
    });
  });

  test('what is throttled, or down for a moment, is tried again', async () => {
    for (const kind of ['throttle', 'down']) await aws.fault({ kind, service: 'dynamodb', count: 1 });
    expect(await records.put(row('patient'))).toBe('written');
  });

  test('what stays down is worth another try later', async () => {
    await aws.fault({ kind: 'unavailable', service: 'dynamodb' });
    expect(await problemThrown(() => records.get(row('a')))).toMatchObject({
      type: 'nolapse:state-unreachable',
      retry: 'later',
      status: 503,
    });
  });
});
