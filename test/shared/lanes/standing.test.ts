/** What somebody is told who asks where a certificate stands, from nothing ordered to delivered. */
import { describe, expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Wanted } from '../../../shared/contract/rows.ts';
import { standingOf, wantedIds } from '../../../shared/lanes/standing.ts';
import { at, HOUR } from '../stages/issue/scripted.ts';
import { LANE, openIssueWorld } from './issue-world.ts';

const ID = 'prod/shop/shop-tls';

async function opened() {
  const world = openIssueWorld();
  await world.asks('shop-tls');
  const change = async (more: Partial<Wanted>): Promise<void> => {
    const row = await world.records.get(keys.wanted(ID));
    if (row) await world.records.put(rows.wanted({ ...row.body, ...more }, row.rev));
  };
  return { ...world, change, standing: () => standingOf(ID, world) };
}

test('due: what it waits for and since when', async () => {
  const { standing } = await opened();
  expect(await standing()).toEqual({
    ...{ certificate: ID, state: 'due', waitingFor: 'its turn in the lane: there is nothing', since: at(-1) },
    places: [{ place: ID }],
  });
});

test('issued, and not yet in its place', async () => {
  const { standing, run, issuance } = await opened();
  await run();
  const { serial, notAfter } = (await issuance('shop-tls'))?.current?.facts ?? {};
  expect(serial).toBeDefined();
  expect(await standing()).toMatchObject({ state: 'delivering', waitingFor: ID, serial, notAfter });
});

test('in its place: nothing to wait for', async () => {
  const { standing, run, issuance, place, records } = await opened();
  await run();
  const facts = (await issuance('shop-tls'))?.current?.facts;
  const row = await place('shop-tls');
  if (row && facts)
    await records.put(rows.destination({ ...row.body, have: { facts, version: '1', annotations: {} } }, row.rev));
  const said = await standing();
  expect(said).toMatchObject({ state: 'valid', places: [{ place: ID, serial: facts?.serial }] });
  expect(said).not.toHaveProperty('waitingFor');
});

test('failed: with what was said, and when it is tried again', async () => {
  const { standing, run, ca } = await opened();
  ca.verdict = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids it', retry: 'later' };
  await run();
  expect(await standing()).toMatchObject({ state: 'failed', waitingFor: 'CAA forbids it', nextAt: expect.any(String) });
});

test('held, gone and never heard of', async () => {
  const { standing, change, records, clock } = await opened();
  await change({ held: { reason: 'name-not-allowed', message: 'the policy does not allow it' } });
  expect(await standing()).toMatchObject({ state: 'held', waitingFor: 'the policy does not allow it' });
  expect(await wantedIds(records, ['prod', 'fleet'])).toEqual([ID]);
  await change({ goneAt: at(0) });
  await expect(standing()).rejects.toThrow(`${ID}: nobody asks for a certificate of this id`);
  await expect(standingOf('prod/shop/other', { records, clock })).rejects.toThrow('nobody asks for');
  expect(await wantedIds(records, ['prod', 'fleet'])).toEqual([]);
});

describe('a lane that somebody has stopped', () => {
  const pause = { since: at(0), until: at(HOUR), by: 'ada', because: 'the CA moves' };
  const words = 'paused until 2026-11-24 10:00 UTC by ada: the CA moves';

  test('of its issuer is what it waits for, until when', async () => {
    const { standing, records, run } = await opened();
    await records.put(rows.lane({ lane: LANE, failures: 0, pause }, 0));
    await run();
    expect(await standing()).toMatchObject({
      ...{ state: 'due', waitingFor: `its lane ${LANE}, which is ${words}`, since: at(0), nextAt: at(HOUR) },
      paused: [{ lane: LANE, ...pause }],
    });
  });

  test('of a place is what it waits for, unless another place is waited for as well', async () => {
    const { standing, records, run, place } = await opened();
    await run();
    const lane = 'deliver:prod';
    await records.put(rows.lane({ lane, failures: 0, pause }, 1));
    expect(await standing()).toMatchObject({ state: 'delivering', waitingFor: `its lane ${lane}, which is ${words}` });
    const row = await place('shop-tls');
    if (row) await records.put(rows.destination({ ...row.body, place: 'secretsmanager/a' }, 0));
    expect(await standing()).toMatchObject({ waitingFor: 'secretsmanager/a', paused: [{ lane }] });
  });

  test('and whose time is over is waited for no more', async () => {
    const { standing, records, clock } = await opened();
    await records.put(rows.lane({ lane: LANE, failures: 0, pause }, 0));
    clock.later(2 * HOUR);
    const said = await standing();
    expect(said.waitingFor).toBe('its turn in the lane: there is nothing');
    expect(said).not.toHaveProperty('paused');
  });
});
