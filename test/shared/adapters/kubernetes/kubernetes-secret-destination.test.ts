/** Kubernetes Secrets as a destination: the contract of the port, and what only an API server does. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kubernetesSecretDestination } from '../../../../shared/adapters/kubernetes/kubernetes-secret-destination.ts';
import type { ClusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import { kubernetesPlace, placeParts } from '../../../../shared/contract/ids.ts';
import type { Bundle, DestinationAdapter } from '../../../../shared/contract/ports.ts';
import { destinationAdapterContract } from '../../../contracts/destination-adapter.ts';
import { type MadeChain, makeChain } from '../../../fixtures/x509.ts';
import { CLUSTER, type ClusterWorld, openCluster } from './world.ts';

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

destinationAdapterContract('kubernetes', async () => {
  const world = await openCluster();
  const [admin, reader] = await Promise.all([world.as('admin'), world.as('reader')]);
  return {
    adapter: kubernetesSecretDestination({ connection: admin, fleet: 'test' }),
    readOnly: kubernetesSecretDestination({ connection: reader, fleet: 'test' }),
    place: (name) => kubernetesPlace(CLUSTER, 'shop', name),
    remove: async (place) =>
      void (await world.admin('DELETE', `/api/v1/namespaces/shop/secrets/${placeParts(place).name}`)),
    value: async (place) =>
      JSON.parse(await world.admin('GET', `/api/v1/namespaces/shop/secrets/${placeParts(place).name}`)).data,
    writes: async () => (await world.seen()).filter(({ method }) => WRITES.has(method)).length,
    close: world.close,
  };
});

let world: ClusterWorld;
let ours: DestinationAdapter;
let chain: MadeChain;
let bundle: Bundle;
beforeAll(async () => {
  [world, chain] = await Promise.all([openCluster(), makeChain()]);
  ours = kubernetesSecretDestination({ connection: await world.as('admin'), fleet: 'acme' });
  bundle = { chainPem: chain.chainPem, keyPem: Buffer.from(chain.leaf.keyPem), labels: {}, annotations: {} };
});
afterEach(() => world.clearFaults());
afterAll(() => world.close());

const place = (name: string, namespace = 'shop') => kubernetesPlace(CLUSTER, namespace, name);

/** A Secret as somebody else made it, and the version that a look at it finds. */
async function found(name: string, parts: object = {}): Promise<string> {
  const data = { 'tls.crt': 'b2xk', 'tls.key': 'b2xk', 'ca.crt': 'b2xk' };
  const metadata = { name, namespace: 'shop' };
  await world.plant({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data, ...parts });
  return (await ours.read(place(name)))?.version ?? '';
}

describe('a Secret that kubectl made', () => {
  test('is taken over with its fields, and what it held beside is left', async () => {
    const seen = await found('taken');
    expect(await ours.write(place('taken'), bundle, seen)).toMatchObject({ outcome: 'written' });
    const observation = await ours.read(place('taken'));
    expect(observation).toMatchObject({ keyMatches: true, type: 'kubernetes.io/tls' });
    expect(observation?.managers).toEqual([
      { manager: 'nolapse-acme', operation: 'Apply', dataKeys: ['tls.crt', 'tls.key'] },
      { manager: 'kubectl-create', operation: 'Update', dataKeys: ['ca.crt'] },
    ]);
  });

  test.each([
    ['immutable', { immutable: true }, /immutable/],
    ['Opaque', { type: 'Opaque' }, /type: Invalid value/],
  ])('and is %s cannot be written', async (name, parts, detail) => {
    const seen = await found(name.toLowerCase(), parts);
    const answer = await ours.write(place(name.toLowerCase()), bundle, seen);
    expect(answer).toMatchObject({
      outcome: 'refused',
      problem: {
        type: 'kubernetes:Invalid',
        status: 422,
        retry: 'never',
        detail: expect.stringMatching(detail),
        fix: `delete the Secret shop/${name.toLowerCase()}, so that it can be made anew`,
      },
    });
    expect(JSON.stringify(answer)).not.toContain(Buffer.from(chain.leaf.keyPem).toString('base64').slice(0, 40));
  });
});

describe('between the look and the write', () => {
  /** The same connection, on which something happens right after a Secret was read. */
  async function interrupted(then: () => Promise<void>): Promise<DestinationAdapter> {
    const admin = await world.as('admin');
    const connection: ClusterConnection = {
      cluster: admin.cluster,
      ask: async (request) => {
        const answer = await admin.ask(request);
        if (request.verb === 'get') await then();
        return answer;
      },
      require: (request) => admin.require(request),
      parsed: (answer) => admin.parsed(answer),
      problem: (request, answer) => admin.problem(request, answer),
      close: () => admin.close(),
    };
    return kubernetesSecretDestination({ connection, fleet: 'acme' });
  }

  test.each([
    ['deleted', async () => void (await world.admin('DELETE', '/api/v1/namespaces/shop/secrets/moving'))],
    ['changed', async () => void (await found('moving'))],
  ])('a Secret that is %s is left to the next look', async (_, then) => {
    const seen = await found('moving');
    const adapter = await interrupted(then);
    await expect(adapter.write(place('moving'), bundle, seen)).rejects.toMatchObject({
      problem: { type: 'kubernetes:Conflict', status: 409, retry: 'later' },
    });
    expect((await ours.read(place('moving')))?.keyMatches).toBeUndefined();
  });
});

