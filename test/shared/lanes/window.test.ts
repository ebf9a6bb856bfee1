/** The sliding window: how many at once, in what order, who joins late, and what an error does to the rest. */
import { expect, test } from 'vitest';
import { type Row, rows } from '../../../shared/contract/records.ts';
import type { Destination } from '../../../shared/contract/rows.ts';
import { overWindow, type Window } from '../../../shared/lanes/window.ts';
import { at, jumpingClock, openRecords } from '../stages/issue/scripted.ts';

const LANE = 'deliver:prod' as const;
const nameOf = (row: Row<unknown>): string => (row.body as Destination).place.slice('prod/shop/'.length);

function opened() {
  const [records, clock, stop] = [openRecords(), jumpingClock(), new AbortController()];
  const began: string[] = [];
  const asks = (name: string, wakeAt = at(-1)) => {
    const body: Destination = {
      ...{ place: `prod/shop/${name}`, issuance: 'iss', certificate: 'prod/shop/a', adopt: false },
      ownership: { is: 'absent' },
    };
    return records.put(rows.destination(body, 0, wakeAt));
  };
  const sleeps = async ({ body, rev }: Row<unknown>) =>
    void (await records.put(rows.destination(body as Destination, rev)));
  const window = (more: Partial<Window> = {}): Promise<void> =>
    overWindow({
      ...{ lane: LANE, records, clock, signal: stop.signal, size: 4 },
      work: async (row) => {
        began.push(nameOf(row));
        await clock.sleep(1_000);
        await sleeps(row);
      },
      ...more,
    });
  return { records, clock, stop, began, asks, sleeps, window };
}

test('so many at once and no more, until nothing is due', async () => {
  const { window, asks, began, sleeps, clock } = opened();
  for (let n = 0; n < 10; n += 1) await asks(`n${n}`, at(n - 100));
  await asks('tomorrow', at(86_400_000));
  let [now, most] = [0, 0];
  await window({
    work: async (row) => {
      began.push(nameOf(row));
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(1_000);
      await sleeps(row);
      now -= 1;
    },
  });
  expect(most).toBe(4);
  expect(began).toEqual(Array.from({ length: 10 }, (_, n) => `n${n}`));
  expect(clock.elapsed()).toBe(3_000);
});

test('what becomes due meanwhile joins within ten seconds', async () => {
  const { window, asks, clock, sleeps } = opened();
  const began = new Map<string, number>();
  await asks('long');
  await window({
    work: async (row) => {
      began.set(nameOf(row), clock.elapsed());
      if (nameOf(row) !== 'long') return sleeps(row);
      await clock.sleep(2_000);
      await asks('late', at(2_000));
      await clock.sleep(60_000);
      await sleeps(row);
    },
  });
  expect(Object.fromEntries(began)).toEqual({ long: 0, late: 10_000 });
});

test('what is due is read every ten seconds and at the end, not whenever one has ended', async () => {
  const { window, asks, records, clock } = opened();
  for (let n = 0; n < 100; n += 1) await asks(`n${n}`);
  const readAt: number[] = [];
  const counting = {
    ...records,
    due: (...asked: Parameters<typeof records.due>) => {
      readAt.push(clock.elapsed());
      return records.due(...asked);
    },
  };
  await window({ records: counting });
  expect(readAt).toEqual([0, 10_000, 20_000, 25_000]);
});

test('what is read again is put in order again, before what was read earlier', async () => {
  const { window, asks, began, sleeps, clock } = opened();
  for (let n = 0; n < 12; n += 1) await asks(`m${n + 10}`);
  await window({
    size: 1,
    order: (a, b) => nameOf(a).localeCompare(nameOf(b)),
    work: async (row) => {
      began.push(nameOf(row));
      if (nameOf(row) === 'm15') await asks('a', at(clock.elapsed()));
      await clock.sleep(1_000);
      await sleeps(row);
    },
  });
  expect(began.indexOf('a')).toBe(10);
});

test('a row in work is not begun twice, though it stays due', async () => {
  const { window, asks, began, clock } = opened();
  await asks('a');
  await window({
    work: async (row) => {
      began.push(nameOf(row));
      await clock.sleep(35_000);
      if (began.length === 2) throw new Error('twice is enough');
    },
  }).catch(() => undefined);
  expect(began).toEqual(['a', 'a']);
  expect(clock.elapsed()).toBe(70_000);
});

test('in the order that is asked for, without those that are skipped', async () => {
  const { window, asks, began } = opened();
  for (const name of ['a', 'b', 'c', 'd']) await asks(name);
  await window({
    size: 1,
    order: (a, b) => nameOf(b).localeCompare(nameOf(a)),
    skip: (row) => nameOf(row) === 'c',
  });
  expect(began).toEqual(['d', 'b', 'a']);
});

test('an error ends the window, after what was begun has ended', async () => {
  const { window, asks, began, clock, sleeps } = opened();
  for (const name of ['a', 'b', 'c']) await asks(name);
  const ended: string[] = [];
  const running = window({
    size: 2,
    work: async (row) => {
      began.push(nameOf(row));
      if (nameOf(row) === 'a') throw new Error('the disk is full');
      await clock.sleep(5_000);
      await sleeps(row);
      ended.push(nameOf(row));
    },
  });
  await expect(running).rejects.toThrow('the disk is full');
  expect([began, ended]).toEqual([['a', 'b'], ['b']]);
});

test('stopped: nothing more is begun, what was begun is waited for', async () => {
  const { window, asks, began, clock, stop, sleeps } = opened();
  for (const name of ['a', 'b']) await asks(name);
  const ended: string[] = [];
  await window({
    size: 1,
    work: async (row) => {
      began.push(nameOf(row));
      stop.abort();
      await clock.sleep(5_000);
      await sleeps(row);
      ended.push(nameOf(row));
    },
  });
  expect([began, ended]).toEqual([['a'], ['a']]);
});
