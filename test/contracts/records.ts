/** The contract of port 1: what every store of rows does, on one handle, on two, and from two processes. */
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Lane } from '../../shared/contract/ids.ts';
import { decided, type Key, type Records, type Row } from '../../shared/contract/records.ts';
import { startWriter } from './records-writer.ts';

/** A module that opens the store, so that a process of its own can do so too. */
export interface RecordsOpener {
  open(where: string): Promise<Records & { close(): void }>;
}

export interface RecordsStore {
  /** Path of a module that is a RecordsOpener. */
  readonly opener: string;
  /** Makes a new, empty store and says where it is. */
  make(): Promise<string>;
  remove(where: string): Promise<void>;
}

interface Counter {
  readonly n: number;
}

/** An index may lag, and an emulator be slow. */
const SOON = { timeout: 20_000 };
const LANE: Lane = 'issue:prod/shop/lets-encrypt';
const at = (minute: number): string => `2026-11-24T09:${String(minute).padStart(2, '0')}:00.000Z`;
const row = (sk: string, more: Partial<Row<unknown>> = {}): Row<unknown> => ({
  pk: 'P',
  sk,
  rev: 0,
  body: {},
  ...more,
});
async function gathered<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of rows) all.push(one);
  return all;
}
const names = (rows: readonly Row<unknown>[]): readonly string[] => rows.map(({ sk }) => sk);
const counted = (key: Key<Counter>) => (records: Records) =>
  decided<Counter>(records, key, (found) => ({
    pk: key.pk,
    sk: key.sk,
    rev: found?.rev ?? 0,
    body: { n: (found?.body.n ?? 0) + 1 },
  }));

