/** What the owners of a cluster apply: Kubernetes RBAC for each of the identities that come to it. */
import { type Cluster, type Fleet, managedNamespaces } from '../contract/fleet.ts';
import { placeParts } from '../contract/ids.ts';
import { GROUPS, type Who } from './cluster-role.ts';
import { isManaged } from './role-names.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace?: string;
}

/** A role with its binding: in one namespace, or in all. */
export interface Rbac {
  readonly who: Who;
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
  readonly because: string;
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

export interface RbacOptions {
  /** Only what is needed to look and tell, whatever the cluster's mode. */
  readonly audit?: boolean;
  /** Secrets that issuers found in the cluster name. */
  readonly issuerSecrets?: readonly SecretName[];
}

const ANY = '*';

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  ...{ apiGroups: [apiGroup], resources, verbs },
});

const secrets = (verbs: readonly string[], names?: readonly string[]): PolicyRule => ({
  ...rule('', ['secrets'], verbs),
  ...(names === undefined ? {} : { resourceNames: [...new Set(names)].sort() }),
});

/**
 * Optional: without them it is not known who else uses a certificate, what Gateways ask for and what cert-manager tries in vain, and
 * nothing else is lost.
 */
const OPTIONAL: readonly PolicyRule[] = [
  rule('admissionregistration.k8s.io', ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'], ['list']),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['list']),
  rule('apiregistration.k8s.io', ['apiservices'], ['list']),
  rule('gateway.networking.k8s.io', ['gateways', 'referencegrants'], ['list']),
  rule('acme.cert-manager.io', ['challenges'], ['list']),
];

/** Whether everything is renewed and delivered without the right all the same. */
export const isOptional = ({ group, resource }: { readonly group: string; readonly resource: string }): boolean =>
  resource.endsWith('/status') ||
  OPTIONAL.some(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource));

/** Lists are asked for the whole cluster at once. */
const LOOK: Rbac = {
  who: 'inventory',
  rules: [
    secrets(['get', 'list']),
    { ...rule('', ['namespaces'], ['get']), resourceNames: ['kube-system'] },
    rule('networking.k8s.io', ['ingresses'], ['list']),
    rule('cert-manager.io', ['certificates', 'issuers', 'clusterissuers'], ['list']),
    ...OPTIONAL,
  ],
  because:
    'what is there, what is asked for, and whether this is the same cluster as before. RBAC knows no types of Secrets: list is the right to read them all',
};

const WRITE = ['get', 'create', 'patch'];

/** What `kubectl get certificate` shows. Not on the objects themselves: what is asked for stays whoever asks it. */
const tell = (kinds: readonly string[]): PolicyRule =>
  rule(
    'cert-manager.io',
    kinds.map((kind) => `${kind}/status`),
    ['get', 'patch'],
  );

const IN_NAMESPACE = ['certificates', 'issuers'];
const OF_CLUSTER = ['clusterissuers'];

/** Secrets that the file itself wants in the cluster, by namespace. */
function placesIn({ certificates }: Fleet, cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  if (cluster.mode !== 'manage') return new Map();
  const here = certificates
    .flatMap(({ places }) => places.map(({ place }) => placeParts(place)))
    .flatMap((parts) => (parts.at === 'kubernetes' && parts.cluster === cluster.name ? [parts] : []));
  const byNamespace = Map.groupBy(here, ({ namespace }) => namespace);
  return new Map([...byNamespace].map(([namespace, places]) => [namespace, places.map(({ name }) => name)]));
}

function deliveries(fleet: Fleet, cluster: Cluster): readonly Rbac[] {
  const managed = managedNamespaces(cluster);
  const found =
    'Secrets of what is found there are created and replaced, and Certificates and issuers told of it in their status; what somebody else owns is left alone';
  const ofCluster = cluster.mode === 'manage' && managed.length > 0 ? OF_CLUSTER : [];
  if (managed.includes(ANY))
    return [{ who: 'deliver', rules: [secrets(WRITE), tell([...IN_NAMESPACE, ...ofCluster])], because: found }];
  const named = [...placesIn(fleet, cluster)].filter(([namespace]) => !managed.includes(namespace));
  return [
    ...managed.map(
      (namespace): Rbac => ({
        ...{ who: 'deliver', namespace, because: found },
        rules: [secrets(WRITE), tell(IN_NAMESPACE)],
      }),
    ),
    ...(ofCluster.length > 0
      ? [
          {
            who: 'deliver',
            rules: [tell(ofCluster)],
            because: 'ClusterIssuers are told in their status whether they can issue',
          } satisfies Rbac,
        ]
      : []),
    ...named.map(
      ([namespace, names]): Rbac => ({
        ...{ who: 'deliver', namespace },
        rules: [secrets(['get', 'patch'], names), secrets(['create'])],
        because: 'the fleet file wants these Secrets there; RBAC cannot say under which names something may be created',
      }),
    ),
  ];
}

const issuing = (issuerSecrets: readonly SecretName[]): readonly Rbac[] =>
  [...Map.groupBy(issuerSecrets, ({ namespace }) => namespace)].map(([namespace, names]) => ({
    who: 'issue',
    namespace,
    rules: [
      secrets(
        ['get'],
        names.map(({ name }) => name),
      ),
    ],
    because: 'issuers that are found in the cluster name these Secrets',
  }));

/** Roles and bindings of one cluster, as its mode, its name policy and the file's own certificates need them. */
export function rbacOf(fleet: Fleet, cluster: Cluster, options: RbacOptions = {}): readonly Rbac[] {
  const { audit = false, issuerSecrets = [] } = options;
  if (audit || !isManaged(cluster)) return [LOOK];
  return [LOOK, ...deliveries(fleet, cluster), ...issuing(issuerSecrets)];
}

const GROUP = 'rbac.authorization.k8s.io';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly (Subject & { readonly apiGroup?: string })[];
}

const subjectManifest = (subject: Subject): Subject & { readonly apiGroup?: string } =>
  subject.kind === 'ServiceAccount' ? subject : { apiGroup: GROUP, ...subject };

/** The groups that access entries of EKS give; a cluster of another kind knows its identities by other names. */
export const groupOf = (who: Who): Subject => ({ kind: 'Group', name: GROUPS[who] });

/** A role and its binding as `kubectl apply` takes them. */
export function manifestsOf({ who, namespace, rules }: Rbac, subject: Subject = groupOf(who)): readonly Manifest[] {
  const name = `nolapse-${who}`;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const apiVersion = `${GROUP}/v1`;
  return [
    { apiVersion, kind, metadata, rules },
    {
      ...{ apiVersion, kind: `${kind}Binding`, metadata },
      roleRef: { apiGroup: GROUP, kind, name },
      subjects: [subjectManifest(subject)],
    },
  ];
}
