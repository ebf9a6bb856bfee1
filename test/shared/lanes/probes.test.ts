/** The lane of endpoints over real rows: when it looks, what it says, and when it takes it back. */
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../shared/contract/certificate.ts';
import type { Handshakes } from '../../../shared/contract/ports.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { closeWanted, storeWanted } from '../../../shared/lanes/source-rows.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import * as things from '../stages/assess/judged-things.ts';
import { DAY, place } from '../stages/assess/judged-things.ts';
import { at, HOUR, MINUTE, problem } from '../stages/issue/scripted.ts';
import { ENDPOINT, made, OLD, opened, outside, wantedOf } from './probe-world.ts';

/** 30 minutes after the delivery. */
const oneOfTwo = (ours: Facts) => ({
  code: 'not-served',
  severity: 'warning',
  object: { kind: 'Endpoint', name: ENDPOINT },
  names: ['shop.example.com'],
  message: `1 of 2 addresses of ${ENDPOINT} still serves serial 01d0, until 2026-12-14 09:00 UTC; serial ${ours.serial} was delivered 30 minutes ago.`,
  evidence: {
    ...{ certificate: 'fleet/a', serial: ours.serial, notAfter: ours.notAfter, delivered: at(0) },
    probed: at(30 * MINUTE),
    '10.0.0.1': expect.stringContaining(`serial ${ours.serial} until`),
    '10.0.0.2': expect.stringContaining('serial 01d0 until 2026-12-14 09:00 UTC, of CN=R10'),
    places: place('a'),
  },
  since: at(30 * MINUTE),
  fix: expect.stringMatching(/^Reload or restart what answers at 10\.0\.0\.2: /),
});

test('one of two addresses that goes on with the old one is told at 30 minutes, and taken back when it follows', async () => {
  const out = outside(OLD, OLD);
  const world = await opened(out);
  await world.deliver();
  const ours = factsOf(made.leaf.x509);
  const looks: string[] = [];
  for (const minutes of [1, 3, 10]) {
    if (minutes === 3) out.shows.set('10.0.0.1', ours);
    await world.runAt(minutes * MINUTE);
    looks.push(`${minutes}: ${world.asked.length} ${(await world.said()).join()}`);
  }
  expect(looks).toEqual(['1: 1 ', '3: 2 ', '10: 3 ']);
  expect(await world.view()).toEqual([{ endpoint: ENDPOINT, state: 'waiting', seenAt: at(10 * MINUTE) }]);
  await world.runAt(30 * MINUTE);
  expect(world.asked).toHaveLength(4);
  expect((await world.view())?.map(({ state }) => state)).toEqual(['not-served']);
  expect(await world.findings()).toEqual([oneOfTwo(ours)]);
  out.shows.set('10.0.0.2', ours);
  await world.runAt(45 * MINUTE);
  expect(world.asked).toHaveLength(4);
  await world.runAt(HOUR);
  expect(await world.findings()).toEqual([]);
  expect(
    world.told.filter(({ stage }) => stage === 'verify').map(({ what, detail }) => [what, detail.addresses]),
  ).toEqual([
    ['not-served', '1 of 2'],
    ['served', '2'],
  ]);
  expect(world.told.at(-1)?.detail).toEqual({
    endpoint: ENDPOINT,
    serial: ours.serial,
    addresses: '2',
    after: '60 minutes',
  });
  expect((await world.row())?.wakeAt).toBe(at(DAY));
  expect((await world.view())?.map(({ state }) => state)).toEqual(['served']);
});

test('it is looked at daily from then on, and one that was put back is told at once', async () => {
  const ours = factsOf(made.leaf.x509);
  const out = outside(ours, ours);
  const world = await opened(out);
  await world.deliver();
  for (const ms of [MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, DAY, 2 * DAY]) await world.runAt(ms);
  expect([world.asked.length, (await world.row())?.wakeAt]).toEqual([6, at(3 * DAY)]);
  out.shows.set('10.0.0.1', things.facts(3 * DAY, { serial: '01d1' }));
  await world.runAt(3 * DAY - HOUR);
  expect(world.asked).toHaveLength(6);
  await world.runAt(3 * DAY);
  expect(await world.said()).toEqual(['not-served critical Endpoint/shop.example.com:443']);
  expect(world.told.map(({ what }) => what)).toEqual(['delivered', 'served', 'not-served']);
});

