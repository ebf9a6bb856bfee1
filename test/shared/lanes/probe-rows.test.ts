/** The rows of endpoints: nothing of them is lost by a kill, stays due, or outlives what asked for it. */
import { expect, test } from 'vitest';
import { PROBE_LANE } from '../../../shared/contract/ids.ts';
import type { Handshakes } from '../../../shared/contract/ports.ts';
import { keys, type Records, rows } from '../../../shared/contract/records.ts';
import { closeLeaving } from '../../../shared/lanes/installation.ts';
import { closeWanted, storeWanted } from '../../../shared/lanes/source-rows.ts';
import { wake } from '../../../shared/lanes/wake.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { place } from '../stages/assess/judged-things.ts';
import { at, HOUR, MINUTE } from '../stages/issue/scripted.ts';
import { made, next, OLD, opened, outside, wantedOf } from './probe-world.ts';

const isDue = async (records: Records, now: Date): Promise<boolean> =>
  (await records.dueSince(PROBE_LANE, now.toISOString())) !== undefined;

test('nothing is due before something is delivered, and what is due is never left so', async () => {
  const world = await opened(outside(OLD));
  await world.run();
  expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([0, undefined]);
  await world.deliver();
  expect([await isDue(world.records, world.clock.now()), (await world.row())?.wakeAt]).toEqual([false, at(MINUTE)]);
  world.clock.later(MINUTE);
  const rung: string[] = [];
  await wake({ ...world.ports, bell: { ring: async (lane) => void rung.push(lane) } });
  expect(rung).toContain(PROBE_LANE);
  await world.run();
  expect(await isDue(world.records, world.clock.now())).toBe(false);
});

test('a kill between the delivery and its row loses no look', async () => {
  const world = await opened(outside(OLD));
  const put: Records['put'] = async (row) => {
    if (row.pk.startsWith('DEST#')) throw new Error('killed');
    return world.records.put(row);
  };
  await expect(world.deliver({ records: { ...world.records, put } })).rejects.toThrow('killed');
  expect((await world.row())?.wakeAt).toBe(at(MINUTE));
  world.clock.later(MINUTE / 2);
  await world.deliver();
  expect((await world.row())?.wakeAt).toBe(at(MINUTE));
});

test('the next delivery begins anew, and ends nothing that was told before its own time', async () => {
  const ours = factsOf(made.leaf.x509);
  const out = outside(ours, OLD);
  const world = await opened(out);
  await world.deliver();
  await world.runAt(30 * MINUTE);
  world.clock.later(HOUR);
  await world.renewed();
  await world.asks();
  await world.deliver();
  const delivered = world.clock.elapsed();
  await world.runAt(delivered + MINUTE);
  expect((await world.findings()).map(({ message }) => message)).toEqual([
    expect.stringContaining('serves serial 01d0'),
  ]);
  await world.runAt(delivered + 30 * MINUTE);
  const [finding] = await world.findings();
  expect(finding?.message).toMatch(
    /^1 of 2 addresses .* still serves serial .*; 1 of 2 addresses .* still serves serial/,
  );
  expect(finding?.evidence.serial).toBe(factsOf(next.leaf.x509).serial);
});

test('what is put there once more is waited for once more', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  await world.runAt(30 * MINUTE);
  world.store.holds.clear();
  await world.asks();
  await world.deliver();
  expect((await world.row())?.wakeAt).toBe(at(31 * MINUTE));
});

test('what is delivered while somebody looks has its own time', async () => {
  const out = outside(OLD);
  const world = await opened(out);
  await world.deliver();
  world.clock.later(MINUTE);
  const shake: Handshakes['shake'] = async (to) => {
    await world.renewed();
    await world.asks();
    await world.deliver();
    return out.handshakes.shake(to);
  };
  await world.run({ handshakes: { ...out.handshakes, shake } });
  const row = await world.row();
  expect([row?.wakeAt, row?.body.seen, row?.body.awaited?.serial]).toEqual([
    ...[at(2 * MINUTE), undefined, factsOf(next.leaf.x509).serial],
  ]);
});

test('what is in its places already is looked for at once', async () => {
  const world = await opened(outside(OLD));
  const have = { facts: factsOf(made.leaf.x509), keyMatches: true, version: '1', annotations: {} };
  const row = await world.records.get(keys.destination(place('a')));
  if (row) await world.records.put(rows.destination({ ...row.body, ownership: { is: 'ours' }, have }, row.rev));
  await world.run();
  expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([1, at(MINUTE)]);
});

test('an endpoint that is no longer named is gone, with what was said of it', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  await world.runAt(30 * MINUTE);
  expect(await world.said()).toHaveLength(1);
  const { endpoints: _none, ...rest } = wantedOf();
  await storeWanted(world.records, rest);
  expect([await world.row(), await world.said()]).toEqual([undefined, []]);
});

test('so is one of a certificate that nobody asks for any more', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  await world.runAt(30 * MINUTE);
  await closeWanted(world.records, 'fleet/a', at(HOUR));
  expect([await world.row(), await world.said()]).toEqual([undefined, []]);
});

test('after the fleet was left nobody looks; when it is taken up again it goes on', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  await closeLeaving(world.records, 'ada', at(0));
  await world.runAt(MINUTE);
  expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([0, undefined]);
  await storeWanted(world.records, wantedOf({ seenAt: at(HOUR) }));
  expect((await world.row())?.wakeAt).toBe(at(HOUR));
});

test('a row that was lost is made again by the next look at what is asked for', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  const row = await world.row();
  if (row) await world.records.remove(row, row.rev);
  await storeWanted(world.records, wantedOf());
  await world.run();
  expect([world.asked.length, (await world.row())?.body.awaited?.since]).toEqual([1, at(0)]);
});
