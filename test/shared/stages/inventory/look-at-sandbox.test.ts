/** Looks at a cluster of the sandbox through the real reader: what is asked of the API server, and what its refusals become. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAt, snapshotOf } from './memory-cluster.ts';
import { type SandboxCluster, secretMaker, startSandboxCluster } from './sandbox-cluster.ts';

const SECRETS = 520;
let cluster: SandboxCluster;
let secret: Awaited<ReturnType<typeof secretMaker>>;

const shop = (apiVersion: string, kind: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const issuerRef = { name: 'own', kind: 'Issuer' };
const ingressSpec = {
  tls: [{ hosts: ['web.example.com'], secretName: 'web-tls' }],
  rules: [{ host: 'web.example.com' }],
};
const ingress = shop('networking.k8s.io/v1', 'Ingress', 'web', ingressSpec);
const OBJECTS = [
  shop('cert-manager.io/v1', 'Certificate', 's1', { secretName: 's1', dnsNames: ['shop.example.com'], issuerRef }),
  shop('cert-manager.io/v1', 'Issuer', 'own', { selfSigned: {} }),
  {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name: 'all' },
    spec: { ca: { secretName: 'ca' } },
  },
  { ...ingress, metadata: { ...ingress.metadata, annotations: { 'cert-manager.io/cluster-issuer': 'all' } } },
];

beforeAll(async () => {
  secret = await secretMaker();
  const secrets = Array.from({ length: SECRETS }, (_, i) => secret(`s${i}`));
  cluster = await startSandboxCluster([...OBJECTS, ...secrets, { ...secret('opaque'), type: 'Opaque' }]);
});
afterAll(() => cluster.close());

describe('with all rights', () => {
  test('a first look lists bodies page by page; a second one gets what was written since', async () => {
    const reader = await cluster.reader('all');
    const first = await lookAt(reader);
    expect(first).toMatchObject({ uid: cluster.uid, whole: true, secretsRead: true, gaps: [], unreadable: [] });
    expect(first.observations).toHaveLength(SECRETS);
    expect(first.observations.every(({ keyMatches, problem }) => keyMatches && !problem)).toBe(true);
    expect(first.asked.map(({ id, origin }) => [id, origin])).toEqual([
      ['prod/shop/s1', 'Certificate'],
      ['prod/shop/web-tls', 'Ingress'],
    ]);
    expect(first.issuers.map(({ id, spec }) => [id, spec.type])).toEqual([
      ['prod/shop/own', 'selfSigned'],
      ['prod/all', 'ca'],
    ]);
    const before = await cluster.secretsAsked();
    expect(before).toHaveLength(2);
    await cluster.plant([secret('s7', 'again'), secret('new')]);
    const second = await lookAt(reader, snapshotOf(first));
    const paths = (await cluster.secretsAsked()).slice(before.length);
    expect(paths.filter((path) => path.includes('/shop/')).sort()).toEqual(
      ['new', 's7'].map((name) => `/api/v1/namespaces/shop/secrets/${name}`),
    );
    expect(second.observations).toHaveLength(SECRETS + 1);
    expect(second.observations.find(({ place }) => place === 'prod/shop/s7')?.labels).toEqual({
      'argocd.argoproj.io/instance': 'again',
    });
  });

  test('a list whose token expires on the way is whole all the same', async () => {
    const before = await cluster.secretsAsked();
    await cluster.fault({ kind: '410', path: '/api/v1/secrets', count: 1 });
    const { observations, whole } = await lookAt(await cluster.reader('all'));
    expect(new Set(observations.map(({ place }) => place)).size).toBe(observations.length);
    expect([observations.length, whole]).toEqual([SECRETS + 1, true]);
    expect((await cluster.secretsAsked()).length - before.length).toBe(4);
  });
});

test('without rights on Secrets the gap names the rule that is missing, and the rest is read', async () => {
  const seen = await lookAt(await cluster.reader('some'));
  expect(seen).toMatchObject({ uid: cluster.uid, whole: false, secretsRead: false, observations: [] });
  expect(seen.gaps.map(({ what }) => what)).toEqual(['tls-secrets']);
  expect(seen.gaps[0]?.fix).toContain('{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }');
  expect([seen.asked.length, seen.issuers.length, seen.ingresses.length]).toEqual([2, 2, 1]);
});

test('without any right every kind and the pin are gaps', async () => {
  const seen = await lookAt(await cluster.reader('none'));
  const kinds = ['kube-system', 'tls-secrets', 'ingresses', 'certificates', 'issuers', 'cluster-issuers'];
  // kinds of Gateway API are not served
  const optional = [
    'validating-webhooks',
    'mutating-webhooks',
    'custom-resource-definitions',
    'api-services',
    'challenges',
  ];
  expect(seen.gaps.map(({ what }) => what)).toEqual([...kinds, ...optional]);
  expect(seen.gaps.at(-1)?.fix).toContain(
    '{ apiGroups: ["acme.cert-manager.io"], resources: ["challenges"], verbs: ["list"] }',
  );
  expect(seen).toMatchObject({ uid: '', whole: false });
});

test('a token that nobody has, and a server that is gone, are no looks', async () => {
  const [unknown, known] = await Promise.all([cluster.reader('unknown'), cluster.reader('all')]);
  await expect(lookAt(unknown)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unauthorized' } });
  await cluster.stop();
  await expect(lookAt(known)).rejects.toMatchObject({ problem: { type: 'kubernetes:Unreachable' } });
});
