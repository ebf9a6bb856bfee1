/** The bare servers a world is made of, before the recorder stands in front of them. Each kind of world provides these and nothing else. */
import type { AdminAccess } from './admin-client.ts';
import type { Identity } from './rbac-parts.ts';
import type { Feature, World, WorldCluster } from './world.ts';

export interface ClusterParts extends AdminAccess {
  readonly name: string;
  readonly tokens: Readonly<Record<Identity, string>>;
  readonly writes: WorldCluster['writes'];
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
  /** Another CA of the same kind. */
  readonly staging?: Parts['acme'];
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
