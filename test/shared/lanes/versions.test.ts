/** States of other versions: one that an earlier version left in mid-order, one that the next version wrote, and rows with fields of tomorrow. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSqlite } from '../../../shared/adapters/local/sqlite.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';
import { keys, type Records } from '../../../shared/contract/records.ts';
import type { ChannelState, Installation } from '../../../shared/contract/rows.ts';
import { runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { force } from '../../../shared/lanes/force.ts';
import { installationOf, rejoin } from '../../../shared/lanes/installation.ts';
import { runInventoryLane } from '../../../shared/lanes/inventory.ts';
import { inOneProcess, leave } from '../../../shared/lanes/leave.ts';
import { notifyLane } from '../../../shared/lanes/notify.ts';
import { pauseLane } from '../../../shared/lanes/pause.ts';
import { MemoryCluster, object } from '../stages/inventory/memory-cluster.ts';
import { HOUR, MINUTE, nobodyOutside, openRecords, problem, START } from '../stages/issue/scripted.ts';
import { LANE, openIssueWorld } from './issue-world.ts';
import { memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

const VERSION_1 = readFileSync(join(import.meta.dirname, '../../data/state/version-1.sql'), 'utf8');
/** As the next version would leave it: its number, a table and a column of its own, a field in every body. */
const VERSION_2 = `${VERSION_1}
  ALTER TABLE rows ADD COLUMN colour TEXT;
  UPDATE rows SET colour = 'blue', body = json_insert(body, '$.future', json('{"of":"2"}'));
  CREATE TABLE tomorrow(x);
  PRAGMA user_version = 2;`;

/** What a certificate was asked for in mid-order by whoever wrote the state: its order is at the CA, its value in the zone. */
async function opened(sql: string) {
  let file = '';
  const records = openRecords((path) => {
    file = path;
    const database = new (loadSqlite())(path);
    database.exec(sql);
    database.close();
  });
  const world = openIssueWorld(records);
  world.ca.orders.set('https://ca/order/2', { state: 'pending', csrs: new Set() });
  const value = '_acme-challenge.b.example.com 2-b.example.com';
  world.zone.values.add(value);
  // it was the third change of its run
  const change = { zoneId: 'Z1', add: [value], remove: [] };
  world.zone.calls.push(change, change, change);
  const read = <T>(query: string): readonly T[] => {
    const database = new (loadSqlite())(file);
    const all = database.prepare(query).all() as T[];
    database.close();
    return all;
  };
  world.clock.later(MINUTE);
  return { ...world, read };
}

test.each([
  ['an earlier', VERSION_1],
  ['the next', VERSION_2],
])('an order that %s version began is finished, and everything else is found', async (_what, sql) => {
  const world = await opened(sql);
  expect((await installationOf(world.records, { fleet: 'acme', now: START })).id).toBe('c0ffee');
  expect((await world.issuance('a'))?.current?.sealedKey).toMatch(/^sealed /);
  expect((await openFindings(world.records)).map(({ code }) => code)).toEqual(['renewal-failing']);
  await world.run();
  expect(await world.issuance('b')).toMatchObject({ current: { origin: 'issued' } });
  expect((await world.issuance('b'))?.attempt).toBeUndefined();
  expect([...world.ca.orders.keys()]).toEqual(['https://ca/order/2']);
  expect([[...world.zone.values], await world.ledger()]).toEqual([[], []]);
});

test('what the next version has added is there afterwards, in rows that were written too', async () => {
  const world = await opened(VERSION_2);
  const before = world.read<{ pk: string; rev: number }>('SELECT pk, rev FROM rows');
  await world.run();
  expect(world.read('PRAGMA user_version')).toEqual([{ user_version: 2 }]);
  expect(world.read("SELECT name FROM sqlite_schema WHERE name = 'tomorrow'")).toHaveLength(1);
  const after = world.read<{ pk: string; rev: number; colour: string | null; body: string }>('SELECT * FROM rows');
  const old = after.filter(({ colour }) => colour !== null);
  // all but the value of the zone, which is gone
  expect(old).toHaveLength(before.length - 1);
  expect(old.filter(({ rev, pk }) => rev > (before.find((one) => one.pk === pk)?.rev ?? 0)).length).toBeGreaterThan(3);
  for (const { pk, colour, body } of old) {
    expect(colour, pk).toBe('blue');
    expect(JSON.parse(body), pk).toMatchObject({ future: { of: '2' } });
  }
});

