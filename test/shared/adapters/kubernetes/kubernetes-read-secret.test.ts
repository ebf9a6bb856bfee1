/** Secrets that issuers reference, read from the cluster they were found in. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubernetesReadSecret } from '../../../../shared/adapters/kubernetes/kubernetes-read-secret.ts';
import type { ReadSecret } from '../../../../shared/contract/ports.ts';
import { CLUSTER, type ClusterWorld, openCluster } from './world.ts';

let world: ClusterWorld;
let read: ReadSecret;
const ref = { from: 'cluster', cluster: CLUSTER, namespace: 'shop', name: 'eab', key: 'secret' } as const;

beforeAll(async () => {
  world = await openCluster();
  read = kubernetesReadSecret({ connection: await world.as('admin') });
  const data = { secret: 'aHVzaA==', other: 'eA==' };
  await world.plant({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'eab', namespace: 'shop' }, data });
});
afterAll(() => world.close());

test('the bytes of one key are given', async () => {
  expect(Buffer.from(await read(ref)).toString()).toBe('hush');
});

test.each([
  ['Secret', { name: 'none' }, 'prod: the Secret shop/none does not exist', 'kubectl -n shop create secret'],
  ['key', { key: 'none' }, 'prod: the Secret shop/eab has no key none; it has other, secret', 'put none into'],
])('an absent %s is named, with what to do', async (_, absent, detail, fix) => {
  await expect(read({ ...ref, ...absent })).rejects.toMatchObject({
    problem: { type: 'nolapse:secret-missing', retry: 'later', detail, fix: expect.stringContaining(fix) },
  });
});

test('a right that is missing is named as the rule to bind', async () => {
  const nobody = kubernetesReadSecret({ connection: await world.as('nobody') });
  await expect(nobody(ref)).rejects.toMatchObject({
    problem: {
      type: 'kubernetes:Forbidden',
      fix: 'bind a role with the rule { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["eab"] } in the namespace shop',
    },
  });
});

test('a reference to another cluster is a mistake of the caller', async () => {
  await expect(read({ ...ref, cluster: 'edge' })).rejects.toThrow(TypeError);
});
