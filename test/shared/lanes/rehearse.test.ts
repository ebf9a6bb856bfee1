/** A rehearsal does what a renewal does up to the certificate, and leaves nothing of it: neither in the zone nor in the rows that lanes go by. */
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../shared/contract/problem.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Attempt } from '../../../shared/contract/rows.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { rehearse } from '../../../shared/lanes/rehearse.ts';
import { want } from '../../../shared/stages/assess/want.ts';
import { ACME_ERROR } from '../../../shared/standards/acme/fixes.ts';
import { context } from '../stages/assess/wishes-of-shop.ts';
import { at, HOUR, problem } from '../stages/issue/scripted.ts';
import { type Death, FLEET, ISSUER, LANE, openIssueWorld } from './issue-world.ts';
import { ASKED, AUDITED, audited, ID, leftNothing, lets, STAGING } from './rehearsal-world.ts';

test('of what is in audit obtains a certificate of the staging environment, and leaves nothing', async () => {
  const world = await audited();
  const before = await world.rowsOfOthers();
  const { end, phases, requests, txt, ...rehearsal } = await world.rehearse();
  expect(rehearsal).toEqual({
    ...{ id: ID, issuer: ISSUER, names: ['a.example.com'], directory: STAGING, twin: 'other', next: 'manage' },
  });
  expect(end).toMatchObject({ is: 'obtained', issuedBy: expect.stringContaining('CN=') });
  expect(world.asked.map((issuer) => issuer.spec)).toMatchObject([{ server: STAGING }]);
  expect(phases.map(({ phase }) => phase)).toEqual(['order', 'dns', 'in-sync', 'validation', 'issuance', 'clean-up']);
  expect(requests).toEqual({ ca: 6, route53: 5 });
  expect(txt).toEqual([
    { name: '_acme-challenge.a.example.com', zone: 'example.com', hostedZoneId: 'Z1', isThere: false },
  ]);
  // the values go while the certificate is made
  const words = ['order-created', 'presented', 'in-sync', 'answered', 'order-ready', 'finalizing', 'issued'];
  expect(world.words().filter((what) => what !== 'removed')).toEqual(words);
  expect(world.words()).toHaveLength(words.length + 1);
  expect(world.forgotten.map(({ step }) => step)).toMatchObject([{ orderUrl: 'https://ca/order/1' }]);
  expect(await world.rowsOfOthers()).toEqual(before);
  await leftNothing(world);
});

describe('ended at any of its calls, the next run of the lane', () => {
  async function killedAt(death: Death): Promise<boolean> {
    const world = await audited();
    const { wasKilled, at: where } = await world.runUntil(death, ({ authority, ...ports }) =>
      rehearse(ID, { ...world.ports, ...ports, fleet: AUDITED, authorityFor: () => authority }),
    );
    await world.run({ only: new Set() });
    await leftNothing(world, `${death.call} ${where}`);
    return wasKilled;
  }
  const atEach = async (when: Death['when'], of?: Death['of']): Promise<number> => {
    for (let call = 1; ; call += 1) if (!(await killedAt({ call, when, ...(of ? { of } : {}) }))) return call - 1;
  };

  test('leaves nothing, before each', async () => {
    expect(await atEach('before')).toBeGreaterThan(15);
  });

  test('leaves nothing, after each that others see', async () => {
    expect(await atEach('after', ['advance', 'change', 'seal'])).toBeGreaterThan(8);
  });
});

