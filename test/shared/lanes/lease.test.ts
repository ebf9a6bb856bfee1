/** One lane, one worker: who gets the lease, how it is kept, what ends the work, and who takes over. */
import { expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { LaneState } from '../../../shared/contract/rows.ts';
import {
  asOnlyWorker,
  changeLane,
  DeadlineNear,
  LanePaused,
  LeaseLost,
  type LeasePorts,
} from '../../../shared/lanes/lease.ts';
import { at, HOUR, jumpingClock, MINUTE, openRecords } from '../stages/issue/scripted.ts';

const LANE = 'deliver:prod' as const;

function opened(deadlineMs?: number) {
  const [records, clock] = [openRecords(), jumpingClock(deadlineMs === undefined ? {} : { deadlineMs })];
  const ports = (name: string, gone: readonly string[] = []): LeasePorts => ({
    ...{ records, clock },
    holder: { name, isGone: (holder) => gone.includes(holder) },
  });
  const state = async (): Promise<LaneState | undefined> => (await records.get(keys.lane(LANE)))?.body;
  const put = async (more: Partial<LaneState>) => {
    const row = await records.get(keys.lane(LANE));
    await records.put(rows.lane({ lane: LANE, failures: 2, ...more }, row?.rev ?? 0));
  };
  return { records, clock, ports, state, put };
}
const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted
    ? Promise.resolve(signal.reason)
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

test('one works, the other is told so; afterwards the lane is free and its health untouched', async () => {
  const { ports, state, put } = opened();
  await put({});
  const worked = await asOnlyWorker(LANE, ports('one'), async () => {
    expect(await state()).toMatchObject({ holder: 'one', leasedUntil: at(MINUTE) });
    expect(await asOnlyWorker(LANE, ports('two'), async () => 'two')).toEqual({ is: 'busy' });
    return 'one';
  });
  expect(worked).toEqual({ is: 'done', result: 'one' });
  expect(await state()).toEqual({ lane: LANE, failures: 2 });
});

test('of two that begin at once, one works', async () => {
  const { ports } = opened();
  let working = 0;
  const work = async (): Promise<number> => {
    working += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return working;
  };
  const both = await Promise.all(['one', 'two'].map((name) => asOnlyWorker(LANE, ports(name), work)));
  expect(both.map(({ is }) => is).toSorted()).toEqual(['busy', 'done']);
});

test('the lease is renewed while the work goes on', async () => {
  const { ports, state, clock } = opened();
  await asOnlyWorker(LANE, ports('one'), async () => {
    await clock.sleep(HOUR);
    const { leasedUntil = '' } = (await state()) ?? {};
    const left = Date.parse(leasedUntil) - clock.now().getTime();
    expect(left).toBeGreaterThanOrEqual(MINUTE - 20_000);
  });
});

test('a lease that ran out, or whose holder has surely ended, is taken over', async () => {
  const { ports, put } = opened();
  const tried = async (gone: readonly string[]) => (await asOnlyWorker(LANE, ports('two', gone), async () => 0)).is;
  await put({ holder: 'one', leasedUntil: at(1) });
  expect(await tried([])).toBe('busy');
  expect(await tried(['one'])).toBe('done');
  await put({ holder: 'one', leasedUntil: at(0) });
  expect(await tried([])).toBe('done');
});

test('work whose lease somebody else has taken is ended, and their lease is left alone', async () => {
  const { ports, put, state, clock } = opened();
  const worked = await asOnlyWorker(LANE, ports('one'), async (signal) => {
    await put({ holder: 'two', leasedUntil: at(HOUR) });
    return untilAborted(signal);
  });
  expect(worked).toMatchObject({ is: 'done', result: expect.any(LeaseLost) });
  expect(clock.elapsed()).toBe(20_000);
  expect(await state()).toMatchObject({ holder: 'two', leasedUntil: at(HOUR) });
});

test.each([
  [15 * MINUTE, 14 * MINUTE],
  [5 * MINUTE, 4.5 * MINUTE],
  [20_000, 18_000],
])('with %d ms to go, the work is ended after %d', async (deadlineMs, endedAt) => {
  const { ports, clock } = opened(deadlineMs);
  const worked = await asOnlyWorker(LANE, ports('one'), untilAborted);
  expect(worked).toMatchObject({ result: expect.any(DeadlineNear) });
  expect(clock.elapsed()).toBe(endedAt);
});

test('the caller may end it, and trouble with the rows does', async () => {
  const { ports, records, state } = opened();
  const stop = new AbortController();
  const ending = asOnlyWorker(LANE, { ...ports('one'), signal: stop.signal }, untilAborted);
  stop.abort('Ctrl-C');
  expect(await ending).toEqual({ is: 'done', result: 'Ctrl-C' });
  const broken = {
    ...ports('one'),
    records: { ...records, put: records.put.bind(records), get: records.get.bind(records) },
  };
  const worked = await asOnlyWorker(LANE, broken, (signal) => {
    broken.records.get = () => Promise.reject(new Error('the disk is gone'));
    return untilAborted(signal).then((reason) => {
      broken.records.get = records.get.bind(records);
      return reason;
    });
  });
  expect(worked).toMatchObject({ result: expect.objectContaining({ message: 'the disk is gone' }) });
  expect((await state())?.holder).toBeUndefined();
});

const pause = (until: string) => ({ since: at(0), until, by: 'ada', because: 'the API server moves' });

test('nobody works in a lane that is paused, and when the pause is over somebody does', async () => {
  const { ports, put, state } = opened();
  const work = async (): Promise<string> => 'worked';
  await put({ pause: pause(at(1)) });
  expect(await asOnlyWorker(LANE, ports('one'), work)).toEqual({ is: 'paused' });
  expect((await state())?.holder).toBeUndefined();
  await put({ pause: pause(at(0)) });
  expect(await asOnlyWorker(LANE, ports('one'), work)).toEqual({ is: 'done', result: 'worked' });
});

test('a pause ends the work, and stays when the lane is given back', async () => {
  const { ports, state, clock, records } = opened();
  const worked = await asOnlyWorker(LANE, ports('one'), async (signal) => {
    await changeLane(records, LANE, (stored) => ({ ...stored, pause: pause(at(HOUR)) }));
    return untilAborted(signal);
  });
  expect(worked).toMatchObject({ is: 'done', result: expect.any(LanePaused) });
  expect(clock.elapsed()).toBe(20_000);
  expect(await state()).toEqual({ lane: LANE, failures: 0, pause: pause(at(HOUR)) });
});

test('work that throws frees the lane', async () => {
  const { ports, state } = opened();
  await expect(asOnlyWorker(LANE, ports('one'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect((await state())?.holder).toBeUndefined();
});
