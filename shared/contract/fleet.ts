/** The resolved fleet: what the fleet file says, defaults applied and references checked. `fleet.json` is this, so it is plain data. */
import type { CertificateSpec } from './certificate.ts';
import type { CertificateId, Endpoint, IssuerId, Place } from './ids.ts';

export interface Fleet {
  readonly name: string;
  /** That it is the fleet of a deployed service, whose functions do the work, each from its own place. */
  readonly isDeployed?: true;
  readonly clusters: readonly Cluster[];
  readonly zones: readonly Zone[];
  readonly dns: { readonly resolvers: readonly string[]; readonly port: number };
  /** Networks from which clusters are reached that are not reached from everywhere. */
  readonly reach: readonly Reach[];
  readonly notifications: Notifications;
  /** Issuers of the file. Those found in clusters are IssuerState rows. */
  readonly issuers: readonly Issuer[];
  /** What the file asks for: its Certificates (one per cluster they belong to) and FleetCertificates. */
  readonly certificates: readonly FileCertificate[];
}

/** audit: look and tell; manage: renew. */
export type Mode = 'audit' | 'manage';

export interface Notifications {
  /** In the deployed service the stack's own topic, whatever the file says. */
  readonly sns?: { readonly topicArn: string };
  /** Where the URL of an incoming webhook is: a secret of Secrets Manager (its whole text), or a variable of the environment. */
  readonly slack?: { readonly webhookSecretId: string } | { readonly webhookUrlEnv: string };
  readonly digest?: Digest;
}

export interface Digest {
  /** HH:MM. */
  readonly at: string;
  /** IANA. */
  readonly timezone: string;
  readonly days: readonly Weekday[];
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A VPC place: the deployed service has its own copies of inventory and deliver in it. */
export interface Reach {
  readonly name: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

export interface Cluster {
  readonly name: string;
  readonly access: ClusterAccess;
  /** Name of the Reach it is asked from; absent = it is reached from everywhere. */
  readonly reach?: string;
  readonly mode: Mode;
  /** Clusters with the same one may share a key. Default: the cluster's own name. */
  readonly trustDomain: string;
  /** Where the Secrets of ClusterIssuers are. Default `cert-manager`. */
  readonly clusterResourceNamespace: string;
  /** Discovery is not permission: nothing outside is ordered for what is found in this cluster. Empty = nothing. */
  readonly namePolicy: readonly NamePolicyLine[];
}

/** Namespaces in which what is found may be renewed; `*` = all. */
export const managedNamespaces = ({ mode, namePolicy }: Pick<Cluster, 'mode' | 'namePolicy'>): readonly string[] => [
  ...new Set(namePolicy.flatMap((line) => ((line.mode ?? mode) === 'manage' ? line.namespaces : []))),
];

export type ClusterAccess = KubeconfigAccess | KubeconfigSecretAccess | EksAccess;

/** A file: only where a person's machine is. */
export interface KubeconfigAccess {
  readonly by: 'kubeconfig';
  readonly path: string;
  readonly context?: string;
}

/** The text of a kubeconfig in Secrets Manager: name or ARN of the secret. Credential plugins in it are never run. */
export interface KubeconfigSecretAccess {
  readonly by: 'secret';
  readonly secretId: string;
  readonly context?: string;
}

/** Endpoint and CA from DescribeCluster, tokens from STS, both as the role where one is named. */
export interface EksAccess {
  readonly by: 'eks';
  readonly clusterName: string;
  readonly region: string;
  readonly roleArn?: string;
  readonly externalId?: string;
}

export interface NamePolicyLine {
  /** Exact namespaces, or `*`. */
  readonly namespaces: readonly string[];
  /** Exact names, `*.example.com` (one label, and the wildcard itself), or `**.example.com` (any depth). */
  readonly names: readonly string[];
  readonly mode?: Mode;
  /** The owner of the fleet agrees that Secrets which nobody would write again are taken over, as `adopt` of a destination. */
  readonly adopt?: boolean;
}

export interface Zone {
  /** Lower-case, no trailing dot. */
  readonly name: string;
  readonly hostedZoneId: string;
  readonly roleArn?: string;
  readonly externalId?: string;
}

export interface Issuer {
  readonly id: IssuerId;
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly name: string;
  /** Only kind Issuer. */
  readonly namespace?: string;
  /** The source it was found in: a cluster name, or `fleet`. Its Secrets are read there. */
  readonly source: string;
  readonly spec: IssuerSpec;
}

export type IssuerSpec = AcmeIssuerSpec | CaIssuerSpec | SelfSignedIssuerSpec;

export interface AcmeIssuerSpec {
  readonly type: 'acme';
  /** Directory URL. */
  readonly server: string;
  /** The annotation STAGING_ANNOTATION as it was written, checked by whoever uses it. */
  readonly stagingServer?: string;
  readonly email?: string;
  /** PEM roots that the directory's own TLS is checked against, instead of the public ones. */
  readonly caBundle?: string;
  readonly preferredChain?: string;
  readonly profile?: string;
  readonly externalAccountBinding?: {
    readonly keyId: string;
    readonly keySecret: { readonly name: string; readonly key: string };
  };
  readonly solvers: readonly Solver[];
}

/** One entry of `solvers`, as cert-manager selects them: most specific selector wins, first on a tie. */
export interface Solver {
  readonly type: 'dns01' | 'http01';
  readonly dnsNames?: readonly string[];
  readonly dnsZones?: readonly string[];
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** dns01.route53.hostedZoneID; is one of the fleet's zones. */
  readonly hostedZoneId?: string;
}

export interface CaIssuerSpec {
  readonly type: 'ca';
  readonly secretName: string;
  readonly crlDistributionPoints: readonly string[];
  readonly ocspServers: readonly string[];
  readonly issuingCertificateUrls: readonly string[];
}

export interface SelfSignedIssuerSpec {
  readonly type: 'selfSigned';
  readonly crlDistributionPoints: readonly string[];
}

export interface FileCertificate {
  readonly id: CertificateId;
  /** `fleet` for a FleetCertificate, else the cluster it belongs to. */
  readonly source: string;
  readonly origin: 'Certificate' | 'FleetCertificate';
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
  readonly places: readonly WantedPlace[];
  /** Where it must be seen served; absent = nowhere. */
  readonly endpoints?: readonly Endpoint[];
}

export interface WantedPlace {
  readonly place: Place;
  /** The owner of the file consents to take over what is there now. */
  readonly adopt: boolean;
}