test('a look that comes late tells nothing before the thirtieth minute', async () => {
  const world = await opened(outside(OLD));
  await world.deliver();
  await world.runAt(30 * MINUTE - 1);
  expect([world.asked.length, await world.said()]).toEqual([1, []]);
  await world.runAt(30 * MINUTE);
  expect([world.asked.length, await world.said()]).toEqual([2, ['not-served warning Endpoint/shop.example.com:443']]);
});

describe('what is served', () => {
  const cases: readonly (readonly [string, Facts | string, string, RegExp, RegExp])[] = [
    ['lives long', OLD, 'warning', /^1 of 1 address of .* still serves serial 01d0/, /^Reload/],
    ['is near its end', things.facts(15 * DAY), 'high', /still serves/, /^Reload/],
    ['is at its end', things.facts(5 * DAY), 'critical', /still serves/, /^Reload/],
    ['has expired', things.facts(-DAY), 'critical', /still serves/, /^Reload/],
    [
      'began later than ours',
      things.facts(89 * DAY, { serial: 'beef' }),
      'warning',
      /serial beef, .* newer than ours and not ours/,
      /^Find who else/,
    ],
    [
      'is for another name',
      things.facts(60 * DAY, { dnsNames: ['x.test'] }),
      'warning',
      /\(it is for x\.test\)/,
      /^Reload/,
    ],
    [
      'is nothing',
      'it refused the connection',
      'warning',
      /shows no certificate: it refused the connection/,
      /^See why/,
    ],
  ];
  test.each(cases)('%s', async (_, shown, severity, message, fix) => {
    const world = await opened(outside(shown));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    const [finding] = await world.findings();
    expect([finding?.code, finding?.severity]).toEqual(['not-served', severity]);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(fix);
  });

  test('lacks the certificates of its issuers', async () => {
    const ours = factsOf(made.leaf.x509);
    const out = outside(ours);
    const shake: Handshakes['shake'] = async () => ({ is: 'shown', chain: [ours] });
    const world = await opened({ ...out, handshakes: { ...out.handshakes, shake } });
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual(['chain-incomplete high Endpoint/shop.example.com:443']);
    expect((await world.findings())[0]?.message).toMatch(/sent without Test Intermediate/);
  });

  test('cannot be by anybody: a name without any address is told', async () => {
    const world = await opened(outside());
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect((await world.findings()).map(({ message }) => message)).toEqual([
      'shop.example.com:443 cannot be reached by anybody: its name has no address.',
    ]);
  });
});

describe('what is not seen from here', () => {
  test('says nothing beside what is: an address without a way to it is none', async () => {
    const world = await opened(outside(factsOf(made.leaf.x509), 'unseen'));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual([]);
    expect((await world.row())?.body).toMatchObject({ servedAt: at(30 * MINUTE) });
  });

  test.each(['an address', 'a name'])('is told once for all, and taken back: %s', async (what) => {
    const out = outside('unseen', 'unseen');
    if (what === 'a name') out.fail(new ProblemError(problem('nolapse:unresolved')));
    const world = await opened(out);
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual(['source-down info Lane/deliver:endpoints']);
    expect((await world.view())?.map(({ state }) => state)).toEqual(['unseen']);
    expect((await world.findings())[0]?.message).toBe(
      '1 of 1 endpoints is not seen from here, so what they serve is not known: shop.example.com:443.',
    );
    out.fail();
    for (const address of out.shows.keys()) out.shows.set(address, factsOf(made.leaf.x509));
    await world.runAt(DAY);
    expect(await world.said()).toEqual([]);
  });

  test.each(['taken out', 'closed', 'held'])('ends with the last endpoint: %s', async (how) => {
    const world = await opened(outside('unseen'));
    await world.deliver();
    await world.runAt(30 * MINUTE);
    expect(await world.said()).toEqual(['source-down info Lane/deliver:endpoints']);
    const { endpoints: _none, ...rest } = wantedOf();
    if (how === 'taken out') await storeWanted(world.records, rest);
    if (how === 'closed') await closeWanted(world.records, 'fleet/a', at(HOUR));
    if (how === 'held') {
      await storeWanted(world.records, wantedOf({ held: { reason: 'audit', message: 'is looked at only' } }));
      await world.runAt(DAY);
    }
    expect(await world.said()).toEqual([]);
  });
});
