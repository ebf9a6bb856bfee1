/** What stands in the way of telling Certificates and issuers how they stand, and who else may: nothing of it keeps a renewal waiting. */
import { describe, expect, test } from 'vitest';
import { type Records, rows } from '../../../shared/contract/records.ts';
import { runIssueLane } from '../../../shared/lanes/issue.ts';
import { failure } from '../stages/assess/judged-things.ts';
import { at, HOUR, openRecords, problem } from '../stages/issue/scripted.ts';
import { delivered, of, openStatuses } from './statuses-world.ts';

const A = of('Certificate', 'a');
const READY = ['Ready True Ready'];
const KEY = 'Certificate/shop/a';

describe('beside a cert-manager', () => {
  const theirs = (time: string) => ({
    metadata: {
      managedFields: [
        { manager: 'cert-manager-certificates-readiness', operation: 'Update', subresource: 'status', time },
      ],
    } as never,
    status: { revision: 7, lastFailureTime: '2026-11-01T00:00:00Z', nextPrivateKeySecretName: 'a-x' },
  });

  test('that was alive a moment ago nothing is written; an hour later it is', async () => {
    const world = openStatuses();
    const now = `${world.clock.now().toISOString().slice(0, 19)}Z`;
    world.make('Certificate', 'a', world.certificate('a'), theirs(now));
    await world.look();
    await world.issues('a');
    await world.deliver();
    expect([world.statuses.writes, await world.findings()]).toEqual([[], []]);
    world.clock.later(HOUR / 2);
    await world.look();
    await world.deliver();
    expect([world.statuses.reads, world.statuses.writes]).toEqual([[KEY, KEY], []]);
    world.clock.later(HOUR / 2);
    await world.deliver();
    expect([world.conditions(A), world.said(A).revision]).toEqual([READY, 8]);
  });

  test('that is long gone what it has left is in nobody’s way', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'), theirs('2026-11-01T00:00:00Z'));
    await world.look();
    await world.issues('a');
    await world.deliver();
    const { conditions: _ready, notBefore: _from, notAfter: _until, renewalTime: _at, ...rest } = world.said(A);
    expect([world.conditions(A), rest]).toEqual([READY, { revision: 8 }]);
  });

  test('whose word on an issuer comes to the same, nothing is written, and it is asked once a pass', async () => {
    const world = openStatuses();
    const { metadata } = theirs('2026-11-01T00:00:00Z');
    const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'IsReady' }] };
    world.make('Issuer', 'self', { selfSigned: {} }, { metadata, status });
    for (let pass = 1; pass < 3; pass += 1) {
      await world.look();
      await world.deliver();
      expect([world.statuses.reads.length, world.statuses.writes]).toEqual([pass, []]);
    }
  });

  test('our own word makes none alive: nothing is taken for its, and the place stays ours', async () => {
    const world = await delivered('a');
    await world.look();
    expect([await world.findings(), await world.destination('a')]).toMatchObject([[], { ownership: { is: 'ours' } }]);
    await world.changes('a', { failure: failure(1) });
    await world.look();
    await world.deliver();
    expect(world.conditions(A)).toEqual([...READY, 'Issuing False Failed']);
    world.clock.later(91 * 24 * HOUR);
    await world.look();
    await world.deliver();
    expect(world.conditions(A)[0]).toMatch(/^Ready False/);
  });
});

