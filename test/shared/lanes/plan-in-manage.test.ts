/** The plan of what is in audit: what manage would do there, from what was seen, and stored nowhere. */
import { expect, test } from 'vitest';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import type { Snapshot } from '../../../shared/contract/observation.ts';
import { keys } from '../../../shared/contract/records.ts';
import { changeLane } from '../../../shared/lanes/lease.ts';
import { planInManage } from '../../../shared/lanes/plan-in-manage.ts';
import { DAY, facts, observed } from '../stages/assess/judged-things.ts';
import { cluster } from '../stages/assess/wishes-of-shop.ts';
import { at } from '../stages/issue/scripted.ts';
import { LANE } from './issue-world.ts';
import { AUDITED, audited, ID } from './rehearsal-world.ts';

async function planning(snapshot?: Partial<Snapshot>) {
  const world = await audited();
  const { records, clock, authority } = world;
  await changeLane(records, 'inventory:prod', (state) => ({ ...state, lastTryAt: at(-1) }));
  const seen = snapshot && { source: 'prod', asOf: at(-1), certificates: [], gaps: [], observations: [], ...snapshot };
  const read = async (key: string) =>
    seen && key === 'snapshots/prod' ? Buffer.from(JSON.stringify(seen)) : undefined;
  const blobs = { read, write: async () => undefined };
  const scope = { directoryHost: 'acme-v02.api.letsencrypt.org', account: '1' };
  const ports = { records, blobs, clock, authorityOf: async () => ({ ...authority, scope }) };
  return { ...world, plan: (fleet: Fleet = AUDITED) => planInManage(ID, { ...ports, fleet }) };
}

test('is deferred, and says why, whose the place is, the limits and the TXT name', async () => {
  const made = observed('a', facts(DAY), {
    managers: [{ manager: 'kubectl-create', operation: 'Update', dataKeys: ['tls.crt', 'tls.key'] }],
  });
  const { plan, ...world } = await planning({ observations: [made] });
  const before = await world.rowsOfOthers();
  const { due, deferred } = await plan();
  expect(due).toEqual([]);
  expect(deferred).toMatchObject([
    {
      ...{ id: ID, reason: 'Audit', destinations: [] },
      message: expect.stringMatching(/^the cluster prod is in mode audit: looked at, not renewed; in manage, \w+: /),
      places: [{ place: ID, delivery: 'adopt-first', ownership: { is: 'adoptable', by: 'kubectl-create' } }],
      limits: [{ used: 0 }, { used: 0 }, { used: 0 }],
      txt: [{ name: '_acme-challenge.a.example.com', zone: 'example.com' }],
    },
  ]);
  expect(await world.rowsOfOthers()).toEqual(before);
  expect(await world.records.get(keys.lane(LANE))).toBeUndefined();
  expect(world.ca.calls).toEqual([]);
});

test('of a line that consents to taking over, the place is taken over', async () => {
  const made = observed('a', facts(DAY), {
    managers: [{ manager: 'kubectl-create', operation: 'Update', dataKeys: ['tls.crt', 'tls.key'] }],
  });
  const { plan } = await planning({ observations: [made] });
  const line = { namespaces: ['shop'], names: ['**.example.com'], mode: 'audit', adopt: true } as const;
  const [entry] = (await plan({ ...AUDITED, clusters: [cluster('prod', { mode: 'audit', namePolicy: [line] })] }))
    .deferred;
  expect(entry?.places).toMatchObject([{ place: ID, delivery: 'take-over' }]);
});

test('where there is nothing it is made', async () => {
  const { plan } = await planning({});
  const [entry] = (await plan()).deferred;
  expect(entry?.places).toMatchObject([{ place: ID, delivery: 'create' }]);
  expect(entry?.message).toMatch(/in manage, DoesNotExist: /);
});

test.each([
  ['of a cluster that was never read', undefined],
  ['that may not be looked at', { gaps: [{ what: 'tls-secrets', problem: 'forbidden' }] }],
])('a place %s is looked at before anything is written', async (_what, snapshot) => {
  const [entry] = (await (await planning(snapshot)).plan()).deferred;
  expect(entry?.places).toMatchObject([{ place: ID, delivery: 'unknown' }]);
});

test('what would be refused in manage too is refused', async () => {
  const { plan, records } = await planning({});
  const clusters = [cluster('prod', { mode: 'audit', namePolicy: [] })];
  await expect(plan({ ...AUDITED, clusters })).rejects.toThrow('the name policy of prod does not allow a.example.com');
  const row = await records.get(keys.wanted(ID));
  if (row) await records.put({ ...row, body: { ...row.body, goneAt: at(0) } });
  await expect(plan()).rejects.toThrow('nobody asks for this certificate');
});
