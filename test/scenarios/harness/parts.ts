/** The bare servers a world is made of, before the recorder stands in front of them. Each kind of world provides these and nothing else. */
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

/** What the product's documents ask for, as a ClusterRole has it. */
const NOLAPSE_RULES = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'patch', 'create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'], resourceNames: ['kube-system'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list'] },
  { apiGroups: ['cert-manager.io'], resources: ['certificates', 'issuers', 'clusterissuers'], verbs: ['get', 'list'] },
];

/** The rules of the restricted identities by their names. */
export const IDENTITIES = {
  nolapse: NOLAPSE_RULES,
  'without-create': NOLAPSE_RULES.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') })),
  'without-secrets': NOLAPSE_RULES.filter(({ resources }) => !resources.includes('secrets')),
};

export type Identity = keyof typeof IDENTITIES;

export const identities = Object.keys(IDENTITIES) as readonly Identity[];

/** A token for each identity. */
export const tokensFor = (token: (identity: Identity) => string): Readonly<Record<Identity, string>> => ({
  nolapse: token('nolapse'),
  'without-create': token('without-create'),
  'without-secrets': token('without-secrets'),
});
