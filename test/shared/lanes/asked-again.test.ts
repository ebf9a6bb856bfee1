/** The head of the issue lane against rows that were written for another fleet than the one that is deployed now. */
import { expect, test } from 'vitest';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { keys, rows } from '../../../shared/contract/records.ts';
import type { Wanted } from '../../../shared/contract/rows.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { acmeIssuer, spec } from '../stages/assess/judged-things.ts';
import { cluster } from '../stages/assess/wishes-of-shop.ts';
import { HOUR } from '../stages/issue/scripted.ts';
import { FLEET, LANE, openIssueWorld } from './issue-world.ts';

async function opened() {
  const world = openIssueWorld();
  await world.asks('a', ['a.example.com']);
  const wanted = () => world.records.get(keys.wanted('prod/shop/a'));
  return {
    ...world,
    wanted,
    row: () => world.records.get(keys.issuance(world.idOf('a'))),
    found: async () => (await openFindings(world.records)).map(({ code, object }) => `${code} ${object.name}`),
    change: async (more: Partial<Wanted>) => {
      const row = await wanted();
      if (row) await world.records.put(rows.wanted({ ...row.body, ...more }, row.rev));
    },
    runIn: async (fleet: Fleet) => world.run({ fleet }),
  };
}

const policyOf = (...names: string[]): Fleet => ({
  ...FLEET,
  clusters: [cluster('prod', { namePolicy: [{ namespaces: ['shop'], names }] })],
});

test('a name that the policy no longer allows is not ordered, and that is said', async () => {
  const world = await opened();
  expect(await world.runIn(policyOf('b.example.com'))).toBe('done');
  expect([world.ca.calls, world.zone.calls]).toEqual([[], []]);
  const held = { reason: 'name-not-allowed', message: expect.stringContaining('does not allow a.example.com') };
  expect((await world.wanted())?.body).toMatchObject({ held });
  expect((await world.wanted())?.body.issuance).toBeUndefined();
  expect(await world.found()).toEqual(['name-not-allowed a']);
  const row = await world.row();
  expect([row?.wakeAt, row?.body.members, row?.body.failure]).toEqual([undefined, [], undefined]);
  expect(await world.records.due(LANE, '2099-01-01T00:00:00.000Z', 10)).toEqual([]);
});

test('an order that is open when its name is taken away goes no further', async () => {
  const world = await opened();
  const stop = new AbortController();
  world.zone.answer = () => {
    stop.abort(new Error('the deadline is near'));
    return false;
  };
  await world.run({ signal: stop.signal });
  expect((await world.row())?.body.attempt?.step.at).toBe('authorizing');
  const calls = world.ca.calls.length;
  await world.runIn(policyOf());
  expect(world.ca.calls.length).toBe(calls);
  expect(await world.found()).toEqual(['name-not-allowed a']);
  world.clock.later(6 * HOUR);
  await world.runIn(policyOf());
  expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
});

test.each<readonly [string, Fleet, Partial<Wanted>]>([
  ['a cluster that is only looked at now', { ...FLEET, clusters: [cluster('prod', { mode: 'audit' })] }, {}],
  ['a cluster that was taken out of the fleet', { ...FLEET, clusters: [] }, {}],
  ['a FleetCertificate that the file no longer has', FLEET, { origin: 'FleetCertificate', source: 'fleet' }],
  ['a name whose zone was taken out', { ...FLEET, zones: [] }, {}],
])('nothing is ordered for %s', async (_what, fleet, more) => {
  const world = await opened();
  await world.change(more);
  await world.runIn(fleet);
  expect(world.ca.calls).toEqual([]);
  expect((await world.row())?.wakeAt).toBeUndefined();
});

test.each<readonly [string, Fleet, Partial<Wanted>]>([
  ['names', FLEET, { spec: spec({ secretName: 'a', dnsNames: ['other.example.com'] }) }],
  ['profile of its issuer', { ...FLEET, issuers: [profiled(FLEET)] }, {}],
  ['trust domain', { ...FLEET, clusters: FLEET.clusters.map((one) => ({ ...one, trustDomain: 'all' })) }, {}],
])('the %s changed since it became due: the next inventory says what is wanted', async (_what, fleet, more) => {
  const world = await opened();
  await world.change(more);
  await world.runIn(fleet);
  expect(world.ca.calls).toEqual([]);
  expect((await world.wanted())?.body).toMatchObject({ issuance: world.idOf('a') });
  expect((await world.row())?.wakeAt).toBeUndefined();
  expect(await world.found()).toEqual([]);
});

test('a request that is not what its members ask for is not ordered, whoever wrote it', async () => {
  const world = await opened();
  const row = await world.row();
  if (!row) throw new Error('there is no row');
  const request = { ...row.body.request, dnsNames: ['bank.example.com'] };
  await world.records.put(rows.issuance({ ...row.body, request }, row.rev, row.wakeAt));
  await world.run();
  expect(world.ca.calls).toEqual([]);
});

test('what the file itself asks for needs no policy, also in a cluster that has one', async () => {
  const world = await opened();
  const { body } = (await world.wanted()) ?? {};
  if (!body) throw new Error('there is no row');
  const { id, source, origin, namespace = '', name, labels, places } = body;
  const certificates = [
    { id, source, origin: 'Certificate', namespace, name, labels, places, spec: body.spec } as const,
  ];
  expect(origin).toBe('Certificate');
  await world.runIn({ ...policyOf(), certificates });
  expect((await world.row())?.body.current).toBeDefined();
});

function profiled({ issuers: [issuer = acmeIssuer('https://ca/directory')] }: Fleet) {
  if (issuer.spec.type !== 'acme') throw new Error('it is no ACME issuer');
  return { ...issuer, spec: { ...issuer.spec, profile: 'shortlived' } };
}
