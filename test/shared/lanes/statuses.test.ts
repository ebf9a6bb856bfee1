/** Certificates and issuers told of themselves: once, of what is so, only where it is ours, and whatever happens renewal goes on. */
import { describe, expect, test } from 'vitest';
import { keys, rows } from '../../../shared/contract/records.ts';
import { judge } from '../../../shared/lanes/assess.ts';
import { failure } from '../stages/assess/judged-things.ts';
import { cluster } from '../stages/assess/wishes-of-shop.ts';
import { HOUR } from '../stages/issue/scripted.ts';
import { delivered, MANAGED, of, openStatuses } from './statuses-world.ts';

const A = of('Certificate', 'a');
const READY = ['Ready True Ready'];
const MISSING = 'Ready False DoesNotExist';
const KEY = 'Certificate/shop/a';

describe('a Certificate', () => {
  test('is told once it is delivered, and nothing more while nothing changes', async () => {
    const world = await delivered('a');
    expect(world.conditions(A)).toEqual(READY);
    expect(world.said(A)).toMatchObject({ revision: 1 });
    expect([world.statuses.writes, world.statuses.reads]).toEqual([[KEY], [KEY]]);
    const row = await world.row(A);
    for (let pass = 0; pass < 2; pass += 1) {
      await world.look();
      await world.deliver();
    }
    expect([world.statuses.writes, world.statuses.reads]).toEqual([[KEY], [KEY]]);
    expect(await world.row(A)).toEqual(row);
  });

  test('is told nothing before there is anything to say', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.deliver();
    expect([world.statuses.reads, (await world.row(A))?.wakeAt]).toEqual([[], undefined]);
  });

  test('is told of a failure, of the next one, and that it is over', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    for (const count of [1, 2]) {
      await world.changes('a', { failure: failure(count) });
      await world.look();
      expect(world.rang).toContain('deliver:prod');
      await world.deliver();
      expect(world.conditions(A)).toEqual([MISSING, 'Issuing False Failed']);
      expect(world.said(A)).toMatchObject({ failedIssuanceAttempts: count });
    }
    await world.changes('a', { failure: undefined as never });
    await world.issues('a');
    await world.deliver();
    expect(world.conditions(A)).toEqual(READY);
    expect(world.said(A)).not.toHaveProperty('failedIssuanceAttempts');
    expect(world.statuses.writes).toHaveLength(3);
  });

  test('is told that it has expired, when nobody has renewed it', async () => {
    const world = await delivered('a');
    world.clock.later(91 * 24 * HOUR);
    await world.look();
    await world.deliver();
    expect(world.conditions(A)).toEqual(['Ready False Expired']);
  });

  test('is told again when somebody has made it anew', async () => {
    const world = await delivered('a');
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.deliver();
    expect([world.conditions(A), world.said(A).revision]).toEqual([READY, 1]);
    expect(world.statuses.writes).toHaveLength(2);
  });

  test('that was changed is told what its new generation is', async () => {
    const world = await delivered('a');
    world.make('Certificate', 'a', world.certificate('a'), { metadata: { generation: 2 } as never });
    await world.look();
    await world.deliver();
    expect(world.said(A).conditions).toMatchObject([{ type: 'Ready', observedGeneration: 2 }]);
  });

  test('that is gone is told nothing, and is forgotten', async () => {
    const world = await delivered('a');
    await world.changes('a', { failure: failure(1) });
    await world.look();
    world.statuses.objects.delete(KEY);
    await world.deliver();
    expect([await world.row(A), world.statuses.writes.length]).toEqual([undefined, 1]);
    await world.look();
    expect(await world.row(A)).toBeUndefined();
  });

  test('of a run that is about others waits for its own', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.changes('a', { failure: failure(1) });
    await world.look();
    await world.deliver({ only: new Set(['another']) });
    expect(world.statuses.reads).toEqual([]);
    await world.deliver();
    expect(world.statuses.writes).toEqual([KEY]);
  });
});

describe('what is not ours', () => {
  test.each<[string, Parameters<typeof openStatuses>[0]]>([
    ['a cluster that is looked at', { fleet: { clusters: [cluster('prod', { mode: 'audit' })] } }],
    [
      'a namespace that is looked at',
      { fleet: { clusters: [{ ...MANAGED, namePolicy: [{ namespaces: ['shop'], names: ['**'], mode: 'audit' }] }] } },
    ],
    ['a name that is not allowed', { fleet: { clusters: [{ ...MANAGED, namePolicy: [] }] } }],
  ])('is told nothing: %s', async (_what, options) => {
    const world = openStatuses(options);
    world.make('Certificate', 'a', world.certificate('a'));
    world.make('ClusterIssuer', 'own', { selfSigned: {} });
    world.make('Issuer', 'own', { selfSigned: {} });
    await world.look();
    await world.deliver();
    for (const one of [A, of('Issuer', 'own'), of('ClusterIssuer', 'own')])
      expect(await world.row(one)).toBeUndefined();
    expect(world.statuses.reads).toEqual([]);
  });

  test('is forgotten when it is ours no more, and what was due is not written', async () => {
    const world = await delivered('a');
    await world.changes('a', { failure: failure(1) });
    await world.look();
    const audit = { fleet: { ...world.base.fleet, clusters: [cluster('prod', { mode: 'audit' })] } };
    await world.deliver(audit);
    expect(world.statuses.writes).toHaveLength(1);
    await world.look(audit);
    expect(await world.row(A)).toBeUndefined();
  });

  test('a Certificate that the fleet file stands for: its word is about what the file asks', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    const wanted = (await world.records.get(keys.wanted('prod/shop/a')))?.body;
    if (!wanted) throw new Error('nobody asks for it');
    const { id, source, namespace, name, labels, spec, places } = wanted;
    const inFile = {
      ...{ id, source, name, labels, spec, places, origin: 'Certificate' as const },
      namespace: namespace ?? '',
    };
    await world.look({ fleet: { ...world.base.fleet, certificates: [inFile] } });
    expect(await world.row(A)).toBeUndefined();
  });

  test('a place that somebody else keeps: its Certificate is told nothing', async () => {
    const world = await delivered('a');
    const row = await world.records.get(keys.destination('prod/shop/a'));
    if (row)
      await world.records.put(rows.destination({ ...row.body, ownership: { is: 'owned', owner: 'x' } }, row.rev));
    await world.changes('a', { failure: failure(1) });
    const id = (await world.records.get(keys.wanted('prod/shop/a')))?.body.issuance ?? '';
    await judge(id, world.base);
    await world.deliver();
    expect(world.statuses.writes).toHaveLength(1);
  });
});
