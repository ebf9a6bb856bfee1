/** The rights inside a cluster, by its mode, its name policy and what the fleet file wants in it. */
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../shared/contract/fleet.ts';
import { manifestsOf, type Rbac, type RbacOptions, rbacOf } from '../../../shared/rights/rbac.ts';
import { cluster, fleet } from './service.ts';

/** `<who>@<namespace>: <resource> <verbs> [<names>]`, rule by rule. */
const said = (roles: readonly Rbac[]): readonly string[] =>
  roles.flatMap(({ who, namespace, rules }) =>
    rules.map(({ resources, verbs, resourceNames }) => {
      const names = resourceNames ? ` [${resourceNames.join(' ')}]` : '';
      return `${who}${namespace ? `@${namespace}` : ''}: ${resources.join(',')} ${verbs.join(',')}${names}`;
    }),
  );

const LOOK = [
  'inventory: secrets get,list',
  'inventory: namespaces get [kube-system]',
  'inventory: ingresses list',
  'inventory: certificates,issuers,clusterissuers list',
  'inventory: validatingwebhookconfigurations,mutatingwebhookconfigurations list',
  'inventory: customresourcedefinitions list',
  'inventory: apiservices list',
  'inventory: gateways,referencegrants list',
  'inventory: challenges list',
];

const STATUS = 'certificates/status,issuers/status get,patch';
const EVERYWHERE = 'deliver: certificates/status,issuers/status,clusterissuers/status get,patch';
const CLUSTER_ISSUERS = 'deliver: clusterissuers/status get,patch';

const line = (...namespaces: readonly string[]) => ({ namespaces, names: ['**.example.com'] });

test.each<[string, Partial<Cluster>, RbacOptions, readonly string[]]>([
  ['that is looked at', { mode: 'audit', namePolicy: [line('*')] }, {}, []],
  ['that is managed, of which only looking is asked', { namePolicy: [line('*')] }, { audit: true }, []],
  ['in which nothing may be renewed', {}, {}, []],
  [
    'that is managed everywhere',
    { namePolicy: [line('shop', '*')] },
    {},
    ['deliver: secrets get,create,patch', EVERYWHERE],
  ],
  [
    'that is managed in two namespaces',
    { namePolicy: [line('shop'), line('web', 'shop')] },
    {},
    [
      ...['deliver@shop: secrets get,create,patch', `deliver@shop: ${STATUS}`],
      ...['deliver@web: secrets get,create,patch', `deliver@web: ${STATUS}`, CLUSTER_ISSUERS],
    ],
  ],
  [
    'of which one line is managed',
    { mode: 'audit', namePolicy: [line('shop'), { ...line('web'), mode: 'manage' }] },
    {},
    ['deliver@web: secrets get,create,patch', `deliver@web: ${STATUS}`],
  ],
  [
    'of which one line is only looked at',
    { namePolicy: [line('shop'), { ...line('web'), mode: 'audit' }] },
    {},
    ['deliver@shop: secrets get,create,patch', `deliver@shop: ${STATUS}`, CLUSTER_ISSUERS],
  ],
  [
    'with Secrets of issuers',
    { namePolicy: [line('shop')] },
    {
      issuerSecrets: [
        { namespace: 'cert-manager', name: 'b' },
        { namespace: 'shop', name: 'c' },
        { namespace: 'cert-manager', name: 'a' },
      ],
    },
    [
      ...['deliver@shop: secrets get,create,patch', `deliver@shop: ${STATUS}`, CLUSTER_ISSUERS],
      ...['issue@cert-manager: secrets get [a b]', 'issue@shop: secrets get [c]'],
    ],
  ],
])('a cluster %s', (_, over, options, expected) => {
  expect(said(rbacOf({ ...fleet, certificates: [] }, cluster('prod', over), options))).toEqual([...LOOK, ...expected]);
});

describe('what the fleet file wants in a cluster', () => {
  const in_ = (over: Partial<Cluster>): readonly string[] =>
    said(rbacOf(fleet, cluster('prod-eu', over))).slice(LOOK.length);

  test('is written by its name, and created', () => {
    expect(in_({})).toEqual(['deliver@web: secrets get,patch [shop-tls]', 'deliver@web: secrets create']);
  });

  test('needs nothing more where all of the namespace is managed', () => {
    expect(in_({ namePolicy: [line('web')] })).toEqual([
      ...['deliver@web: secrets get,create,patch', `deliver@web: ${STATUS}`, CLUSTER_ISSUERS],
    ]);
  });

  test('is not written where the cluster is looked at, whatever is managed in a line', () => {
    const policy = [{ ...line('shop'), mode: 'manage' as const }];
    expect(in_({ mode: 'audit', namePolicy: policy })).toEqual([
      ...['deliver@shop: secrets get,create,patch', `deliver@shop: ${STATUS}`],
    ]);
  });
});

test('nobody may ever delete, watch, or do anything to all kinds', () => {
  const rules = fleet.clusters.flatMap((one) => rbacOf(fleet, one, { issuerSecrets: [{ namespace: 'a', name: 'b' }] }));
  const words = rules.flatMap(({ rules: all }) =>
    all.flatMap(({ verbs, resources, apiGroups }) => [...verbs, ...resources, ...apiGroups]),
  );
  expect(
    [...new Set(words)].filter((word) => ['*', 'delete', 'deletecollection', 'update', 'watch'].includes(word)),
  ).toEqual([]);
});

test('a role and its binding are of one kind, in one place', () => {
  const [, , shop] = rbacOf({ ...fleet, certificates: [] }, cluster('prod', { namePolicy: [line('a', 'shop')] }));
  expect(manifestsOf(shop as Rbac)).toEqual([
    {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
      metadata: { name: 'nolapse-deliver', namespace: 'shop' },
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] },
        {
          apiGroups: ['cert-manager.io'],
          resources: ['certificates/status', 'issuers/status'],
          verbs: ['get', 'patch'],
        },
      ],
    },
    {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
      metadata: { name: 'nolapse-deliver', namespace: 'shop' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'nolapse-deliver' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'nolapse:deliver' }],
    },
  ]);
});
