/** Who we are in a cluster and what we may do there, as its API server says. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesAccess } from '../../../../shared/adapters/kubernetes/kubernetes-access.ts';
import { CLUSTER_CONFIG, type ClusterWorld, openCluster } from './world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await openCluster({
    ...CLUSTER_CONFIG,
    rbac: {
      readers: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['get'], namespaces: ['shop'] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['patch'], resourceNames: ['a'], namespaces: ['shop'] },
        { apiGroups: ['cert-manager.io'], resources: ['certificates/status'], verbs: ['patch'] },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get'], resourceNames: ['kube-system'] },
      ],
    },
  });
});
afterEach(() => world.clearFaults());
afterAll(() => world.close());
const as = async (user: string) => kubernetesAccess(await world.as(user));

describe('kubernetesAccess', () => {
  test('says who we are, and that an unknown token is nobody', async () => {
    expect(await (await as('reader')).user()).toBe('reader');
    await expect((await as('stranger')).user()).rejects.toMatchObject({ problem: { type: 'kubernetes:Unauthorized' } });
  });

  test('does not know the name where the server is too old to tell', async () => {
    await world.fault({ kind: 'answer', path: '/selfsubjectreviews', status: 404, body: '{}', count: 1 });
    expect(await (await as('reader')).user()).toBeUndefined();
  });

  test.each([
    [{ verb: 'get', group: '', resource: 'secrets', namespace: 'shop' }, true],
    [{ verb: 'get', group: '', resource: 'secrets' }, false],
    [{ verb: 'get', group: '', resource: 'secrets', namespace: 'web' }, false],
    [{ verb: 'patch', group: '', resource: 'secrets', namespace: 'shop', name: 'a' }, true],
    [{ verb: 'patch', group: '', resource: 'secrets', namespace: 'shop', name: 'b' }, false],
    [{ verb: 'patch', group: 'cert-manager.io', resource: 'certificates/status' }, true],
    [{ verb: 'patch', group: 'cert-manager.io', resource: 'certificates' }, false],
  ])('may %j: %s', async (right, may) => {
    expect(await (await as('reader')).may(right)).toBe(may);
  });

  test('knows which kinds there are', async () => {
    const access = await as('nobody');
    expect(await access.serves('', 'secrets')).toBe(true);
    expect(await access.serves('networking.k8s.io', 'ingresses')).toBe(true);
    expect(await access.serves('networking.k8s.io', 'gateways')).toBe(false);
    expect(await access.serves('cert-manager.io', 'certificates')).toBe(false);
  });

  test('tries a Secret without making one', async () => {
    const admin = await as('admin');
    await admin.tries('shop');
    await admin.tries('shop');
    expect(JSON.parse(await world.admin('GET', '/api/v1/namespaces/shop/secrets')).items).toEqual([]);
    await expect(admin.tries('nowhere')).rejects.toMatchObject({
      problem: { type: 'kubernetes:NotFound', fix: 'kubectl create namespace nowhere' },
    });
    await expect((await as('reader')).tries('shop')).rejects.toMatchObject({
      problem: { type: 'kubernetes:Forbidden' },
    });
  });

  test('has the UID of the cluster where it may look at it', async () => {
    expect(await (await as('reader')).uid()).toBe(world.ready.uid);
    expect(await (await as('nobody')).uid()).toBeUndefined();
  });
});
