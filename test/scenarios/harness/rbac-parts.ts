/** Who is who in the clusters of a world, and what each may do there: what `nolapse rbac` prints, and some that have a little less. */
import { rbac } from '../../../cli/rbac.ts';
import type { Cluster, Fleet } from '../../../shared/contract/fleet.ts';
import { GROUPS } from '../../../shared/rights/cluster-role.ts';
import type { Manifest, PolicyRule } from '../../../shared/rights/rbac.ts';

export const identities = ['nolapse', 'without-create', 'without-secrets', 'without-status'] as const;
export type Identity = (typeof identities)[number];

/** A token for each identity. */
export const tokensFor = (token: (identity: Identity) => string): Readonly<Record<Identity, string>> => ({
  nolapse: token('nolapse'),
  'without-create': token('without-create'),
  'without-secrets': token('without-secrets'),
  'without-status': token('without-status'),
});

/** A person's machine, a kubeconfig and a role that a fleet names are inventory, deliver and issue at once. */
export const groupsOf = (identity: Identity): readonly string[] =>
  identity === 'nolapse' ? Object.values(GROUPS) : [identity];

/** The fleet of every scenario as far as rights go: a managed cluster in all of whose namespaces things may be found and renewed. */
const CLUSTER: Cluster = {
  ...{ name: 'east', mode: 'manage', trustDomain: 'east', clusterResourceNamespace: 'cert-manager' },
  access: { by: 'kubeconfig', path: 'kubeconfig.yaml' },
  namePolicy: [{ namespaces: ['*'], names: ['**.example.com'] }],
};
const FLEET: Fleet = {
  ...{ name: 'world', clusters: [CLUSTER], zones: [], reach: [], notifications: {}, issuers: [], certificates: [] },
  dns: { resolvers: [], port: 53 },
};

/** The Secret of a private CA that an issuer in a cluster may name: the only one that issue may read there. */
export const ISSUER_SECRET = { namespace: 'shop', name: 'ca' } as const;

/** What `nolapse rbac -o json` prints for it. */
const PRINTED = (
  rbac(
    { cluster: CLUSTER.name, audit: false, issuerSecrets: [`${ISSUER_SECRET.namespace}/${ISSUER_SECRET.name}`] },
    FLEET,
  ).document as { items: readonly Manifest[] }
).items;

const rulesIn = (manifests: readonly Manifest[]): readonly PolicyRule[] => manifests.flatMap(({ rules = [] }) => rules);

function restricted(name: Identity, rules: readonly PolicyRule[]): readonly Manifest[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const [apiVersion, metadata] = [`${apiGroup}/v1`, { name }];
  const roleRef = { apiGroup, kind: 'ClusterRole', name };
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [{ apiGroup, kind: 'Group', name }] },
  ];
}

/** All that is applied to a cluster: nobody but its administrator has any other right. */
export const RBAC: readonly Manifest[] = [
  ...PRINTED,
  ...restricted(
    'without-create',
    rulesIn(PRINTED).map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') })),
  ),
  ...restricted(
    'without-secrets',
    rulesIn(PRINTED).filter(({ resources }) => !resources.includes('secrets')),
  ),
  ...restricted(
    'without-status',
    rulesIn(PRINTED).filter(({ resources }) => !resources.some((one) => one.endsWith('/status'))),
  ),
];

/** The same by group, as the sandbox takes it. */
export function rulesByGroup(): Readonly<
  Record<string, readonly (PolicyRule & { readonly namespaces?: readonly string[] })[]>
> {
  const bound = RBAC.flatMap(({ roleRef, metadata: { namespace }, subjects = [] }) => {
    const role = RBAC.find(({ kind, metadata }) => kind === roleRef?.kind && metadata.name === roleRef.name);
    const rules = (role?.rules ?? []).map((rule) => ({ ...rule, ...(namespace ? { namespaces: [namespace] } : {}) }));
    return subjects.map(({ name }) => [name, rules] as const);
  });
  return Object.fromEntries(bound);
}
