/** Reading one cluster: the contract of the port, and lists whose continue token ends on the way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesClusterReader } from '../../../../shared/adapters/kubernetes/kubernetes-cluster-reader.ts';
import { allOf, clusterReaderContract } from '../../../contracts/cluster-reader.ts';
import { CLUSTER_CONFIG, type ClusterWorld, openCluster } from './world.ts';

clusterReaderContract('kubernetes', async () => {
  const all = { ...CLUSTER_CONFIG, certManagerCrds: true, gatewayCrds: true };
  const [world, bare] = await Promise.all([openCluster(all), openCluster()]);
  const readers = [world.as('admin'), world.as('nobody'), bare.as('admin'), bare.as('nobody')];
  const [reader, nobody, bareReader, bareNobody] = (await Promise.all(readers)).map(kubernetesClusterReader);
  if (!reader || !nobody || !bareReader || !bareNobody) throw new Error('no readers');
  return {
    reader,
    nobody,
    bare: bareReader,
    bareNobody,
    uid: world.ready.uid,
    plant: world.plant,
    close: async () => {
      await Promise.all([world.close(), bare.close()]);
    },
  };
});

describe('a continue token that has ended', () => {
  const MANY = 1_200;
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await openCluster();
    const ingress = (n: number): object => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: `web-${n}`, namespace: 'shop' },
      spec: {},
    });
    await world.plant(...Array.from({ length: MANY }, (_, n) => ingress(n)));
  });
  afterAll(() => world.close());

  test('starts the list again and gives every object once', async () => {
    const reader = kubernetesClusterReader(await world.as('admin'));
    await world.fault({ kind: '410', count: 1 });
    const { names } = await allOf(reader, 'ingresses', 'metadata');
    expect(names).toHaveLength(MANY);
    expect(new Set(names).size).toBe(MANY);
    const lists = (await world.seen()).filter(({ verb }) => verb === 'list');
    expect(lists.map(({ status }) => status)).toEqual([200, 410, 200, 200, 200]);
  });

  test('that ends again and again is said', async () => {
    const reader = kubernetesClusterReader(await world.as('admin'));
    await world.fault({ kind: '410' });
    await expect(allOf(reader, 'ingresses', 'object')).rejects.toMatchObject({
      problem: { type: 'kubernetes:Expired', status: 410, retry: 'later' },
    });
    await world.clearFaults();
  });
});

describe('Secrets that are too large for a page', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await openCluster();
    const data = { 'tls.crt': 'A'.repeat(40_000), 'tls.key': 'Yg==' };
    const secret = (n: number): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `large-${n}`, namespace: 'shop' },
      type: 'kubernetes.io/tls',
      data,
    });
    await world.plant(...Array.from({ length: 20 }, (_, n) => secret(n)));
  });
  afterAll(() => world.close());

  test('are given by fewer at a time', async () => {
    const connection = await world.connect({ token: 'admin-token' }, { maxBodyBytes: 400_000 });
    const { names } = await allOf(kubernetesClusterReader(connection), 'tls-secrets', 'object');
    expect(new Set(names).size).toBe(20);
    expect(names).toHaveLength(20);
  });

  test('and are said to be when one alone is', async () => {
    const connection = await world.connect({ token: 'admin-token' }, { maxBodyBytes: 30_000 });
    await expect(allOf(kubernetesClusterReader(connection), 'tls-secrets', 'object')).rejects.toMatchObject({
      problem: { type: 'nolapse:answer-too-large', retry: 'later' },
    });
  });
});
