/** The lever `pause`: which lanes, how long, why; what is said of it and by whom it is taken back. */
import { expect, test } from 'vitest';
import { inventoryLane } from '../../../shared/contract/ids.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Issuance, LaneState } from '../../../shared/contract/rows.ts';
import { judge } from '../../../shared/lanes/assess.ts';
import { openFindings, settle } from '../../../shared/lanes/findings.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { type PauseWish, pausedLanes, pauseLane, settlePauses } from '../../../shared/lanes/pause.ts';
import { sourceViews } from '../../../shared/lanes/sources.ts';
import { sourceDown } from '../../../shared/stages/assess/judge.ts';
import { DAY, destination, facts, issuance, wanted } from '../stages/assess/judged-things.ts';
import { fleet, LETS_ENCRYPT } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, jumpingClock, openRecords, problem } from '../stages/issue/scripted.ts';

const WISH: PauseWish = { for: '2h', because: 'the API server moves', by: 'ada' };
const LANE = 'deliver:prod';

function opened() {
  const [records, clock, told] = [openRecords(), jumpingClock(), [] as string[]];
  const journal = {
    tell: async ({ what, stage }: { what: string; stage: string }) => void told.push(`${stage} ${what}`),
  };
  const ports = { fleet: fleet({ issuers: [LETS_ENCRYPT] }), records, clock, journal };
  return {
    ...{ records, clock, told },
    pause: (more: Partial<PauseWish> = {}, lane: string = LANE) => pauseLane(lane, { ...WISH, ...more }, ports),
    settle: () => settlePauses(ports),
    paused: () => pausedLanes(records, clock.now()),
    findings: () => openFindings(records),
    state: async (): Promise<LaneState | undefined> => (await records.get(keys.lane(LANE)))?.body,
  };
}

test('a lane is paused with a name and a reason, told in red, and over by itself', async () => {
  const world = opened();
  const pause = { since: at(0), until: at(2 * HOUR), by: 'ada', because: 'the API server moves' };
  expect(await world.pause()).toEqual(pause);
  expect(await world.paused()).toEqual([{ lane: LANE, ...pause }]);
  expect(await world.findings()).toEqual([
    {
      ...{ code: 'lane-paused', severity: 'high', object: { kind: 'Lane', name: LANE }, names: [], since: at(0) },
      message: 'ada has paused the lane deliver:prod until 2026-11-24 11:00 UTC: nothing is delivered there',
      evidence: { because: 'the API server moves', by: 'ada', until: at(2 * HOUR) },
      fix: 'When the reason is gone: nolapse pause deliver:prod --end',
    },
  ]);
  world.clock.later(2 * HOUR);
  expect(await world.paused()).toEqual([]);
  await world.settle();
  expect([await world.findings(), (await world.state())?.pause]).toEqual([[], undefined]);
  expect(world.told).toEqual(['deliver lane-paused']);
});

test('it can be made longer, and ended before its time; what is not paused has no end to tell', async () => {
  const world = opened();
  await world.pause({ for: '0' });
  expect(world.told).toEqual([]);
  await world.pause();
  expect(await world.pause({ for: '168h', by: 'jo' })).toMatchObject({ until: at(168 * HOUR), by: 'jo' });
  expect(await world.pause({ for: '0s', because: '' })).toBeUndefined();
  expect([await world.paused(), await world.findings()]).toEqual([[], []]);
  expect(world.told).toEqual(['deliver lane-paused', 'deliver lane-paused', 'deliver lane-resumed']);
});

test('whoever works there keeps the lease until it stops', async () => {
  const world = opened();
  await changeLane(world.records, LANE, (state) => ({ ...state, holder: 'one', leasedUntil: at(HOUR), failures: 2 }));
  await world.pause();
  expect(await world.state()).toMatchObject({ holder: 'one', leasedUntil: at(HOUR), failures: 2 });
});

test.each([
  ['no duration', { for: 'soon' }, 'for', /no duration/],
  ['a time gone by', { for: '-1h' }, 'for', /over already/],
  ['more than a week', { for: '168h1s' }, 'for', /^168h1s is too long, at most 168h$/],
  ['no reason', { because: ' \n' }, 'because', /needs a reason/],
  ['a reason that is a story', { because: 'x'.repeat(201) }, 'because', /^201 characters, at most 200$/],
])('%s is refused, and nothing is paused', async (_what, more, where, message) => {
  const world = opened();
  const problems = [{ where, message: expect.stringMatching(message), fix: expect.any(String) }];
  await expect(world.pause(more)).rejects.toMatchObject({ name: 'InputError', problems });
  expect(await world.paused()).toEqual([]);
});

test('a lane that is none is refused with those that are, also when nothing has run yet', async () => {
  const world = opened();
  const refusal = (lane: string) => world.pause({}, lane).catch((error: Error) => error.message);
  expect(await refusal('deliver:prood')).toBe(
    '<lane>: there is no lane "deliver:prood" (there are: deliver:edge, deliver:prod)',
  );
  expect(await refusal('x')).toContain(
    'inventory:edge, inventory:fleet, inventory:prod, issue:fleet/letsencrypt, notify',
  );
  await changeLane(world.records, 'deliver:secretsmanager', (state) => ({ ...state, failures: 1 }));
  expect(await world.pause({}, 'deliver:secretsmanager')).toBeDefined();
});

test('a source whose inventory is paused is stale, and says why', async () => {
  const world = opened();
  await world.pause({}, 'inventory:prod');
  const blobs = { read: async () => undefined, write: async () => undefined };
  expect(await sourceViews(['prod'], { ...world, blobs })).toEqual([
    { name: 'prod', state: 'down', problem: 'paused until 2026-11-24 11:00 UTC by ada: the API server moves' },
  ]);
});

test('what a lane says of itself is not ended by its pause', async () => {
  const world = opened();
  const lane = inventoryLane('prod');
  const down = sourceDown('prod', problem('kubernetes:Forbidden', 'never'), undefined, world.clock.now());
  await settle(world.records, { owner: `LANE#${lane}`, now: world.clock.now(), findings: [down] });
  await world.pause({}, lane);
  await world.pause({ for: '0' }, lane);
  expect((await world.findings()).map(({ code }) => code)).toEqual(['source-down']);
});

test('a certificate that comes to its end under a paused issuer is told of as ever', async () => {
  const world = opened();
  await world.pause({ for: '168h' }, 'issue:fleet/letsencrypt');
  const one: Issuance = issuance('a', facts(DAY), {
    due: { reason: 'Renewing', message: 'its time', since: at(-9 * DAY) },
  });
  await world.records.put(rows.wanted(wanted('a'), 0));
  await world.records.put(rows.destination(destination('a', facts(DAY)), 0));
  await world.records.put(rows.issuance(one, 0, at(-9 * DAY)));
  await judge(one.id, world);
  const codes = async () => (await world.findings()).map(({ code }) => code).toSorted();
  expect(await codes()).toEqual(['lane-paused', 'renewal-overdue']);
  world.clock.later(2 * DAY);
  await judge(one.id, world);
  expect(await codes()).toEqual(['expired', 'lane-paused']);
});
