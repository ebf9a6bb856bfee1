/** Rings that are held: one for many, none later than it may be, none lost. */
import { expect, test } from 'vitest';
import type { Lane } from '../../../../shared/contract/ids.ts';
import { HeldBell } from '../../../../shared/wiring/aws/held-bell.ts';
import { jumpingClock } from '../../stages/issue/scripted.ts';

function held(afterMs: number) {
  const [clock, rang] = [jumpingClock(), [] as string[]];
  const bell = { ring: async (lane: Lane) => void rang.push(`${lane} at ${clock.elapsed()}`) };
  return { clock, rang, bell: new HeldBell(bell, clock, afterMs) };
}

test('many rings of a lane are one, for each lane, no later than the first may wait', async () => {
  const { clock, rang, bell } = held(500);
  for (let n = 0; n < 6; n += 1) {
    await bell.ring('deliver:prod');
    await bell.ring('deliver:edge');
    await clock.sleep(150);
  }
  await clock.sleep(1_000);
  expect(rang).toEqual(['deliver:prod at 500', 'deliver:edge at 500', 'deliver:prod at 1100', 'deliver:edge at 1100']);
});

test('what is held is rung at the end, and is out when the end is', async () => {
  const { rang, bell } = held(Number.POSITIVE_INFINITY);
  await bell.ring('issue:fleet/ca');
  expect(rang).toEqual([]);
  await bell.flush();
  expect(rang).toEqual(['issue:fleet/ca at 0']);
  await bell.flush();
  await bell.ring('issue:fleet/ca');
  await bell.flush();
  expect(rang).toHaveLength(2);
});

test('a ring that is on its way is waited for', async () => {
  const gate = Promise.withResolvers<void>();
  const clock = jumpingClock();
  let isOut = false;
  const slow = {
    ring: async () => {
      await gate.promise;
      isOut = true;
    },
  };
  const bell = new HeldBell(slow, clock, 10);
  await bell.ring('issue:fleet/ca');
  await clock.sleep(20);
  const flushed = bell.flush();
  gate.resolve();
  await flushed;
  expect(isOut).toBe(true);
});
