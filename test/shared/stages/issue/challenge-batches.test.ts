/** TXT values of many attempts in one zone: batches, waits, holders, and what is left when something fails. */
import { expect, test } from 'vitest';
import { keys, type Row } from '../../../../shared/contract/records.ts';
import type { TxtEntry } from '../../../../shared/contract/rows.ts';
import type { TxtKey } from '../../../../shared/contract/step.ts';
import { ChallengeBatches } from '../../../../shared/stages/issue/challenge-batches.ts';
import { Ledger } from '../../../../shared/stages/issue/ledger.ts';
import { at, entryText, failing, HOUR, jumpingClock, MINUTE, openRecords, problem, scriptedZone } from './scripted.ts';

const ISSUER = 'fleet/letsencrypt';
const key = (name: string, zoneId = 'Z1', value = `v-${name}`): TxtKey => ({
  ...{ zoneId, value },
  fqdn: `_acme-challenge.${name}.example.com`,
});
const until = (holder: string) => ({ holder, removeAt: at(6 * HOUR) });

function opened() {
  const [records, clock, zone, stop] = [openRecords(), jumpingClock(), scriptedZone(), new AbortController()];
  const ledger = new Ledger(records, ISSUER);
  const told: string[] = [];
  const journal = { tell: async ({ what }: { what: string }) => void told.push(what) };
  const batches = new ChallengeBatches({ zone, ledger, clock, signal: stop.signal, journal });
  const entry = (of: TxtKey): Promise<Row<TxtEntry> | undefined> => records.get(keys.txt(of));
  return { told, records, clock, zone, ledger, batches, stop, entry };
}

test('a hundred that present together are one change of each zone and one wait', async () => {
  const { batches, zone, clock } = opened();
  const work = async (n: number): Promise<void> => {
    const adds = batches.expect('add');
    const leaves = batches.expect('remove');
    await Promise.resolve();
    const values = [key(`n${n}`, 'Z1'), ...(n % 2 ? [key(`n${n}`, 'Z2'), key(`w${n}`, 'Z2')] : [])];
    const presenting = batches.present(values, until(`iss-${n}`));
    adds.done();
    await presenting;
    for (const one of values) expect(zone.values).toContain(entryText(one));
    await batches.withdraw(values, `iss-${n}`);
    leaves.done();
  };
  await Promise.all(Array.from({ length: 100 }, (_, n) => work(n)));
  await batches.finish();
  expect(zone.calls.map(({ zoneId, add, remove }) => `${zoneId} +${add.length} -${remove.length}`)).toEqual([
    'Z1 +100 -0',
    'Z2 +100 -0',
    'Z1 +0 -100',
    'Z2 +0 -100',
  ]);
  expect(zone.polls).toHaveLength(6);
  expect(zone.values.size).toBe(0);
  expect(clock.elapsed()).toBe(3_000);
});

test('nobody waits longer than ten seconds for one that does not come; the late one has a batch of its own', async () => {
  const { batches, zone, clock } = opened();
  zone.answer = () => true;
  const late = batches.expect('add');
  const started = batches.expect('add');
  const first = batches.present([key('a')], until('a'));
  started.done();
  await first;
  expect(clock.elapsed()).toBe(10_000);
  const second = batches.present([key('b')], until('b'));
  late.done();
  await second;
  expect(clock.elapsed()).toBe(10_000);
  expect(zone.calls.map(({ add }) => add)).toEqual([[entryText(key('a'))], [entryText(key('b'))]]);
});

test('the time that an earlier batch waited is not taken from the next', async () => {
  const { batches, zone, clock } = opened();
  zone.answer = () => true;
  const [one, two, never] = [batches.expect('add'), batches.expect('add'), batches.expect('remove')];
  const first = batches.present([key('a')], until('a'));
  one.done();
  await clock.sleep(9_000);
  two.done();
  await first;
  const waits = batches.expect('add');
  const second = batches.present([key('b')], until('b'));
  await second;
  expect(clock.elapsed()).toBe(19_000);
  for (const token of [waits, never]) token.done();
});

test('one value that is refused fails its own attempt and no other', async () => {
  const { batches, zone } = opened();
  zone.refuses.add(entryText(key('bad')));
  const tokens = [batches.expect('add'), batches.expect('add')];
  const good = batches.present([key('good')], until('good'));
  const bad = batches.present([key('also'), key('bad')], until('bad'));
  for (const token of tokens) token.done();
  await expect(bad).rejects.toMatchObject({ problem: { type: 'aws:InvalidChangeBatch' } });
  await good;
  expect(zone.calls).toHaveLength(1);
});

