/** The inventory lane over a cluster in memory: what becomes a row, what is closed and what never is, and what a source that fails leaves. */
import { describe, expect, test } from 'vitest';
import { FLEET_SOURCE, inventoryLane } from '../../../shared/contract/ids.ts';
import type { Blobs, Handshakes } from '../../../shared/contract/ports.ts';
import { keys } from '../../../shared/contract/records.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { runInventoryLane } from '../../../shared/lanes/inventory.ts';
import type { InventoryLanePorts } from '../../../shared/lanes/inventory-ports.ts';
import { wantedRows } from '../../../shared/lanes/source-rows.ts';
import { sourceViews } from '../../../shared/lanes/sources.ts';
import { DAY, facts } from '../stages/assess/judged-things.ts';
import { cluster, fleet, LETS_ENCRYPT } from '../stages/assess/wishes-of-shop.ts';
import { MemoryCluster, object, refusal, tlsSecret } from '../stages/inventory/memory-cluster.ts';
import { HOUR, jumpingClock, nobodyOutside, openRecords } from '../stages/issue/scripted.ts';

const certificate = (name: string, secretName = name) =>
  object(name, {
    spec: {
      ...{ secretName, dnsNames: [`${name}.shop.example.com`] },
      issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
    },
  });

function memoryBlobs(): Blobs {
  const held = new Map<string, Uint8Array>();
  return { read: async (key) => held.get(key), write: async (key, body) => void held.set(key, body) };
}

function opened(...names: readonly string[]) {
  const [records, clock, prod, rang] = [openRecords(), jumpingClock(), new MemoryCluster(), [] as string[]];
  prod.objects.certificates.push(...names.map((name) => certificate(name)));
  let wrote = 0;
  const blobs = memoryBlobs();
  const of = fleet({ clusters: [cluster('prod')], issuers: [LETS_ENCRYPT] });
  const ports: InventoryLanePorts = {
    ...{ fleet: of, clock, blobs, journal: { tell: async () => undefined } },
    records: {
      ...records,
      put: (row) => {
        if (!row.pk.startsWith('LANE')) wrote += 1;
        return records.put(row);
      },
    },
    ...{ bell: { ring: async (lane) => void rang.push(lane) }, holder: { name: 'one', isGone: () => false } },
    ...{ readerOf: async () => prod, destinationsOf: () => Promise.reject(new Error('there is no store here')) },
    handshakes: nobodyOutside,
  };
  return {
    ...{ records, clock, prod, rang },
    pass: async (more: Partial<InventoryLanePorts> = {}, source = 'prod') => {
      wrote = 0;
      await runInventoryLane(source, { ...ports, ...more });
      return wrote;
    },
    takeAway: (...gone: readonly string[]) => {
      const left = prod.objects.certificates.filter(({ metadata }) => !gone.includes(metadata.name));
      prod.objects.certificates.splice(0, Number.POSITIVE_INFINITY, ...left);
    },
    wanted: async () => (await wantedRows(records, 'prod')).map(({ body }) => body.name).toSorted(),
    issuanceOf: async (name: string) => {
      const wanted = (await records.get(keys.wanted(`prod/shop/${name}`)))?.body;
      return wanted?.issuance ? records.get(keys.issuance(wanted.issuance)) : undefined;
    },
    place: (name: string) => records.get(keys.destination(`prod/shop/${name}`)),
    lane: async () => (await records.get(keys.lane(inventoryLane('prod'))))?.body,
    state: async () => (await sourceViews(['prod'], { records, blobs, clock }))[0]?.state,
    codes: async () => (await openFindings(records)).map(({ code }) => code),
  };
}

