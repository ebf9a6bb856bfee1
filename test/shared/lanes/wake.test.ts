/** Which lanes are rung: those with work, those that were left, and inventories that nobody has tried; and how long the oldest has waited. */
import { expect, test } from 'vitest';
import type { Lane } from '../../../shared/contract/ids.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { LaneState } from '../../../shared/contract/rows.ts';
import { wake, wakeInventories } from '../../../shared/lanes/wake.ts';
import { cluster } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, jumpingClock, MINUTE, openRecords } from '../stages/issue/scripted.ts';

const CLUSTERS = ['prod', 'edge'].map((name) => cluster(name));
const INVENTORIES: readonly Lane[] = ['inventory:prod', 'inventory:edge', 'inventory:fleet'];
const TRIED = INVENTORIES.map((lane): Partial<LaneState> & { lane: Lane } => ({ lane, lastTryAt: at(0) }));

function opened() {
  const [records, clock, rung] = [openRecords(), jumpingClock(), [] as Lane[]];
  const bell = { ring: async (lane: Lane) => void rung.push(lane) };
  const lane = (state: Partial<LaneState> & { lane: Lane }) => records.put(rows.lane({ failures: 0, ...state }, 0));
  const due = (of: Lane, wakeAt: string) =>
    records.put({ pk: `ROW#${of}`, sk: 'S', rev: 0, body: {}, lane: of, wakeAt });
  const ports = { records, clock, bell, fleet: { clusters: CLUSTERS } };
  return { records, clock, rung, lane, due, ports };
}

test('a lane with a due row is rung, one whose rows are due later is not; the oldest is told', async () => {
  const { lane, due, ports, rung, clock } = opened();
  for (const state of TRIED) await lane(state);
  await lane({ lane: 'issue:fleet/le' });
  await lane({ lane: 'deliver:prod' });
  await due('issue:fleet/le', at(MINUTE));
  await due('deliver:prod', at(3 * MINUTE));
  await clock.sleep(2 * MINUTE);
  expect(await wake(ports)).toEqual({ rung: ['issue:fleet/le'], oldestDueSeconds: 60 });
  expect(rung).toEqual(['issue:fleet/le']);
});

test('nothing is due: nothing is rung, and nothing has waited', async () => {
  const { lane, ports } = opened();
  for (const state of TRIED) await lane(state);
  expect(await wake(ports)).toEqual({ rung: [], oldestDueSeconds: 0 });
});

test('findings that are due ring notify, though no row of that lane exists yet', async () => {
  const { lane, due, ports } = opened();
  for (const state of TRIED) await lane(state);
  await due('notify', at(0));
  expect((await wake(ports)).rung).toEqual(['notify']);
});

test('a lane that is worked in is let be, one that its worker left is rung', async () => {
  const { lane, due, ports } = opened();
  for (const state of TRIED) await lane(state);
  await lane({ lane: 'issue:fleet/le', holder: 'one', leasedUntil: at(MINUTE) });
  await due('issue:fleet/le', at(0));
  expect((await wake(ports)).rung).toEqual([]);
  await ports.clock.sleep(2 * MINUTE);
  expect((await wake(ports)).rung).toEqual(['issue:fleet/le']);
});

test('an inventory that was killed is rung a lease later, though no row of it is due', async () => {
  const { lane, ports } = opened();
  for (const state of TRIED)
    await lane(state.lane === 'inventory:prod' ? { ...state, holder: 'one', leasedUntil: at(0) } : state);
  await ports.clock.sleep(MINUTE);
  expect((await wake(ports)).rung).toEqual(['inventory:prod']);
});

test('an inventory that was never tried, or not for over an hour, is rung; one of a source that is gone is not', async () => {
  const { lane, ports } = opened();
  expect(new Set((await wake(ports)).rung)).toEqual(new Set(INVENTORIES));
  for (const state of TRIED) await lane(state);
  await lane({ lane: 'inventory:gone', lastTryAt: at(-100 * HOUR) });
  expect((await wake(ports)).rung).toEqual([]);
  await ports.clock.sleep(2 * HOUR);
  expect(new Set((await wake(ports)).rung)).toEqual(new Set(INVENTORIES));
});

test('a paused lane is not rung and counts as no delay, until its pause is over', async () => {
  const { lane, due, ports } = opened();
  for (const state of TRIED) await lane(state);
  const pause = { since: at(0), until: at(10 * MINUTE), by: 'ada', because: 'the CA moves' };
  await lane({ lane: 'issue:fleet/le', pause });
  await due('issue:fleet/le', at(0));
  await ports.clock.sleep(5 * MINUTE);
  expect(await wake(ports)).toEqual({ rung: [], oldestDueSeconds: 0 });
  await ports.clock.sleep(10 * MINUTE);
  expect(await wake(ports)).toEqual({ rung: ['issue:fleet/le'], oldestDueSeconds: 900 });
});

test('the hourly inventory rings every source', async () => {
  const { ports, rung } = opened();
  expect(await wakeInventories(ports)).toEqual({ rung: INVENTORIES });
  expect(rung).toEqual(INVENTORIES);
});

test('a fleet that was left rings nothing, whatever is due, and says so; one that is being left still ends its orders', async () => {
  const { records, lane, due, ports, rung } = opened();
  const installation = { id: 'i', fleet: 'acme', createdAt: at(0) };
  const leaving = { since: at(0), by: 'ada' };
  await lane({ lane: 'issue:fleet/le' });
  await due('issue:fleet/le', at(0));
  await records.put(rows.installation({ ...installation, leaving }, 0, at(0)));
  expect((await wake(ports)).rung).toContain('issue:fleet/le');
  const { rev } = (await records.get(keys.installation())) ?? { rev: 0 };
  const left = { ...leaving, closedAt: at(0) };
  await records.put(rows.installation({ ...installation, leaving: left }, rev, at(0)));
  rung.length = 0;
  expect(await wake(ports)).toEqual({ rung: [], oldestDueSeconds: 0, left });
  expect(await wakeInventories(ports)).toEqual({ rung: [], left });
  expect(rung).toEqual([]);
});
