/** Work on many rows: so many at once, results in order, and an error that leaves nothing running. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ROWS_AT_ONCE } from '../../../shared/contract/limits.ts';
import { sideBySide } from '../../../shared/lanes/side-by-side.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

test('so many at once and no more, and what came of each in their order', async () => {
  let [now, most] = [0, 0];
  const doubled = await sideBySide(numbers(100), async (n) => {
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < (n * 7) % 5; turn += 1) await setImmediate();
    now -= 1;
    return 2 * n;
  });
  expect(doubled).toEqual(numbers(100).map((n) => 2 * n));
  expect(most).toBe(ROWS_AT_ONCE);
});

test('an error is thrown when what was begun has ended, and nothing more is begun', async () => {
  const [began, ended] = [new Set<number>(), new Set<number>()];
  const working = sideBySide(numbers(100), async (n) => {
    began.add(n);
    await setImmediate();
    if (n === 3) throw new Error('the table is gone');
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    ended.add(n);
  });
  await expect(working).rejects.toThrow('the table is gone');
  expect(began.size).toBe(ROWS_AT_ONCE);
  expect(ended.size).toBe(ROWS_AT_ONCE - 1);
});

test('of nothing comes nothing', async () => {
  expect(await sideBySide([], async () => 1)).toEqual([]);
});