describe('a Secret that we made', () => {
  test('is ours to the API server from the first write on', async () => {
    await ours.write(place('made'), bundle, undefined);
    const observation = await ours.read(place('made'));
    expect(observation?.managers).toEqual([
      { manager: 'nolapse-acme', operation: 'Update', dataKeys: ['tls.crt', 'tls.key'] },
    ]);
  });
});

describe('a Secret that is given back', () => {
  const marks = { 'nolapse.dev/fleet': 'acme', 'cert-manager.io/issuer-name': 'letsencrypt' };
  /** As we leave it, by its name; what is in it stays as it was. */
  async function releasedAs(name: string, seen: string | undefined): Promise<object> {
    await ours.write(place(name), { ...bundle, annotations: marks }, seen);
    const version = (await ours.read(place(name)))?.version ?? '';
    expect(await ours.release(place(name), version)).toEqual({ outcome: 'released' });
    const { metadata, data } = JSON.parse(await world.admin('GET', `/api/v1/namespaces/shop/secrets/${name}`));
    expect(data['tls.crt']).toBe(Buffer.from(chain.chainPem).toString('base64'));
    expect(metadata.annotations).toEqual({ 'cert-manager.io/issuer-name': 'letsencrypt' });
    return metadata.managedFields.map(({ manager, fieldsV1 }: { manager: string; fieldsV1: object }) => [
      manager,
      Object.keys(fieldsV1),
    ]);
  }

  test('to its other owners keeps theirs', async () => {
    expect(await releasedAs('back', await found('back'))).toEqual([['kubectl-create', ['f:data', 'f:type']]]);
  });

  test('to nobody is free for whoever applies next', async () => {
    expect(await releasedAs('free', undefined)).toEqual([['before-first-apply', ['f:type']]]);
    const admin = await world.as('admin');
    const path = '/api/v1/namespaces/shop/secrets/free?fieldManager=kubectl&force=false';
    const value = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: 'free' } };
    const applied = await admin.ask({
      ...{ group: '', resource: 'secrets', verb: 'patch', namespace: 'shop', name: 'free', path },
      body: {
        contentType: 'application/apply-patch+yaml',
        value: { ...value, data: { 'tls.crt': 'b3RoZXI=', 'tls.key': 'b3RoZXI=' } },
      },
    });
    expect(applied.status).toBe(200);
  });
});

describe('it is refused', () => {
  test('where there is no namespace, until somebody makes it', async () => {
    expect(await ours.write(place('x', 'none'), bundle, undefined)).toMatchObject({
      outcome: 'refused',
      problem: { type: 'kubernetes:NotFound', retry: 'later', fix: expect.stringContaining('namespace none') },
    });
  });

  test('with the rule that is missing', async () => {
    const reader = kubernetesSecretDestination({ connection: await world.as('reader'), fleet: 'acme' });
    const created = await reader.write(place('new'), bundle, undefined);
    expect(created).toMatchObject({
      problem: {
        type: 'kubernetes:Forbidden',
        fix: 'bind a role with the rule { apiGroups: [""], resources: ["secrets"], verbs: ["create"] } in the namespace shop',
      },
    });
    const replaced = await reader.write(place('locked'), bundle, await found('locked'));
    expect(replaced).toMatchObject({
      problem: { fix: expect.stringContaining('["patch"], resourceNames: ["locked"]') },
    });
  });

  test.each([
    [403, 'admission webhook "policy" denied the request: no', /admission policies/],
    [403, 'secrets "x" is forbidden: unable to create new content because it is being terminated', /wait until/],
  ])('by %i for other reasons than RBAC: %s', async (status, message, fix) => {
    const body = JSON.stringify({ kind: 'Status', message, reason: 'Forbidden', code: status });
    await world.fault({ kind: 'answer', path: '/secrets', method: 'POST', status, body, count: 1 });
    expect(await ours.write(place('x'), bundle, undefined)).toMatchObject({
      outcome: 'refused',
      problem: { fix: expect.stringMatching(fix) },
    });
  });
});

test('a refusal that quotes what was sent is cut', async () => {
  const key = Buffer.from(chain.leaf.keyPem).toString('base64');
  const message = `cannot decode ${key} or ${chain.leaf.keyPem} of it`;
  const body = JSON.stringify({ message, reason: 'BadRequest', code: 400 });
  await world.fault({ kind: 'answer', path: '/secrets', method: 'POST', status: 400, body, count: 1 });
  expect(await ours.write(place('x'), bundle, undefined)).toMatchObject({
    problem: { detail: expect.stringMatching(/: cannot decode \[…\] or \[…\] of it$/), retry: 'never' },
  });
});

test.each([
  ['429', { kind: '429', retryAfter: 5 }, { status: 429, retryAt: expect.any(String) }],
  ['500', { kind: '500' }, { status: 500 }],
  ['a closed connection', { kind: 'down' }, { type: 'kubernetes:Unreachable' }],
])('trouble of the moment is thrown: %s', async (_, fault, problem) => {
  await world.fault({ ...fault, path: '/secrets' });
  await expect(ours.write(place('x'), bundle, undefined)).rejects.toMatchObject({
    problem: { ...problem, retry: 'later' },
  });
});

test('a place of another cluster is a mistake of the caller', async () => {
  await expect(ours.read('edge/shop/x')).rejects.toThrow(TypeError);
});
