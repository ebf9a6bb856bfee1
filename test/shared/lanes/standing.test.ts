/** What somebody is told who asks where a certificate stands, from nothing ordered to delivered. */
import { expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Wanted } from '../../../shared/contract/rows.ts';
import { standingOf, wantedIds } from '../../../shared/lanes/standing.ts';
import { at } from '../stages/issue/scripted.ts';
import { openIssueWorld } from './issue-world.ts';

const ID = 'prod/shop/shop-tls';

async function opened() {
  const world = openIssueWorld();
  await world.asks('shop-tls');
  const change = async (more: Partial<Wanted>): Promise<void> => {
    const row = await world.records.get(keys.wanted(ID));
    if (row) await world.records.put(rows.wanted({ ...row.body, ...more }, row.rev));
  };
  return { ...world, change, standing: () => standingOf(ID, world.records) };
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
  const { standing, change, records } = await opened();
  await change({ held: { reason: 'name-not-allowed', message: 'the policy does not allow it' } });
  expect(await standing()).toMatchObject({ state: 'held', waitingFor: 'the policy does not allow it' });
  expect(await wantedIds(records, ['prod', 'fleet'])).toEqual([ID]);
  await change({ goneAt: at(0) });
  await expect(standing()).rejects.toThrow(`${ID}: nobody asks for a certificate of this id`);
  await expect(standingOf('prod/shop/other', records)).rejects.toThrow('nobody asks for');
  expect(await wantedIds(records, ['prod', 'fleet'])).toEqual([]);
});
