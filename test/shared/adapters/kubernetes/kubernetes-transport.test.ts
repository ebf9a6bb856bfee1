/** The way to an API server: one connection, patience within reason, and what is said when it does not hold. */
import { createServer as tcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import type {
  ClusterConnection,
  KubernetesRequest,
} from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import { type ClusterWorld, openCluster } from './world.ts';

let world: ClusterWorld;
let admin: ClusterConnection;
beforeAll(async () => {
  world = await openCluster();
  admin = await world.as('admin');
});
afterEach(async () => {
  world.slept.length = 0;
  await world.clearFaults();
});
afterAll(() => world.close());

const uid = (connection = admin): Promise<string> => kubernetesClusterReader(connection).uid();
const WRITE: KubernetesRequest = {
  path: '/api/v1/namespaces/shop/secrets',
  verb: 'create',
  group: '',
  resource: 'secrets',
  namespace: 'shop',
  body: { contentType: 'application/json', value: { metadata: { name: 'x' } } },
};
const count = async (): Promise<number> => (await world.seen()).length;

const via = (overrides: object, timeoutMs = 30_000): Promise<ClusterConnection> =>
  world.reach({ by: 'kubeconfig', path: world.kubeconfig({ token: 'admin-token' }, overrides) }, { timeoutMs });

describe('a large answer', () => {
  test('is compressed on its way and read as it was', async () => {
    const text = 'certificate '.repeat(20_000);
    const metadata = { namespace: 'shop', name: 'large' };
    await world.plant({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } });
    const path = '/api/v1/namespaces/shop/configmaps/large';
    const asked = { verb: 'get', group: '', resource: 'configmaps', path } as const;
    expect(await admin.require(asked)).toMatchObject({ data: { text } });
    const small = await world.connect({ token: 'admin-token' }, { maxBodyBytes: 100_000 });
    // it crosses the wire in a few hundred bytes
    await expect(small.require(asked)).rejects.toMatchObject({ problem: { type: 'nolapse:answer-too-large' } });
  });
});

describe('a read', () => {
  test.each([
    ['429', { kind: '429', count: 2, retryAfter: 7 }, [7_000, 7_000]],
    ['500', { kind: '500', count: 1 }, [expect.any(Number)]],
    ['a closed connection', { kind: 'down', count: 1 }, [expect.any(Number)]],
  ])('is repeated after %s', async (_, fault, slept) => {
    await world.fault(fault);
    expect(await uid()).toBe(world.ready.uid);
    expect(world.slept).toEqual(slept);
  });

  test('is given up after a few, with the instant that the server named', async () => {
    await world.fault({ kind: '429', retryAfter: 9 });
    await expect(uid()).rejects.toMatchObject({
      problem: { type: 'kubernetes:TooManyRequests', status: 429, retry: 'later', retryAt: expect.any(String) },
    });
    expect(world.slept).toEqual([9_000, 9_000, 9_000]);
  });

  test('does not wait for a server that wants too much patience', async () => {
    await world.fault({ kind: '429', retryAfter: 3_600 });
    await expect(uid()).rejects.toMatchObject({ problem: { retry: 'later', retryAt: expect.any(String) } });
    expect(world.slept).toEqual([]);
  });

  test('is not repeated with credentials that cannot be renewed', async () => {
    const before = await count();
    await world.fault({ kind: '401' });
    await expect(uid()).rejects.toMatchObject({ problem: { type: 'kubernetes:Unauthorized' } });
    expect((await count()) - before).toBe(1);
  });
});

test.each([
  ['500', { kind: '500' }, 'kubernetes:InternalError'],
  ['a closed connection', { kind: 'down' }, 'kubernetes:Unreachable'],
])('a write is never repeated after %s', async (_, fault, type) => {
  const before = await count();
  await world.fault(fault);
  await expect(admin.require(WRITE)).rejects.toMatchObject({ problem: { type, retry: 'later' } });
  expect((await count()) - before).toBe(1);
});

describe('the connection', () => {
  test('is kept for all that is asked', async () => {
    let opened = 0;
    const target = new URL(world.ready.server);
    const { connect } = await import('node:net');
    const relay = tcpServer((socket) => {
      opened += 1;
      const up = connect(Number(target.port), target.hostname);
      socket.pipe(up).pipe(socket);
      for (const one of [socket, up]) one.on('error', () => one.destroy());
    });
    await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
    const address = relay.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const connection = await via({ server: `https://127.0.0.1:${port}` });
    for (let n = 0; n < 20; n += 1) await uid(connection);
    expect(opened).toBe(1);
    connection.close();
    await new Promise((done) => relay.close(done));
  });

  test.each([
    ['a server that is not there', { server: 'https://127.0.0.1:1' }, /the connection was refused/, /firewall/],
    [
      'a certificate of somebody else',
      { 'certificate-authority-data': undefined },
      /its TLS certificate is not trusted/,
      /certificate-authority-data/,
    ],
  ])('says so of %s', async (_, overrides, detail, fix) => {
    const connection = await via(overrides);
    await expect(uid(connection)).rejects.toMatchObject({
      problem: {
        type: 'kubernetes:Unreachable',
        detail: expect.stringMatching(detail),
        retry: 'later',
        fix: expect.stringMatching(fix),
      },
    });
    connection.close();
  });

  test('does not wait for ever', async () => {
    await world.fault({ kind: 'slow', ms: 400 });
    const connection = await via({}, 50);
    await expect(connection.require(WRITE)).rejects.toMatchObject({
      problem: { type: 'kubernetes:Unreachable', detail: expect.stringContaining('did not answer in time') },
    });
    connection.close();
  });
});
