/** The loop that answers the bell: lanes side by side, one worker a lane, nobody's failure in the way of another. */
import { expect, test } from 'vitest';
import { memoryBell } from '../../../../shared/adapters/local/memory-bell.ts';
import type { Lane } from '../../../../shared/contract/ids.ts';

const A: Lane = 'issue:a';
const B: Lane = 'issue:b';

test('a lane that is rung many times waits once, in the order of the first ring', async () => {
  const bell = memoryBell();
  for (const lane of [A, B, A, A]) await bell.ring(lane);
  expect(bell.rung()).toEqual([A, B]);
  expect([bell.take(), bell.take(), bell.take()]).toEqual([A, B, undefined]);
});

test('with nothing rung there is nothing to wait for', async () => {
  await memoryBell().answer(() => Promise.reject(new Error('not called')));
});

test('lanes run side by side, and one that is rung late starts while others work', async () => {
  const bell = memoryBell();
  const bWorks = Promise.withResolvers<void>();
  await bell.ring(A);
  await bell.answer(async (lane) => {
    if (lane === B) return bWorks.resolve();
    await bell.ring(B);
    await bWorks.promise;
  });
  expect(bell.rung()).toEqual([]);
});

test('a lane that is rung while it works runs once more, after it', async () => {
  const bell = memoryBell();
  const log: string[] = [];
  await bell.ring(A);
  await bell.answer(async () => {
    const turn = log.length / 2;
    log.push(`start ${turn}`);
    if (turn === 0) for (const _ of [1, 2, 3]) await bell.ring(A);
    await new Promise(setImmediate);
    log.push(`end ${turn}`);
  });
  expect(log).toEqual(['start 0', 'end 0', 'start 1', 'end 1']);
});

test('a worker that throws stops no other, and what it threw is thrown at the end', async () => {
  const bell = memoryBell();
  const error = new Error('a broke');
  const done: Lane[] = [];
  for (const lane of [A, B]) await bell.ring(lane);
  const answered = bell.answer(async (lane) => {
    if (lane === A) throw error;
    await new Promise(setImmediate);
    done.push(lane);
  });
  await expect(answered).rejects.toBe(error);
  expect(done).toEqual([B]);
});

test('several failures are told together', async () => {
  const bell = memoryBell();
  for (const lane of [A, B]) await bell.ring(lane);
  const answered = bell.answer((lane) => {
    throw new Error(lane);
  });
  await expect(answered).rejects.toMatchObject({ message: '2 lanes failed', errors: [{ message: A }, { message: B }] });
});
