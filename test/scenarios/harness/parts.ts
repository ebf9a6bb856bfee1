/** The bare servers a world is made of, before the recorder stands in front of them. Each kind of world provides these and nothing else. */
import type { AdminAccess } from './admin-client.ts';
import type { Feature, World } from './world.ts';

export interface ClusterParts extends AdminAccess {
  readonly name: string;
  /** The identity with the rights that Nolapse asks for. */
  readonly nolapseToken: string;
  /** The same without `create` on Secrets. */
  readonly withoutCreateToken: string;
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
  /** Origin that answers Secrets Manager, SNS, SQS and STS. */
  readonly awsUrl: string;
  /** `host:port` of each name server. */
  readonly nameServers: readonly string[];
  readonly zone: { readonly name: string; readonly id: string };
  readonly features: readonly Feature[];
  readonly fault: World['fault'];
  readonly calm: World['calm'];
  close(): Promise<void>;
}

/** The rules of the restricted identities, as a ClusterRole has them: what the product's documents ask for. */
export const NOLAPSE_RULES = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'patch', 'create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'], resourceNames: ['kube-system'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list'] },
  { apiGroups: ['cert-manager.io'], resources: ['certificates', 'issuers', 'clusterissuers'], verbs: ['get', 'list'] },
] as const;

export const WITHOUT_CREATE_RULES = NOLAPSE_RULES.map((rule) => ({
  ...rule,
  verbs: rule.verbs.filter((verb) => verb !== 'create'),
}));
