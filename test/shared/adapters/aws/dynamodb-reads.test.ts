/** Reads that share a request: each key once, each reader its own, nothing older than the question. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dynamodbRecords } from '../../../../shared/adapters/aws/dynamodb-records.ts';
import type { Records, Row } from '../../../../shared/contract/records.ts';
import { makeTable } from '../../../fixtures/table.ts';
import { type AwsWorld, openAws } from './world.ts';

let aws: AwsWorld;
let records: Records & { close(): void };

beforeAll(async () => {
  aws = await openAws({ dynamodb: true });
  const client = new DynamoDBClient({});
  await makeTable(client, 'rows');
  client.destroy();
  records = dynamodbRecords({ table: 'rows' });
});
afterEach(() => aws.mend());
afterAll(async () => {
  records.close();
  await aws.close();
});

const row = (sk: string, body: unknown = { of: sk }): Row<unknown> => ({ pk: 'P', sk, rev: 0, body });

test('what is read at the same moment is asked for together, each key once, and each reader gets its own', async () => {
  await Promise.all(['a', 'b', 'c'].map((sk) => records.put(row(sk))));
  const before = (await aws.requests()).length;
  const read = await Promise.all(['a', 'b', 'gone', 'c', 'a'].map((sk) => records.get(row(sk))));
  expect(read.map((one) => one?.body)).toEqual([{ of: 'a' }, { of: 'b' }, undefined, { of: 'c' }, { of: 'a' }]);
  const asked = (await aws.requests()).slice(before).map(({ kind }) => kind);
  expect(asked).toEqual(['dynamodb BatchGetItem']);
});

test('what is read is as it was written before it was asked for, however many are asked for already', async () => {
  const many = Array.from({ length: 700 }, (_, n) => records.get(row(`other-${n}`)));
  await records.put(row('late', { n: 1 }));
  expect((await records.get(row('late')))?.body).toEqual({ n: 1 });
  expect((await Promise.all(many)).filter((one) => one !== undefined)).toEqual([]);
});

test('what is asked for together fails together, and the next is asked for again', async () => {
  await aws.fault({ kind: 'access-denied', service: 'dynamodb', count: 1 });
  const read = await Promise.allSettled(['a', 'b'].map((sk) => records.get(row(sk))));
  expect(read.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await records.get(row('a'))).toMatchObject({ body: { of: 'a' } });
});
