/** Rights on EKS clusters: to find them in AWS, and to be known in them. What may be done inside is RBAC's. */
import type { Cluster, EksAccess } from '../contract/fleet.ts';
import type { AccountRole } from './dns-role.ts';
import type { RoleName } from './roles.ts';
import type { Trusted } from './trust.ts';

/** Groups that the printed RBAC binds; who a function is in a cluster. */
export const GROUPS = {
  inventory: 'nolapse:inventory',
  deliver: 'nolapse:deliver',
  issue: 'nolapse:issue',
} as const;

/** An EKS access entry of type STANDARD. */
export interface AccessEntry {
  readonly clusterName: string;
  readonly region: string;
  readonly principalArn: string;
  readonly groups: readonly string[];
}

export type EksCluster = Cluster & { readonly access: EksAccess };

/** Which roles of the service talk to a cluster: inventory always, deliver where it may be written, issue where issuers are found in it. */
export declare function rolesIn(cluster: Cluster): readonly RoleName[];

/** The role that an EKS cluster's account makes; only where the fleet names one. */
export declare function clusterRole(cluster: EksCluster, trusted: Omit<Trusted, 'externalId'>): AccountRole;

/** The access entries of a cluster: of the role that the fleet names, else of the service's own by `arnOf`. */
export declare function accessEntries(cluster: EksCluster, arnOf: (role: RoleName) => string): readonly AccessEntry[];
