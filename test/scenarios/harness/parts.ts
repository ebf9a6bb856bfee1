/** The bare servers a world is made of, before the recorder stands in front of them. Each kind of world provides these and nothing else. */
import type { Cluster, Fleet } from '../../../shared/contract/fleet.ts';
import { type PolicyRule, rbacOf } from '../../../shared/rights/rbac.ts';
import type { AdminAccess } from './admin-client.ts';
import type { Feature, World } from './world.ts';

export interface ClusterParts extends AdminAccess {
  readonly name: string;
  readonly tokens: Readonly<Record<Identity, string>>;
}

export interface Parts {
  readonly name: 'sandbox' | 'real';
  readonly clusters: readonly [ClusterParts, ClusterParts];
  readonly acme: {
    /** Directory URL of the CA itself. */
    readonly directory: string;
    readonly caPem: string;
    readonly profile: string;
    rootPems(): Promise<readonly string[]>;
  };
  /** Origin of the Route 53 API. */
  readonly route53Url: string;
  /** Origin that answers Secrets Manager, SNS and SQS. */
  readonly awsUrl: string;
  /** Origin of DynamoDB alone, where it can be asked past the other services. */
  readonly dynamodbUrl?: string;
  /** The account that its ARNs name. */
  readonly account: string;
  /** Origin that answers STS and EKS, and is told through its back door what EKS says (sandbox/aws/eks.ts). */
  readonly eksUrl: string;
  /** `host:port` of each name server. */
  readonly nameServers: readonly string[];
  readonly zone: { readonly name: string; readonly id: string };
  readonly features: readonly Feature[];
  readonly fault: World['fault'];
  readonly calm: World['calm'];
  close(): Promise<void>;
}

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

/** What `nolapse rbac` prints for it, of all three identities: a person's machine is all of them. */
const NOLAPSE_RULES = rbacOf(FLEET, CLUSTER).flatMap(({ rules }) => rules);

/** The rules of the restricted identities by their names. */
export const IDENTITIES: Readonly<Record<Identity, readonly PolicyRule[]>> = {
  nolapse: NOLAPSE_RULES,
  'without-create': NOLAPSE_RULES.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') })),
  'without-secrets': NOLAPSE_RULES.filter(({ resources }) => !resources.includes('secrets')),
};

export type Identity = (typeof identities)[number];

export const identities = ['nolapse', 'without-create', 'without-secrets'] as const;

/** A token for each identity. */
export const tokensFor = (token: (identity: Identity) => string): Readonly<Record<Identity, string>> => ({
  nolapse: token('nolapse'),
  'without-create': token('without-create'),
  'without-secrets': token('without-secrets'),
});