export function recordsContract(name: string, store: RecordsStore): void {
  describe(`Records: ${name}`, () => {
    let where: string;
    let records: Records & { close(): void };
    let other: Records & { close(): void };
    const open = async (): Promise<Records & { close(): void }> =>
      ((await import(store.opener)) as RecordsOpener).open(where);

    beforeAll(async () => {
      where = await store.make();
      records = await open();
      other = await open();
    });

    afterAll(async () => {
      records.close();
      other.close();
      await store.remove(where);
    });

    describe('compare-and-set', () => {
      test('has nothing under a key that was never written', async () => {
        expect(await records.get({ pk: 'never', sk: 'never' })).toBeUndefined();
      });

      test('gives back the whole row, one revision on', async () => {
        const body = { names: ['ß.example', '雪.example'], 'a"b': null, deep: { n: -0.5, yes: true }, empty: '' };
        const index = { lane: LANE, wakeAt: at(1), kind: 'ISS', order: at(2), forgetAt: 4_102_444_800 };
        const whole = { pk: 'whole', sk: 'a/b#c*"\'', rev: 0, body, ...index };
        expect(await records.put(whole)).toBe('written');
        expect(await records.get(whole)).toEqual({ ...whole, rev: 1 });
        expect(await records.remove(whole, 1)).toBe('removed');
      });

      test('creates no row over another one', async () => {
        await records.put(row('taken', { body: 'first' }));
        expect(await records.put(row('taken', { body: 'second' }))).toBe('conflict');
        expect(await records.get(row('taken'))).toMatchObject({ rev: 1, body: 'first' });
      });

      test('replaces what was read, and nothing else', async () => {
        await records.put(
          row('replaced', { lane: LANE, wakeAt: at(0), kind: 'K', order: 'o', forgetAt: 4_102_444_800 }),
        );
        expect(await records.put(row('replaced', { rev: 1, body: 'two' }))).toBe('written');
        expect(await records.get(row('replaced'))).toEqual(row('replaced', { rev: 2, body: 'two' }));
        for (const rev of [1, 3])
          expect(await records.put(row('replaced', { rev, body: 'stale' })), `rev ${rev}`).toBe('conflict');
        expect(await records.get(row('replaced'))).toMatchObject({ rev: 2, body: 'two' });
      });

      test('replaces nothing where there is nothing', async () => {
        expect(await records.put(row('absent', { rev: 1 }))).toBe('conflict');
        expect(await records.get(row('absent'))).toBeUndefined();
      });

      test('removes what was read, and nothing else; then the key is free again', async () => {
        await records.put(row('removed'));
        expect(await records.remove(row('removed'), 2)).toBe('conflict');
        expect(await records.remove(row('removed'), 1)).toBe('removed');
        for (const rev of [0, 1]) expect(await records.remove(row('removed'), rev), `rev ${rev}`).toBe('conflict');
        expect(await records.get(row('removed'))).toBeUndefined();
        expect(await records.put(row('removed'))).toBe('written');
      });
    });

    describe('queries', () => {
      test('children are all rows of one pk by sk, however many', async () => {
        const sks = Array.from({ length: 620 }, (_, n) => `CERT#shop/${String((n * 7) % 620).padStart(4, '0')}`);
        // more at once than a store has connections would measure the machine
        await pLimit(32).map(sks, (sk) => records.put({ pk: 'SRC#a', sk, rev: 0, body: { sk } }));
        await records.put({ pk: 'SRC#ab', sk: 'CERT#other', rev: 0, body: {} });
        expect(names(await gathered(records.children('SRC#a')))).toEqual(sks.toSorted());
        expect(await gathered(records.children('SRC#none'))).toEqual([]);
      });

      test('children can be removed while they are read', async () => {
        const sks = ['a', 'b', 'c', 'd'];
        for (const sk of sks) await records.put({ pk: 'walked', sk, rev: 0, body: {} });
        const seen: string[] = [];
        for await (const child of records.children('walked')) {
          seen.push(child.sk);
          await records.remove(child, child.rev);
        }
        expect(seen).toEqual(sks);
        expect(await gathered(records.children('walked'))).toEqual([]);
      });

      test('due are the rows of the lane whose time has come, soonest first, at most as many as asked for', async () => {
        const lane: Lane = 'deliver:prod';
        const wake = { late: at(30), now: at(20), soon: at(5), soonest: at(1) };
        for (const [sk, wakeAt] of Object.entries(wake)) await records.put(row(`due-${sk}`, { lane, wakeAt }));
        await records.put(row('due-asleep', { lane }));
        await records.put(row('due-elsewhere', { lane: 'deliver:prod2', wakeAt: at(1) }));
        await vi.waitFor(async () => {
          expect(names(await records.due(lane, at(20), 10))).toEqual(['due-soonest', 'due-soon', 'due-now']);
          expect(names(await records.due(lane, at(20), 2))).toEqual(['due-soonest', 'due-soon']);
          expect(await records.dueSince(lane, at(20))).toBe(at(1));
        }, SOON);
        expect(await records.due(lane, at(0), 10)).toEqual([]);
        expect(await records.dueSince(lane, at(0))).toBeUndefined();
        expect(await records.dueSince(lane, at(1))).toBe(at(1));
        expect(await records.dueSince('deliver:nowhere', at(20))).toBeUndefined();
      });

      test('a row that is written without wakeAt, or removed, is due no longer', async () => {
        const lane: Lane = 'deliver:edge';
        for (const sk of ['done', 'gone']) await records.put(row(sk, { lane, wakeAt: at(1) }));
        await vi.waitFor(async () => expect(await records.due(lane, at(2), 10)).toHaveLength(2), SOON);
        await records.put(row('done', { rev: 1 }));
        await records.remove(row('gone'), 1);
        await vi.waitFor(async () => expect(await records.due(lane, at(2), 10)).toEqual([]), SOON);
      });

      test('list gives a kind by order, from and before the bounds, and only rows that have both', async () => {
        for (const order of ['c', '', 'a', 'b']) await records.put(row(`order-${order}`, { kind: 'K1', order }));
        await records.put(row('order-less', { kind: 'K1' }));
        await records.put(row('order-of-another-kind', { kind: 'K2', order: 'a' }));
        const listed = async (range?: { from?: string; to?: string }) =>
          names(await gathered(records.list('K1', range))).map((sk) => sk.slice('order-'.length));
        await vi.waitFor(async () => expect(await listed()).toEqual(['', 'a', 'b', 'c']), SOON);
        expect(await listed({ from: 'a' })).toEqual(['a', 'b', 'c']);
        expect(await listed({ to: 'b' })).toEqual(['', 'a']);
        expect(await listed({ from: 'a', to: 'c' })).toEqual(['a', 'b']);
        expect(await listed({ from: 'd' })).toEqual([]);
        expect(await listed({ from: 'c', to: 'a' })).toEqual([]);
      });

      test('list goes on over many rows of one order', async () => {
        const many = Array.from({ length: 520 }, (_, n) => `same-${String(n).padStart(3, '0')}`);
        await Promise.all(many.map((sk) => records.put(row(sk, { kind: 'SAME', order: 'one' }))));
        await vi.waitFor(
          async () => expect(names(await gathered(records.list('SAME'))).toSorted()).toEqual(many),
          SOON,
        );
      });
    });

    describe('several at once', () => {
      test('of many who create one row, one does', async () => {
        const tries = Array.from({ length: 30 }, (_, n) => (n % 2 ? records : other).put(row('raced', { body: n })));
        expect((await Promise.all(tries)).filter((outcome) => outcome === 'written')).toHaveLength(1);
      });

      test('no count is lost between two handles', async () => {
        const count = counted({ pk: 'COUNT', sk: 'handles' });
        await Promise.all(Array.from({ length: 20 }, (_, n) => count(n % 2 ? records : other)));
        expect(await records.get({ pk: 'COUNT', sk: 'handles' })).toMatchObject({ rev: 20, body: { n: 20 } });
      });

      test('no count is lost between two processes', async () => {
        const writers = [1, 2].map(() => startWriter(store.opener, where));
        await Promise.all(writers.map((writer) => writer.line('open')));
        await Promise.all(writers.map((writer) => writer.say('count 40')));
        await counted({ pk: 'COUNT', sk: 'processes' })(other);
        await Promise.all(writers.map((writer) => writer.line('counted')));
        await Promise.all(writers.map((writer) => writer.end()));
        expect(await records.get({ pk: 'COUNT', sk: 'processes' })).toMatchObject({ rev: 81, body: { n: 81 } });
      });
    });

    describe('durability', () => {
      test('what was written is there for whoever opens the store next', async () => {
        const first = await open();
        await first.put({ pk: 'KEPT', sk: 'row', rev: 0, body: 'kept', kind: 'KEPT', order: 'a' });
        first.close();
        const second = await open();
        expect(await second.get({ pk: 'KEPT', sk: 'row' })).toMatchObject({ rev: 1, body: 'kept' });
        expect(await gathered(second.list('KEPT'))).toHaveLength(1);
        second.close();
      });

      test('a write that returned survives SIGKILL of the writer', async () => {
        const writer = startWriter(store.opener, where);
        await writer.line('open');
        await writer.say('write');
        await writer.line('written 25');
        await writer.kill();
        const written = writer.lines().filter((line) => line.startsWith('written ')).length;
        expect(written).toBeGreaterThanOrEqual(26);
        const kept = await gathered(records.children('WRITTEN'));
        expect(kept.length).toBeGreaterThanOrEqual(written);
        expect(await records.put({ pk: 'WRITTEN', sk: 'after', rev: 0, body: {} })).toBe('written');
      });
    });
  });
}