test('a row stands before its value, and is gone only after it', async () => {
  const { batches, zone, entry } = opened();
  const states: unknown[] = [];
  zone.beforeChange = async () => void states.push((await entry(key('a')))?.body.state);
  await batches.present([key('a')], until('a'));
  states.push((await entry(key('a')))?.body.state);
  await batches.withdraw([key('a')], 'a');
  await batches.finish();
  expect(states).toEqual(['intent', 'present', 'removing']);
  expect(await entry(key('a'))).toBeUndefined();
});

test('a value of two holders goes when the last one leaves', async () => {
  const { batches, zone, entry } = opened();
  await Promise.all([batches.present([key('a')], until('one')), batches.present([key('a')], until('two'))]);
  await batches.withdraw([key('a')], 'one');
  await batches.finish();
  expect(zone.values).toContain(entryText(key('a')));
  await batches.withdraw([key('a')], 'two');
  await batches.finish();
  expect(zone.values.size).toBe(0);
  expect(await entry(key('a'))).toBeUndefined();
});

test('of two holders the one who needs the value longer decides how long it may stay', async () => {
  const { ledger, entry } = opened();
  await ledger.intend(key('a'), 'long', at(6 * HOUR));
  await ledger.intend(key('a'), 'short', at(HOUR));
  expect((await entry(key('a')))?.wakeAt).toBe(at(6 * HOUR));
  await ledger.intend(key('b'), 'gone', at(6 * HOUR));
  await ledger.leave(key('b'), 'gone', at(0));
  await ledger.intend(key('b'), 'next', at(HOUR));
  expect((await entry(key('b')))?.wakeAt).toBe(at(HOUR));
});

test('a change that fails is postponed and told, and its row comes due again', async () => {
  const { batches, zone, entry, records, clock, told } = opened();
  await batches.present([key('a')], until('a'));
  zone.beforeChange = () => failing('aws:Throttling');
  await batches.withdraw([key('a')], 'a');
  await batches.finish();
  expect(told).toEqual(['removal-failed']);
  const row = await entry(key('a'));
  expect(row).toMatchObject({ body: { state: 'removing', holders: [] }, lane: `issue:${ISSUER}` });
  expect(Date.parse(row?.wakeAt ?? '') - clock.now().getTime()).toBe(MINUTE);
  clock.later(MINUTE);
  expect(await records.due(`issue:${ISSUER}`, clock.now().toISOString(), 9)).toHaveLength(1);
  zone.beforeChange = () => undefined;
  await batches.expire(key('a'));
  expect(zone.values.size).toBe(0);
  expect(await entry(key('a'))).toBeUndefined();
});

test('a removal that was refused is postponed while the others are gone', async () => {
  const { batches, zone, entry, told } = opened();
  await batches.present([key('a'), key('b')], until('a'));
  zone.refuses.add(entryText(key('a')));
  await batches.withdraw([key('a'), key('b')], 'a');
  await batches.finish();
  expect(told).toEqual(['removal-failed']);
  expect(await entry(key('a'))).toMatchObject({ body: { state: 'removing' } });
  expect(await entry(key('b'))).toBeUndefined();
});

test('what somebody holds anew is not removed, whatever was decided before', async () => {
  const { batches, zone, entry, ledger } = opened();
  await ledger.intend(key('a'), 'dead', at(-1));
  zone.values.add(entryText(key('a')));
  const waiting = batches.expect('remove');
  const expiring = batches.expire(key('a'));
  await ledger.intend(key('a'), 'alive', at(HOUR));
  waiting.done();
  await expiring;
  await batches.finish();
  expect(zone.values).toContain(entryText(key('a')));
  expect(await entry(key('a'))).toMatchObject({ body: { holders: ['alive'], state: 'intent' } });
  await batches.expire(key('a'));
  expect(zone.values).toContain(entryText(key('a')));
});

test('a failed removal does not shorten the time of who holds the value meanwhile', async () => {
  const { batches, zone, entry, ledger } = opened();
  await ledger.intend(key('a'), 'dead', at(-1));
  zone.beforeChange = async () => {
    await ledger.intend(key('a'), 'alive', at(6 * HOUR));
    failing('aws:Throttling');
  };
  await batches.expire(key('a'));
  expect(await entry(key('a'))).toMatchObject({ body: { holders: ['alive'] }, wakeAt: at(6 * HOUR) });
});

test('one who comes while the value is being removed has it written after that', async () => {
  const { batches, zone, entry, ledger } = opened();
  await ledger.intend(key('a'), 'dead', at(-1));
  zone.values.add(entryText(key('a')));
  let joining: Promise<void> | undefined;
  zone.beforeChange = (add) => {
    if (add.length === 0) joining = batches.present([key('a')], until('alive'));
  };
  await batches.expire(key('a'));
  await joining;
  expect(zone.values).toContain(entryText(key('a')));
  expect(await entry(key('a'))).toMatchObject({ body: { holders: ['alive'], state: 'present' } });
});