describe('a pass over a whole source', () => {
  test('makes rows of what is asked for, and what is missing is due', async () => {
    const world = opened('a', 'b');
    world.prod.objects['tls-secrets'].push(await tlsSecret('b'));
    await world.pass();
    expect(await world.wanted()).toEqual(['a', 'b']);
    expect((await world.issuanceOf('a'))?.body.due?.reason).toBe('DoesNotExist');
    expect((await world.place('a'))?.body.ownership).toEqual({ is: 'absent' });
    expect((await world.place('b'))?.body.ownership.is).toBe('adoptable');
    expect((await world.issuanceOf('b'))?.body.due).toBeUndefined();
    expect(world.rang).toEqual(['issue:fleet/letsencrypt']);
    expect(await world.lane()).toMatchObject({ failures: 0, clusterUid: 'uid-of-kube-system' });
  });

  test('that sees the same writes nothing', async () => {
    const world = opened('a', 'b');
    expect(await world.pass()).toBeGreaterThan(0);
    expect(await world.pass()).toBe(0);
  });

  test('closes what is gone: nothing is due for it any more, and back again it is', async () => {
    const world = opened('a', 'b');
    await world.pass();
    const before = await world.issuanceOf('a');
    world.takeAway('a');
    await world.pass();
    expect(await world.wanted()).toEqual(['b']);
    const closed = before && (await world.records.get(keys.issuance(before.body.id)));
    expect(closed?.body).toMatchObject({ members: [] });
    expect([closed?.body.due, closed?.wakeAt]).toEqual([undefined, undefined]);
    world.prod.objects.certificates.push(certificate('a'));
    await world.pass();
    expect((await world.issuanceOf('a'))?.body.due?.reason).toBe('DoesNotExist');
  });

  test('a Secret of another name: the old place is forgotten', async () => {
    const world = opened('a');
    await world.pass();
    world.takeAway('a');
    world.prod.objects.certificates.push(certificate('a', 'a-new'));
    await world.pass();
    expect(await world.place('a')).toBeUndefined();
    expect((await world.place('a-new'))?.body).toMatchObject({ certificate: 'prod/shop/a' });
  });
});

describe('what an annotation asks for', () => {
  const ISSUER = { 'cert-manager.io/cluster-issuer': 'letsencrypt' };
  const asking = (kind: 'ingresses' | 'gateways', annotations: Record<string, string>) => {
    const hostname = 'a.shop.example.com';
    const tls = { mode: 'Terminate', certificateRefs: [{ name: 'a' }] };
    const spec = { tls: [{ hosts: [hostname], secretName: 'a' }], listeners: [{ hostname, protocol: 'HTTPS', tls }] };
    const world = opened();
    const set = (now: Record<string, string>) =>
      world.prod.objects[kind].splice(0, 1, object('web', { annotations: now, spec }));
    set(annotations);
    return { ...world, set };
  };

  test.each(['ingresses', 'gateways'] as const)(
    'of %s is wanted within the name policy, and closed with it',
    async (kind) => {
      const world = asking(kind, ISSUER);
      await world.pass();
      expect((await world.issuanceOf('a'))?.body.due?.reason).toBe('DoesNotExist');
      world.set({});
      await world.pass();
      expect(await world.wanted()).toEqual([]);
    },
  );

  test.each(['ingresses', 'gateways'] as const)('of %s is not gone when the annotation is broken', async (kind) => {
    const world = asking(kind, ISSUER);
    await world.pass();
    world.set({ ...ISSUER, 'cert-manager.io/issuer': 'x' });
    await world.pass();
    expect([await world.wanted(), await world.codes()]).toEqual([['a'], ['unreadable']]);
    expect((await world.issuanceOf('a'))?.body.due?.reason).toBe('DoesNotExist');
  });

  test('of Gateways is not gone when they cannot be read', async () => {
    const world = asking('gateways', ISSUER);
    await world.pass();
    world.prod.refuses.gateways = 'Forbidden';
    await world.pass();
    expect(await world.wanted()).toEqual(['a']);
  });
});