describe('trouble', () => {
  test('what was changed meanwhile is looked at again, and left for later when that does not end', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.issues('a');
    let left = 2;
    world.statuses.meddle = (key) => {
      const found = world.statuses.objects.get(key);
      if (left === 0 || !found) return;
      left -= 1;
      const resourceVersion = String(Number(found.metadata.resourceVersion) + 1);
      world.statuses.objects.set(key, { ...found, metadata: { ...found.metadata, resourceVersion } });
    };
    await world.deliver();
    expect([world.conditions(A), world.statuses.reads.length]).toEqual([READY, 3]);
    left = 3;
    await world.changes('a', { failure: failure(1) });
    await world.look();
    await world.deliver();
    expect((await world.row(A))?.body.failure).toMatchObject({ count: 1, problem: { type: 'kubernetes:Conflict' } });
    world.clock.later(HOUR);
    await world.deliver();
    expect(world.conditions(A)).toEqual([...READY, 'Issuing False Failed']);
    expect((await world.row(A))?.body).not.toHaveProperty('failure');
  });

  test('a right that is missing is one finding, asked for once, and no renewal waits for it', async () => {
    const world = openStatuses();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const name of names) world.make('Certificate', name, world.certificate(name));
    await world.look();
    for (const name of names) await world.issues(name);
    world.statuses.fails = { ...problem('kubernetes:Forbidden'), fix: 'bind a role' };
    await world.deliver();
    expect(world.store.writes).toHaveLength(names.length);
    // as many as are asked at once
    expect(world.statuses.reads.length).toBeLessThanOrEqual(4);
    expect(await world.findings()).toEqual(['warning status-not-written Cluster/prod']);
    for (const name of names) {
      const row = await world.row(of('Certificate', name));
      expect(row?.wakeAt).toBe(row?.body.failure?.retryAt);
    }
    world.statuses.fails = undefined;
    world.clock.later(HOUR);
    await world.deliver();
    for (const name of names) expect(world.conditions(of('Certificate', name))).toEqual(READY);
    expect(await world.findings()).toEqual([]);
  });

  test('of a cluster that cannot be reached nothing is asked again in the same turn, of whichever kind', async () => {
    const world = openStatuses();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      world.make('Issuer', name, { selfSigned: {} });
      world.make('ClusterIssuer', name, { selfSigned: {} });
    }
    await world.look();
    world.statuses.fails = problem('kubernetes:Unreachable');
    await world.deliver();
    expect(world.statuses.reads.length).toBeLessThanOrEqual(4);
    world.statuses.fails = undefined;
    world.clock.later(HOUR);
    await world.deliver();
    expect(world.statuses.writes).toHaveLength(12);
  });

  test('what has failed for an object that is gone is over', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.issues('a');
    world.statuses.fails = problem('kubernetes:Forbidden');
    await world.deliver();
    expect(await world.findings()).toEqual(['warning status-not-written Cluster/prod']);
    await world.look();
    expect(await world.findings()).toEqual(['warning status-not-written Cluster/prod']);
    world.statuses.objects.delete(KEY);
    await world.look();
    expect((await world.findings()).filter((one) => one.includes('status'))).toEqual([]);
  });

  test('what comes right by itself is told when it has not, three times', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.issues('a');
    world.statuses.fails = problem('kubernetes:InternalError');
    const told: (readonly string[])[] = [];
    for (let count = 0; count < 3; count += 1) {
      await world.deliver();
      told.push(await world.findings());
      world.clock.later(2 * HOUR);
    }
    expect(told).toEqual([[], [], ['warning status-not-written Cluster/prod']]);
  });

  test('a process that ends between the write and its row writes nothing twice', async () => {
    const under = openRecords();
    let isDying = false;
    const records: Records = {
      ...under,
      put: async (row) => {
        if (isDying && row.pk.startsWith('STATUS#') && !row.wakeAt) throw new Error('killed');
        return under.put(row);
      },
    };
    const world = openStatuses({ records });
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.issues('a');
    isDying = true;
    await expect(world.deliver()).rejects.toThrow('killed');
    isDying = false;
    await world.deliver();
    expect([world.statuses.writes, world.said(A).revision]).toEqual([[KEY], 1]);
    expect((await world.row(A))?.wakeAt).toBeUndefined();
  });

  test('what becomes so while it is written is written too', async () => {
    const world = openStatuses();
    world.make('Certificate', 'a', world.certificate('a'));
    await world.look();
    await world.issues('a');
    const { write } = world.statuses;
    let isFirst = true;
    const slow = {
      ...world.statuses,
      read: world.statuses.read,
      write: async (...asked: Parameters<typeof write>) => {
        await write(...asked);
        if (isFirst) await world.changes('a', { failure: failure(1) });
        isFirst = false;
      },
    };
    await world.deliver({ statusesOf: async () => slow });
    expect(world.conditions(A)).toEqual([...READY, 'Issuing False Failed']);
  });
});

describe('an issuer', () => {
  const own = of('ClusterIssuer', 'own');

  test('that needs nothing but the cluster is told by what the inventory has seen', async () => {
    const world = openStatuses();
    world.make('ClusterIssuer', 'own', { ca: { secretName: 'root' } });
    world.make('Issuer', 'self', { selfSigned: {} });
    await world.look();
    await world.deliver();
    expect(world.conditions(own)).toEqual(['Ready False ErrGetKeyPair']);
    expect(world.conditions(of('Issuer', 'self'))).toEqual(['Ready True IsReady']);
    const written = world.statuses.writes.length;
    await world.look();
    await world.deliver();
    expect(world.statuses.writes).toHaveLength(written);
  });

  test('whose Secret may not be read is told nothing', async () => {
    const world = openStatuses();
    world.make('ClusterIssuer', 'own', { ca: { secretName: 'root' } });
    world.prod.refuses['tls-secrets'] = 'Forbidden';
    await world.look();
    expect(await world.row(own)).toBeUndefined();
  });

  test('that has an account elsewhere is told by its own lane, which alone may read of it', async () => {
    const world = openStatuses();
    const spec = { acme: { server: 'https://ca/dir', privateKeySecretRef: { name: 'k' }, solvers: [] } };
    world.make('ClusterIssuer', 'own', spec);
    await world.look();
    expect([(await world.row(own))?.lane, world.rang]).toEqual(['issue:prod/own', ['issue:prod/own']]);
    const issue = () =>
      runIssueLane('prod/own', {
        ...world.base,
        seal: async () => '',
        authorityOf: () => Promise.reject(new Error('nobody asks')),
        zone: { change: async () => ({ refused: [] }), inSync: async () => true },
      });
    await issue();
    await world.deliver();
    expect([(await world.row(own))?.wakeAt, world.statuses.reads]).toEqual([undefined, []]);
    const account = { directory: 'https://ca/dir', sealedKey: '', contact: [], termsAgreedAt: '', url: 'https://ca/1' };
    await world.records.put(rows.account(account, 0));
    await issue();
    await world.deliver();
    expect([world.conditions(own), world.said(own).acme]).toEqual([
      ['Ready True ACMEAccountRegistered'],
      { uri: 'https://ca/1' },
    ]);
  });

  test('is asked of its lane although it was told something meanwhile', async () => {
    const world = openStatuses();
    world.make('Issuer', 'self', { selfSigned: {} });
    await world.look();
    const self = of('Issuer', 'self');
    const { write } = world.statuses;
    const meddling = {
      ...world.statuses,
      write: async (...asked: Parameters<typeof write>) => {
        await write(...asked);
        const row = await world.row(self);
        if (row) await world.records.put(rows.status(row.body, row.rev, { lane: 'issue:prod/shop/self', at: at(0) }));
      },
    };
    await world.deliver({ statusesOf: async () => meddling });
    expect(await world.row(self)).toMatchObject({ lane: 'issue:prod/shop/self', wakeAt: at(0) });
  });
});
