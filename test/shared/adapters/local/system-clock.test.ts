/** The machine's clock: what ends a sleep, and how much time is left. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../../shared/adapters/local/system-clock.ts';

test('now is now', () => {
  const before = Date.now();
  const now = systemClock().now().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('a sleep ends by itself', async () => {
  const clock = systemClock();
  for (const ms of [-1, 0, 1]) expect(await clock.sleep(ms)).toBeUndefined();
});

test("a sleep ends with the signal's reason", async () => {
  const stop = new AbortController();
  const clock = systemClock({ signal: stop.signal });
  const own = new AbortController();
  const slept = clock.sleep(60_000, own.signal);
  const reason = new Error('the lease is gone');
  own.abort(reason);
  await expect(slept).rejects.toBe(reason);

  const ended = clock.sleep(60_000);
  const interrupted = new Error('Ctrl-C');
  stop.abort(interrupted);
  await expect(ended).rejects.toBe(interrupted);
  await expect(clock.sleep(0)).rejects.toBe(interrupted);
});

test("a sleep longer than Node's timers does not end at once", async () => {
  const clock = systemClock();
  const stop = new AbortController();
  const long = clock.sleep(2 ** 32, stop.signal).then(
    () => 'slept',
    () => 'aborted',
  );
  expect(await Promise.race([long, clock.sleep(20)])).toBeUndefined();
  stop.abort();
  expect(await long).toBe('aborted');
});

test('what is left runs down to nothing, and is nothing once the run is told to stop', async () => {
  expect(systemClock().remainingMs()).toBe(Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const clock = systemClock({ deadlineMs: 60_000, signal: stop.signal });
  const first = clock.remainingMs();
  await clock.sleep(2);
  expect(clock.remainingMs()).toBeLessThan(first);
  expect(first).toBeLessThanOrEqual(60_000);
  expect(systemClock({ deadlineMs: -5 }).remainingMs()).toBe(0);
  stop.abort();
  expect(clock.remainingMs()).toBe(0);
});