describe('a source that cannot be read', () => {
  test.each([
    ['at all', { readerOf: () => Promise.reject(refusal('Unreachable', 'route')) }],
    ['as its token is refused', { readerOf: () => Promise.reject(refusal('Unauthorized', 'token')) }],
  ] as const)('%s is stale, never empty', async (_what, more) => {
    const world = opened('a');
    await world.pass();
    const due = await world.issuanceOf('a');
    await world.pass(more);
    await world.pass(more);
    expect(await world.lane()).toMatchObject({ failures: 2 });
    expect([await world.wanted(), await world.codes()]).toEqual([['a'], expect.arrayContaining(['source-down'])]);
    expect((await world.issuanceOf('a'))?.wakeAt).toBe(due?.wakeAt);
    await world.pass();
    expect((await world.lane())?.failures).toBe(0);
    expect(await world.codes()).not.toContain('source-down');
  });

  test.each(['certificates', 'ingresses'] as const)('%s may not be listed: nothing is closed', async (kind) => {
    const world = opened('a', 'b');
    await world.pass();
    world.takeAway('a');
    world.prod.refuses[kind] = 'Forbidden';
    await world.pass();
    expect(await world.wanted()).toEqual(['a', 'b']);
  });

  test.each([
    ['certificates', 'stale'],
    ['gateways', 'ok'],
    ['mutating-webhooks', 'ok'],
    ['uid', 'ok'],
  ] as const)('%s may not be listed: the source is %s', async (kind, state) => {
    const world = opened('a');
    world.prod.refuses[kind] = 'Forbidden';
    await world.pass();
    expect([await world.state(), await world.codes()]).toEqual([state, expect.arrayContaining(['source-down'])]);
  });

  test('Secrets may not be read: what was known of places stays', async () => {
    const world = opened('a');
    world.prod.objects['tls-secrets'].push(await tlsSecret('a'));
    await world.pass();
    const known = (await world.place('a'))?.body.have;
    expect(known).toBeDefined();
    world.prod.refuses['tls-secrets'] = 'Forbidden';
    await world.pass();
    expect((await world.place('a'))?.body.have).toEqual(known);
  });

  test('Secrets may not be read: hosts are asked what they serve, and only then', async () => {
    const world = opened();
    const tls = [{ hosts: ['shop.example.com', 'gone.example.com'], secretName: 'web' }];
    world.prod.objects.ingresses.push(object('web', { spec: { tls } }));
    const asked: string[] = [];
    const handshakes: Handshakes = {
      addressesOf: async (host) => {
        asked.push(host);
        return host.startsWith('gone') ? [] : ['10.0.0.1'];
      },
      shake: async () => ({ is: 'shown', chain: [facts(5 * DAY)] }),
    };
    await world.pass({ handshakes });
    expect(asked).toEqual([]);
    world.prod.refuses['tls-secrets'] = 'Forbidden';
    await world.pass({ handshakes });
    expect(asked.toSorted()).toEqual(['gone.example.com', 'shop.example.com']);
    const found = await openFindings(world.records);
    expect(found.map(({ code, object: { kind, name } }) => `${code} ${kind} ${name}`)).toEqual([
      'expiring-unmanaged Endpoint shop.example.com:443',
      'source-down Cluster prod',
    ]);
    expect(found[1]?.evidence.handshakes).toMatch(
      /of 2 hosts 1 could not .* \(gone\.example\.com:443: its name has no address\)/,
    );
    world.prod.refuses['tls-secrets'] = '';
    await world.pass({ handshakes });
    expect([asked.length, (await world.codes()).includes('expiring-unmanaged')]).toEqual([2, false]);
  });

  test('another cluster behind the same name is refused, and nothing is taken from it', async () => {
    const world = opened('a');
    await world.pass();
    const other = new MemoryCluster();
    other.uid = async () => 'another-uid';
    await world.pass({ readerOf: async () => other });
    expect((await world.lane())?.problem?.type).toBe('nolapse:another-cluster');
    expect(await world.wanted()).toEqual(['a']);
  });
});

describe('more than a fifth gone at once', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  test('changes nothing for a day, and is told; then it is believed', async () => {
    const world = opened(...names);
    await world.pass();
    world.takeAway('a', 'b');
    await world.pass();
    expect([await world.wanted(), await world.codes()]).toEqual([
      names,
      expect.arrayContaining(['mass-disappearance']),
    ]);
    world.clock.later(23 * HOUR);
    await world.pass();
    expect(await world.wanted()).toEqual(names);
    world.clock.later(2 * HOUR);
    await world.pass();
    expect(await world.wanted()).toEqual(['c', 'd', 'e', 'f']);
    expect(await world.codes()).not.toContain('mass-disappearance');
  });

  test('put back, it was nothing', async () => {
    const world = opened(...names);
    await world.pass();
    world.takeAway('a', 'b');
    await world.pass();
    world.prod.objects.certificates.push(certificate('a'), certificate('b'));
    await world.pass();
    expect([await world.wanted(), (await world.codes()).includes('mass-disappearance')]).toEqual([names, false]);
  });
});

test('the fleet itself is a source without a cluster', async () => {
  const world = opened('a');
  await world.pass({}, FLEET_SOURCE);
  expect((await world.records.get(keys.lane(inventoryLane(FLEET_SOURCE))))?.body).toMatchObject({ failures: 0 });
});