test('an end during the wait for INSYNC leaves the rows, and what waits is told', async () => {
  const { batches, zone, stop, entry } = opened();
  zone.answer = (count) => {
    if (count === 2) stop.abort(new Error('stopped'));
    return false;
  };
  await expect(batches.present([key('a')], until('a'))).rejects.toThrow('stopped');
  await batches.finish();
  expect(zone.values).toContain(entryText(key('a')));
  expect(await entry(key('a'))).toMatchObject({ body: { state: 'present', holders: ['a'] }, wakeAt: at(6 * HOUR) });
});

test('INSYNC that never comes is a problem, also when looks fail on the way', async () => {
  const { batches, zone, clock } = opened();
  zone.answer = (count) => (count === 4 ? failing('aws:Throttling') : false);
  await expect(batches.present([key('a')], until('a'))).rejects.toMatchObject({
    problem: { type: 'nolapse:insync-timeout', retry: 'later' },
  });
  expect(clock.elapsed()).toBeGreaterThanOrEqual(10 * MINUTE);
  zone.answer = () => failing('aws:AccessDenied', 'never');
  await expect(batches.present([key('b')], until('b'))).rejects.toMatchObject({
    problem: problem('aws:AccessDenied', 'never'),
  });
});

/** A run that ended while its change was not in sync, and the batches of the next one. */
async function interrupted(...names: readonly string[]) {
  const world = opened();
  world.zone.answer = (polls) => {
    if (polls === 2) world.stop.abort(new Error('the deadline is near'));
    return false;
  };
  const tokens = names.map(() => world.batches.expect('add'));
  const waits = names.map((name) => world.batches.present([key(name)], until(name)));
  for (const token of tokens) token.done();
  for (const wait of waits) await expect(wait).rejects.toThrow('the deadline is near');
  const { clock, zone, ledger } = world;
  const journal = { tell: async () => undefined };
  const batches = new ChallengeBatches({ zone, ledger, clock, signal: new AbortController().signal, journal });
  const again = async (...more: readonly string[]): Promise<void> => {
    const all = [...names, ...more];
    const started = all.map(() => batches.expect('add'));
    const presented = all.map((name) => batches.present([key(name)], until(name)));
    for (const token of started) token.done();
    await Promise.all(presented);
  };
  return { ...world, batches, again };
}

test('a wait that was ended goes on with the same change, and what is new has a change of its own', async () => {
  const { zone, again, entry } = await interrupted('a', 'b');
  zone.answer = () => true;
  await again('c');
  expect(zone.calls.map(({ add }) => add.length)).toEqual([2, 1]);
  expect(zone.polls.toSorted()).toEqual(['C1', 'C1', 'C1', 'C2']);
  expect(zone.synced).toEqual(zone.values);
  for (const name of ['a', 'b'])
    expect((await entry(key(name)))?.body).toMatchObject({ state: 'present', changeId: 'C1' });
});

test('a change that nobody knows any more is made anew, and is the one that the next run asks for', async () => {
  const { zone, again, entry } = await interrupted('a');
  const { inSync } = zone;
  zone.inSync = async (zoneId, changeId) =>
    changeId === 'C1' ? failing('aws:NoSuchChange', 'never') : inSync(zoneId, changeId);
  zone.answer = () => true;
  await again();
  expect(zone.calls.map(({ add }) => add.length)).toEqual([1, 1]);
  expect((await entry(key('a')))?.body).toMatchObject({ state: 'present', changeId: 'C2' });
});

test('a value that was withdrawn is written again, whatever change wrote it before', async () => {
  const { zone, again, batches } = await interrupted('a');
  zone.answer = () => true;
  await batches.withdraw([key('a')], 'a');
  await batches.finish();
  expect(zone.values.size).toBe(0);
  await again();
  expect(zone.calls.map(({ add, remove }) => [add.length, remove.length])).toEqual([
    [1, 0],
    [0, 1],
    [1, 0],
  ]);
});

test('a row of a version that did not keep the change is written again', async () => {
  const { zone, again, records, entry } = await interrupted('a');
  zone.answer = () => true;
  const row = await entry(key('a'));
  if (!row) throw new Error('there is no row');
  const { changeId: _dropped, ...body } = row.body;
  await records.put({ ...row, body });
  await again();
  expect(zone.calls.map(({ add }) => add.length)).toEqual([1, 1]);
});