describe('is not made now', () => {
  test('in a lane that is paused', async () => {
    const world = await audited();
    const pause = { since: at(0), until: at(HOUR), by: 'ada', because: 'the CA moves' };
    await changeLane(world.records, LANE, (state) => ({ ...state, pause }));
    expect((await world.rehearse()).end).toEqual({
      ...{ is: 'not-now', at: at(HOUR) },
      why: `its lane ${LANE} is paused until 2026-11-24 10:00 UTC by ada: the CA moves`,
    });
    expect(world.ca.calls).toEqual([]);
  });

  test('in a lane in which somebody is at work for longer than there is time', async () => {
    const world = await audited();
    const lease = { holder: 'another', leasedUntil: at(HOUR) };
    await changeLane(world.records, LANE, (state) => ({ ...state, ...lease }));
    let left = 3;
    const clock = { ...world.clock, remainingMs: () => (left-- > 0 ? 1_000 : 0) };
    const holder = { name: 'me', isGone: () => false };
    expect((await world.rehearse({ clock, holder })).end).toMatchObject({ is: 'not-now', why: /somebody else/ });
  });

  test('while a limit of the staging environment is spent', async () => {
    const world = await audited();
    const scope = { directoryHost: 'acme-staging-v02.api.letsencrypt.org', account: '1' };
    const limited: Problem = { ...problem(`${ACME_ERROR}rateLimited`), retryAt: at(3 * HOUR) };
    world.ca.fails.set('intent', limited);
    const authorityFor = () => ({ ...world.authority, scope });
    expect((await world.rehearse({ authorityFor })).end).toMatchObject({ is: 'failed', problem: limited });
    world.ca.fails.clear();
    expect((await world.rehearse({ authorityFor })).end).toEqual({
      ...{ is: 'not-now', at: at(3 * HOUR) },
      why: `acme-staging-v02.api.letsencrypt.org takes no such order before ${at(3 * HOUR)}`,
    });
    expect(world.ca.calls).toEqual(['intent']);
  });

  test('while an order for it is open at the very CA', async () => {
    const world = await audited();
    const attempt: Attempt = { id: '1', startedAt: at(0), deadline: at(HOUR), step: { at: 'intent' }, pickups: 1 };
    const { request } = want(ASKED, context(FLEET));
    if (!request) throw new Error('held');
    await world.records.put(
      rows.issuance({ id: world.id, request, members: [ID], keyPolicy: 'ephemeral', attempt }, 0, at(0)),
    );
    const issuers = [lets({ server: STAGING })];
    const end = (await world.rehearse({ fleet: { ...AUDITED, issuers } })).end;
    expect(end).toMatchObject({ is: 'not-now', why: /an order for it is open/ });
    expect((await world.rehearse()).end.is).toBe('obtained');
    expect((await world.records.get(keys.issuance(world.id)))?.body.attempt).toEqual(attempt);
  });
});

describe('stopped before its end', () => {
  test('by its time it takes its values away', async () => {
    const world = await audited();
    world.zone.answer = () => false;
    let isLate = false;
    const clock = { ...world.clock, remainingMs: () => (isLate ? 100 : 60 * HOUR) };
    const { inSync } = world.zone;
    const zone = {
      ...world.zone,
      change: world.zone.change,
      inSync: async (zoneId: string, changeId: string) => {
        isLate = world.zone.polls.length > 3;
        return inSync(zoneId, changeId);
      },
    };
    const { end, txt } = await world.rehearse({ clock, zone });
    expect(end).toEqual({ is: 'stopped', at: 'in-sync' });
    expect(txt.map(({ isThere }) => isThere)).toEqual([false]);
    await leftNothing(world);
  });

  test('by a signal it leaves them to the next rehearsal, which has values of its own', async () => {
    const world = await audited();
    const stop = new AbortController();
    world.zone.answer = () => {
      stop.abort();
      return false;
    };
    await world.rehearse({ signal: stop.signal });
    world.zone.answer = () => true;
    const { end, txt } = await world.rehearse();
    expect([end.is, txt.length]).toEqual(['obtained', 1]);
    expect(world.ca.orders.size).toBe(2);
    await leftNothing(world);
  });

  test('by a signal it leaves them to the next run', async () => {
    const world = await audited();
    const stop = new AbortController();
    world.zone.answer = () => {
      stop.abort();
      return false;
    };
    const { end, txt } = await world.rehearse({ signal: stop.signal });
    expect(end).toEqual({ is: 'stopped', at: 'in-sync' });
    expect(txt.map(({ isThere }) => isThere)).toEqual([true]);
    await world.run({ only: new Set() });
    await leftNothing(world);
  });
});

test('what is in manage and in somebody else’s place is adopted next', async () => {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  const { ports } = await audited();
  const own = { ...ports, ...world.ports(), authorityFor: () => world.ca };
  expect((await rehearse(ID, own)).next).toBe('nothing');
  const row = await world.place('a');
  if (row) await world.records.put({ ...row, body: { ...row.body, ownership: { is: 'adoptable', by: 'kubectl' } } });
  expect((await rehearse(ID, own)).next).toBe('adopt');
  // the real one is as it was: due, and never tried
  expect(await world.issuance('a')).toMatchObject({ due: { reason: 'DoesNotExist' } });
  expect(Object.keys((await world.issuance('a')) ?? {})).not.toContain('attempt');
});
