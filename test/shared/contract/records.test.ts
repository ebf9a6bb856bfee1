/** Read, decide, write by compare-and-set: on a conflict everything is decided again, on what is there by then. */
import { expect, test } from 'vitest';
import { decided, type Key, type Records, type Row } from '../../../shared/contract/records.ts';
import { openRecords } from '../stages/issue/scripted.ts';

interface Count {
  readonly count: number;
}
const KEY: Key<Count> = { pk: 'P', sk: 'S' };
const counted = (row: Row<Count> | undefined): Row<Count> => ({
  ...KEY,
  rev: row?.rev ?? 0,
  body: { count: (row?.body.count ?? 0) + 1 },
});

test('creates, replaces, and answers with what is stored', async () => {
  const records = openRecords();
  expect(await decided(records, KEY, counted)).toEqual({ ...KEY, rev: 1, body: { count: 1 } });
  expect(await decided(records, KEY, counted)).toEqual({ ...KEY, rev: 2, body: { count: 2 } });
  expect(await records.get(KEY)).toMatchObject({ rev: 2, body: { count: 2 } });
});

test('of many at once none is lost', async () => {
  const records = openRecords();
  await Promise.all(Array.from({ length: 25 }, () => decided(records, KEY, counted)));
  expect((await records.get(KEY))?.body.count).toBe(25);
});

test('a conflict is decided anew on the row as it is then', async () => {
  const records = openRecords();
  await decided(records, KEY, counted);
  const seen: (number | undefined)[] = [];
  let isFirst = true;
  const late: Pick<Records, 'get' | 'put'> = {
    get: (key) => records.get(key),
    put: async (row) => {
      if (isFirst) await decided(records, KEY, counted);
      isFirst = false;
      return records.put(row);
    },
  };
  const row = await decided(late as Records, KEY, (one) => {
    seen.push(one?.rev);
    return counted(one);
  });
  expect([seen, row?.body.count]).toEqual([[1, 2], 3]);
});

test('left as it is: nothing is written, and the row itself is the answer', async () => {
  const records = openRecords();
  expect(await decided(records, KEY, () => undefined)).toBeUndefined();
  await decided(records, KEY, counted);
  expect(await decided(records, KEY, () => undefined)).toMatchObject({ rev: 1 });
});

test('a decision that throws writes nothing', async () => {
  const records = openRecords();
  const fails = () => {
    throw new Error('no');
  };
  await expect(decided(records, KEY, fails)).rejects.toThrow('no');
  expect(await records.get(KEY)).toBeUndefined();
});
