/** Who is recorded as owner beside us of what we write into a Secret: as cert-manager would be, so that it may go on from there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubernetesSecretDestination } from '../../../../shared/adapters/kubernetes/kubernetes-secret-destination.ts';
import type { ClusterConnection } from '../../../../shared/adapters/kubernetes/kubernetes-transport.ts';
import { kubernetesPlace } from '../../../../shared/contract/ids.ts';
import type { Bundle, DestinationAdapter } from '../../../../shared/contract/ports.ts';
import { makeChain } from '../../../fixtures/x509.ts';
import { CLUSTER, type ClusterWorld, openCluster } from './world.ts';

let world: ClusterWorld;
let ours: DestinationAdapter;
let bundle: Bundle;
beforeAll(async () => {
  const [opened, chain] = await Promise.all([openCluster(), makeChain()]);
  world = opened;
  ours = kubernetesSecretDestination({ connection: await world.as('admin'), fleet: 'acme' });
  bundle = { chainPem: chain.chainPem, keyPem: Buffer.from(chain.leaf.keyPem), labels: {}, annotations: {} };
});
afterAll(() => world.close());

const place = (name: string) => kubernetesPlace(CLUSTER, 'shop', name);

/** A Secret as somebody else made it, and the version that a look at it finds. */
async function found(name: string, more: object = {}): Promise<string> {
  const data = { 'tls.crt': 'b2xk', 'tls.key': 'b2xk', 'ca.crt': 'b2xk' };
  const metadata = { name, namespace: 'shop', ...more };
  await world.plant({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data });
  return versionOf(name);
}

const CO = 'cert-manager-certificates-issuing';
const path = (name: string): string => `/api/v1/namespaces/shop/secrets/${name}`;
const shared = (more: Partial<Bundle> = {}): Bundle => ({
  ...bundle,
  ...{ coOwner: CO, labels: { a: 'b' }, annotations: { c: 'd', 'nolapse.dev/fleet': 'acme' } },
  ...more,
});
const fieldsOf = async (name: string): Promise<object[]> => {
  const { metadata } = JSON.parse(await world.admin('GET', path(name)));
  return metadata.managedFields.flatMap(({ manager, operation, fieldsV1 }: Record<string, unknown>) =>
    manager === CO ? [{ operation, fieldsV1 }] : [],
  );
};
const OWNED = { 'f:annotations': { 'f:c': {} }, 'f:labels': { 'f:a': {} } };
const patches = async (): Promise<number> => (await world.seen()).filter(({ method }) => method === 'PATCH').length;
const versionOf = async (name: string): Promise<string> => (await ours.read(place(name)))?.version ?? '';

test('a co-owner owns labels and annotations of what is made, but our marks', async () => {
  const written = await ours.write(place('shared'), shared(), undefined);
  expect(written).toEqual({ outcome: 'written', version: await versionOf('shared') });
  expect(await fieldsOf('shared')).toEqual([{ operation: 'Apply', fieldsV1: { 'f:metadata': OWNED } }]);
});

test('it costs the next certificate no request', async () => {
  const next = await makeChain();
  const renewed = { chainPem: next.chainPem, keyPem: Buffer.from(next.leaf.keyPem) };
  const before = await patches();
  await ours.write(place('shared'), shared(renewed), await versionOf('shared'));
  expect((await patches()) - before).toBe(1);
  expect(await fieldsOf('shared')).toEqual([{ operation: 'Apply', fieldsV1: { 'f:metadata': OWNED } }]);
  const unchanged = await ours.write(place('shared'), shared(renewed), await versionOf('shared'));
  expect(unchanged.outcome).toBe('unchanged');
  expect((await patches()) - before).toBe(1);
});

test('it owns what is said anew, and no more what is said no longer', async () => {
  const now = shared({ labels: { e: 'f' }, annotations: { c: 'other' } });
  await ours.write(place('shared'), now, await versionOf('shared'));
  const fields = { 'f:annotations': { 'f:c': {} }, 'f:labels': { 'f:e': {} } };
  expect(await fieldsOf('shared')).toEqual([{ operation: 'Apply', fieldsV1: { 'f:metadata': fields } }]);
});

test('it is made good where a process was ended before, with the certificate as it is', async () => {
  const { coOwner: _, ...alone } = shared();
  await ours.write(place('late'), alone, undefined);
  const before = await patches();
  expect(await ours.write(place('late'), shared(), await versionOf('late'))).toMatchObject({ outcome: 'written' });
  expect((await patches()) - before).toBe(1);
  expect(await fieldsOf('late')).toHaveLength(1);
});

test('it keeps what it owns beside', async () => {
  const seen = await found('kept', {
    annotations: { old: 'x' },
    managedFields: [
      {
        ...{ manager: CO, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' },
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:old': {} } }, 'f:data': { 'f:ca.crt': {} } },
      },
    ],
  });
  await ours.write(place('kept'), shared(), seen);
  const fieldsV1 = { 'f:metadata': OWNED, 'f:data': { 'f:ca.crt': {} } };
  expect(await fieldsOf('kept')).toEqual([{ operation: 'Apply', fieldsV1 }]);
  const { metadata, data } = JSON.parse(await world.admin('GET', path('kept')));
  expect([metadata.annotations.old, data['ca.crt']]).toEqual(['x', 'b2xk']);
});

test('it is not recorded over what somebody wrote in between', async () => {
  const admin = await world.as('admin');
  const connection: ClusterConnection = {
    cluster: admin.cluster,
    ask: async (request) => {
      const answer = await admin.ask(request);
      if (request.verb === 'create') await world.admin('DELETE', path('between')).then(() => found('between'));
      return answer;
    },
    require: (request) => admin.require(request),
    parsed: (answer) => admin.parsed(answer),
    problem: (request, answer) => admin.problem(request, answer),
    close: () => admin.close(),
  };
  const adapter = kubernetesSecretDestination({ connection, fleet: 'acme' });
  await expect(adapter.write(place('between'), shared(), undefined)).rejects.toMatchObject({
    problem: { type: 'kubernetes:Conflict', retry: 'later' },
  });
  expect(await fieldsOf('between')).toEqual([]);
});

test('it goes on from there when the Secret is given back', async () => {
  await ours.write(place('returned'), shared(), undefined);
  expect(await ours.release(place('returned'), await versionOf('returned'))).toEqual({ outcome: 'released' });
  const { metadata } = JSON.parse(await world.admin('GET', path('returned')));
  expect(metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual([CO]);
  expect(metadata.annotations).toEqual({ c: 'd' });
});
