/** Rows over others: a store like every other for whoever writes into it, and not there for anybody else. */
import { expect, test } from 'vitest';
import { keys, type Row, rows } from '../../../shared/contract/records.ts';
import type { TxtEntry } from '../../../shared/contract/rows.ts';
import { scratchRecords } from '../../../shared/lanes/scratch-records.ts';
import { at, MINUTE, openRecords, START } from '../stages/issue/scripted.ts';
import { ISSUER, LANE } from './issue-world.ts';

const row = (sk: string, more: Partial<Row<unknown>> = {}): Row<unknown> => ({
  ...{ pk: 'SRC#prod', sk, rev: 0, body: {} },
  ...more,
});
const due = { lane: LANE, wakeAt: at(0) } as const;
async function gathered<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}
const skOf = (all: readonly Row<unknown>[]): readonly string[] => all.map(({ sk }) => sk);

test('what is written, replaced and removed is so for its writer alone', async () => {
  const real = openRecords();
  for (const sk of ['a', 'b', 'd']) await real.put(row(sk, { ...due, kind: 'K', order: sk }));
  const scratch = scratchRecords(real);
  expect(await scratch.put(row('c', { ...due, kind: 'K', order: 'c' }))).toBe('written');
  expect(await scratch.put(row('a', { rev: 1, body: { new: true } }))).toBe('written');
  expect(await scratch.remove({ pk: 'SRC#prod', sk: 'b' }, 1)).toBe('removed');
  expect((await scratch.get({ pk: 'SRC#prod', sk: 'a' }))?.body).toEqual({ new: true });
  expect(await scratch.get({ pk: 'SRC#prod', sk: 'b' })).toBeUndefined();
  expect(skOf(await gathered(scratch.children('SRC#prod')))).toEqual(['a', 'c', 'd']);
  expect(skOf(await gathered(scratch.list('K')))).toEqual(['c', 'd']);
  expect(skOf(await gathered(scratch.list('K', { from: 'd', to: 'e' })))).toEqual(['d']);
  expect(skOf(await scratch.due(LANE, at(0), 10)).toSorted()).toEqual(['c', 'd']);
  expect(await scratch.due(LANE, at(0), 1)).toHaveLength(1);
  expect(await scratch.dueSince(LANE, at(0))).toBe(at(0));
  expect(await scratch.dueSince(LANE, at(-1))).toBeUndefined();
  expect(skOf(await gathered(real.children('SRC#prod')))).toEqual(['a', 'b', 'd']);
  expect((await real.get({ pk: 'SRC#prod', sk: 'a' }))?.rev).toBe(1);
});

test('a write that has not seen the last one is a conflict', async () => {
  const real = openRecords();
  await real.put(row('a'));
  const scratch = scratchRecords(real);
  expect(await scratch.put(row('a'))).toBe('conflict');
  expect(await scratch.put(row('a', { rev: 1 }))).toBe('written');
  expect(await scratch.put(row('a', { rev: 1 }))).toBe('conflict');
  expect(await scratch.remove(row('a'), 1)).toBe('conflict');
  expect(await scratch.remove(row('a'), 2)).toBe('removed');
  expect(await scratch.put(row('a'))).toBe('written');
});

test('side effects are kept of a trial alone, and its TXT values are due at once for everybody but itself', async () => {
  const real = openRecords();
  const values = (holders: readonly string[], value: string): TxtEntry => ({
    ...{ zoneId: 'Z1', fqdn: '_acme-challenge.a', value, holders, state: 'intent', removeAt: at(5 * MINUTE) },
  });
  const scratch = scratchRecords(real, { holder: 'me', now: () => START });
  await scratch.put(rows.txt(values(['me'], 'mine'), 0, ISSUER));
  await scratch.put(rows.txt(values(['me', 'other'], 'ours'), 0, ISSUER));
  await scratch.put(rows.limit(keys.limit('ca', '1', 'new-orders'), { tat: at(0), saidBy: 'us' }, 0));
  await scratch.put(rows.lane({ lane: LANE, failures: 0 }, 0));
  expect((await real.due(LANE, at(0), 10)).map(({ body }) => body)).toMatchObject([{ value: 'mine', removeAt: at(0) }]);
  expect(await scratch.due(LANE, at(0), 10)).toEqual([]);
  expect((await scratch.due(LANE, at(5 * MINUTE), 10)).map(({ body }) => body)).toMatchObject([{ value: 'ours' }]);
  expect((await real.get(keys.lane(LANE)))?.rev).toBe(1);
  const mine = keys.txt(values(['me'], 'mine'));
  expect(await scratch.remove(mine, 1)).toBe('removed');
  expect(await real.get(mine)).toBeUndefined();
  expect(await real.get(keys.limit('ca', '1', 'new-orders'))).toBeDefined();

  const thought = scratchRecords(real);
  await thought.put(rows.lane({ lane: LANE, failures: 7 }, 1));
  expect((await real.get(keys.lane(LANE)))?.body.failures).toBe(0);
});
