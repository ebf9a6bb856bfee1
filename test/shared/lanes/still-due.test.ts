/** What somebody who waits for others must not wait for: rows that are due and that nobody touches. */
import { expect, test } from 'vitest';
import type { Lane } from '../../../shared/contract/ids.ts';
import { type Row, rows } from '../../../shared/contract/records.ts';
import type { LaneState } from '../../../shared/contract/rows.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { dueInPause, Stillness } from '../../../shared/lanes/still-due.ts';
import { at, HOUR, jumpingClock, MINUTE, openRecords, problem } from '../stages/issue/scripted.ts';

const LANE: Lane = 'deliver:prod';
const SECOND = 1_000;

async function opened() {
  const [records, clock] = [openRecords(), jumpingClock()];
  let row: Row<object> = { pk: 'DEST#a', sk: 'STATE', rev: 0, body: {}, lane: LANE, wakeAt: at(0) };
  const touch = async (): Promise<void> => {
    await records.put(row);
    row = { ...row, rev: row.rev + 1 };
  };
  await touch();
  await records.put(rows.lane({ lane: LANE, failures: 0 }, 0));
  const ports = { records, clock };
  const stillness = new Stillness(ports);
  return {
    ...{ records, clock, ports, touch, stillness },
    lane: (more: Partial<LaneState>) => changeLane(records, LANE, (state) => ({ ...state, ...more })),
    /** How long it is watched, a look each second, before there is no more use in it; at most an hour. */
    watched: async (meanwhile: (second: number) => Promise<unknown> = async () => undefined): Promise<number> => {
      const begun = clock.elapsed();
      for (let second = 0; clock.elapsed() - begun < HOUR; second += 1) {
        if (await stillness.isOver()) break;
        await meanwhile(second);
        clock.later(SECOND);
      }
      return clock.elapsed() - begun;
    },
  };
}

test('what nobody touches for two minutes is left, and said with its lane and since when', async () => {
  const { watched, stillness } = await opened();
  expect(await watched()).toBe(2 * MINUTE);
  expect(await stillness.left()).toEqual([
    {
      ...{ lane: LANE, since: at(0) },
      why: 'nothing was done in it for 2 minutes; look at its function, and at what its queue could not deliver',
    },
  ]);
});

test('a lane whose last try failed says why', async () => {
  const { stillness, lane } = await opened();
  await lane({ problem: problem('kubernetes:Unreachable') });
  expect((await stillness.left())[0]?.why).toBe('nothing was done in it for 2 minutes: kubernetes:Unreachable');
});

test('a row that is written now and then is waited for, and for two minutes after', async () => {
  const { watched, touch } = await opened();
  expect(await watched(async (second) => second % 60 === 0 && second <= 600 && touch())).toBe(
    12 * MINUTE + 10 * SECOND,
  );
});

test('a lane that somebody works in is waited for, however long nothing is written', async () => {
  const { watched, lane } = await opened();
  await lane({ holder: 'one', leasedUntil: at(30 * MINUTE) });
  expect(await watched()).toBe(30 * MINUTE);
});

test('a lane that is taken and left again and again, with nothing done, is not', async () => {
  const { watched, lane, clock } = await opened();
  const worked = await watched(async (second) =>
    second % 7 === 0
      ? lane({ holder: 'one', leasedUntil: new Date(clock.now().getTime() + MINUTE).toISOString() })
      : lane({ holder: 'one', leasedUntil: at(0) }),
  );
  expect(worked).toBeLessThan(4 * MINUTE);
});

test('of a paused lane is told, and nobody waits for it', async () => {
  const { stillness, lane, ports, clock } = await opened();
  expect(await dueInPause(ports)).toEqual([]);
  await lane({ pause: { since: at(0), until: at(HOUR), by: 'ada', because: 'it moves' } });
  expect(await dueInPause(ports)).toEqual([
    { lane: LANE, since: at(0), until: at(HOUR), why: 'it is paused until 2026-11-24 10:00 UTC by ada: it moves' },
  ]);
  expect(await stillness.left()).toEqual([]);
  clock.later(HOUR);
  expect(await dueInPause(ports)).toEqual([]);
});