/** Rows as a newer version makes them, and a list of those that lost by our writing what it had put there. */
function tomorrows(records: Records) {
  const [lost, rewritten] = [new Set<string>(), new Set<string>()];
  const put: Records['put'] = async (row) => {
    if (row.rev === 0) return records.put({ ...row, body: { ...row.body, future: row.pk } });
    const word = row.pk.startsWith('SRC#') ? row.sk : row.pk;
    rewritten.add(word.split('#', 1)[0] ?? '');
    if ((row.body as { future?: string }).future !== row.pk) lost.add(`${row.pk} ${row.sk}`);
    return records.put(row);
  };
  return { records: { ...records, put }, lost, rewritten };
}

/** A whole fleet on such rows: what is asked for in its cluster, what its channel does, all that its lanes need. */
function openTomorrow() {
  const tomorrow = tomorrows(openRecords());
  const { records } = tomorrow;
  const world = openIssueWorld(records);
  const [store, prod, held] = [memoryDestination(), new MemoryCluster(), new Map<string, Uint8Array>()];
  const blobs = {
    read: async (key: string) => held.get(key),
    write: async (key: string, body: Uint8Array) => void held.set(key, body),
  };
  const scope = { directoryHost: 'acme-v02.api.letsencrypt.org', account: '1' };
  const ports = {
    ...{ ...world.ports(), blobs, destinationsOf: async () => store, readerOf: async () => prod },
    statusesOf: async () => memoryStatuses(world.clock.now),
    ...{ authorityOf: async () => ({ advance: world.ca.advance, scope }), keeps: [], handshakes: nobodyOutside },
    seal: async (plain: Uint8Array) => Buffer.from(plain).toString(),
    unseal: async (sealed: string) => Buffer.from(sealed),
  };
  const looks = async (dnsName: string): Promise<void> => {
    const issuerRef = { name: 'own', kind: 'Issuer' };
    const acme = {
      server: `https://${dnsName}/dir`,
      privateKeySecretRef: { name: 'a' },
      solvers: [{ dns01: { route53: {} } }],
    };
    prod.objects.issuers.splice(0, 1, object('own', { spec: { acme } }));
    prod.objects.certificates.splice(0, 1, object('a', { spec: { secretName: 'a', dnsNames: [dnsName], issuerRef } }));
    await runInventoryLane('prod', ports);
  };
  const tells = async (isDown: boolean): Promise<void> => {
    const send = async (): Promise<void> => {
      if (isDown) throw new ProblemError(problem('aws:Throttling'));
    };
    await notifyLane({ ...ports, fleet: 'acme', channels: [{ name: 'sns', send }] });
  };
  return { ...tomorrow, world, ports, looks, tells };
}

test('no lane loses a field of tomorrow, whatever it writes', async () => {
  const { records, lost, rewritten, world, ports, looks, tells } = openTomorrow();
  for (const name of ['one.shop.example.com', 'two.shop.example.com']) await looks(name);
  await world.asks('b', ['b.example.com']);
  await world.run(ports);
  world.ca.fails.set('intent', problem('urn:ietf:params:acme:error:rateLimited'));
  for (let round = 0; round < 3; round += 1) {
    await force('prod/shop/b', 'ada', world.ports());
    await world.run(ports);
    world.clock.later(HOUR);
  }
  await runDeliverLane('prod', ports);
  for (const isDown of [true, false]) {
    await tells(isDown);
    world.clock.later(24 * HOUR);
  }
  await pauseLane(LANE, { for: '1h', because: 'x', by: 'ada' }, ports);
  await pauseLane(LANE, { for: '0', because: '', by: 'ada' }, ports);
  await leave('ada', inOneProcess(ports));
  await rejoin(records);

  expect([...lost]).toEqual([]);
  expect([...rewritten].toSorted()).toEqual([
    'CERT',
    'CHANNEL',
    'DEST',
    'FIND',
    'ISS',
    'ISSUER',
    'LANE',
    'LIMIT',
    'META',
    'STATUS',
    'ZONE',
  ]);
  expect((await records.get<Installation & { future?: string }>(keys.installation()))?.body.future).toBe('META');
  expect((await records.get<ChannelState>(keys.channel('sns')))?.body).toMatchObject({ future: 'CHANNEL#sns' });
});
