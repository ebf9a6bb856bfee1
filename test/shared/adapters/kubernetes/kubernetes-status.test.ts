/** Port 13 on an API server: what is owned after it, that nothing is written over what was not seen, and what is said where it may not. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { kubernetesStatusWriter } from '../../../../shared/adapters/kubernetes/kubernetes-status.ts';
import type { StatusChange, StatusWriter } from '../../../../shared/contract/ports.ts';
import type { ToldObject } from '../../../../shared/contract/status.ts';
import { CLUSTER, CLUSTER_CONFIG, type ClusterWorld, openCluster } from './world.ts';

const CERTIFICATE: ToldObject = { cluster: CLUSTER, kind: 'Certificate', namespace: 'shop', name: 'a' };
const ISSUER: ToldObject = { cluster: CLUSTER, kind: 'ClusterIssuer', name: 'ca' };
const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-24T09:00:00Z' };
const ISSUING = { ...READY, type: 'Issuing' };
const THEIRS = {
  ...{ manager: 'cert-manager', operation: 'Update', apiVersion: 'cert-manager.io/v1', fieldsType: 'FieldsV1' },
  ...{ subresource: 'status', time: '2026-11-01T00:00:00Z', fieldsV1: { 'f:status': { 'f:revision': {} } } },
};

let world: ClusterWorld;
let writer: StatusWriter;
const writerAs = async (user: string): Promise<StatusWriter> =>
  kubernetesStatusWriter({ connection: await world.as(user), fleet: 'acme' });

beforeAll(async () => {
  world = await openCluster({
    ...CLUSTER_CONFIG,
    certManagerCrds: true,
    rbac: { readers: [{ apiGroups: ['cert-manager.io'], resources: ['certificates/status'], verbs: ['get'] }] },
  });
  writer = await writerAs('admin');
});
afterAll(() => world.close());
beforeEach(async () => {
  const of = (kind: string, metadata: object, status: object) => ({
    ...{ apiVersion: 'cert-manager.io/v1', kind, spec: {}, status },
    metadata: { ...metadata, managedFields: [THEIRS] },
  });
  await world.plant(
    of('Certificate', { namespace: 'shop', name: 'a' }, { revision: 7, conditions: [READY, ISSUING], notAfter: 'x' }),
    of('ClusterIssuer', { name: 'ca' }, {}),
  );
});

const versionOf = async (object: ToldObject): Promise<string> =>
  (await writer.read(object))?.metadata.resourceVersion ?? '';
const told = async (object: ToldObject, change: StatusChange) => {
  await writer.write(object, change, await versionOf(object));
  const { status, metadata } = (await writer.read(object)) ?? {};
  const writers = metadata?.managedFields?.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].join(' '),
  );
  return { status, writers };
};

test('takes the fields over that it writes, and leaves others to their owners', async () => {
  const { status, writers } = await told(CERTIFICATE, { status: { revision: 8, conditions: [READY] } });
  expect(status).toEqual({ revision: 8, conditions: [READY, ISSUING], notAfter: 'x' });
  expect(writers).toContain('nolapse-acme Apply status');
});

test('takes away what is over, of whomever', async () => {
  const clear = { conditions: [READY], notAfter: null };
  const { status } = await told(CERTIFICATE, { clear, status: { revision: 8, conditions: [READY] } });
  expect(status).toEqual({ revision: 8, conditions: [READY] });
});

test('tells objects without a namespace', async () => {
  const { status } = await told(ISSUER, { status: { conditions: [READY] } });
  expect(status).toEqual({ conditions: [READY] });
});

test.each<[string, StatusChange]>([
  ['says more', { status: { revision: 8 } }],
  ['takes away', { clear: { notAfter: null }, status: { revision: 8 } }],
])('is refused what %s over what was not seen', async (_what, change) => {
  const seen = await versionOf(CERTIFICATE);
  await kubernetesStatusWriter({ connection: await world.as('admin'), fleet: 'other' }).write(
    CERTIFICATE,
    { status: { revision: 9 } },
    seen,
  );
  await expect(writer.write(CERTIFICATE, change, seen)).rejects.toMatchObject({
    problem: { type: 'kubernetes:Conflict', retry: 'later' },
  });
  expect((await writer.read(CERTIFICATE))?.status).toMatchObject({ revision: 9, notAfter: 'x' });
});

test('makes no object out of a status', async () => {
  const none = { ...CERTIFICATE, name: 'none' };
  expect(await writer.read(none)).toBeUndefined();
  await expect(writer.write(none, { status: {} }, '1')).rejects.toMatchObject({
    problem: { type: 'kubernetes:NotFound' },
  });
});

test('a cluster without the kinds has none of these objects', async () => {
  const bare = await openCluster();
  const there = kubernetesStatusWriter({ connection: await bare.as('admin'), fleet: 'acme' });
  expect(await there.read(CERTIFICATE)).toBeUndefined();
  await bare.close();
});

test('who may not is told the rule that is missing, without the name of the one object', async () => {
  const reader = await writerAs('reader');
  const rule = (resource: string, verb: string) =>
    `bind a role with the rule { apiGroups: ["cert-manager.io"], resources: ["${resource}"], verbs: ["${verb}"] }`;
  await expect(reader.write(CERTIFICATE, { status: {} }, await versionOf(CERTIFICATE))).rejects.toMatchObject({
    problem: { type: 'kubernetes:Forbidden', fix: `${rule('certificates/status', 'patch')} in the namespace shop` },
  });
  await expect(reader.read(ISSUER)).rejects.toMatchObject({
    problem: {
      type: 'kubernetes:Forbidden',
      fix: `${rule('clusterissuers/status', 'get')} in the whole cluster`,
      rule: '{ apiGroups: ["cert-manager.io"], resources: ["clusterissuers/status"], verbs: ["get"] }',
    },
  });
});
