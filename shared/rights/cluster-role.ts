/** Rights on EKS clusters: to find them in AWS, and to be known in them. What may be done inside is RBAC's. */
import type { Cluster, EksAccess, Fleet } from '../contract/fleet.ts';
import { type AccountRole, roleArnOf, type Trusted, trustOf } from './account-role.ts';
import { granted } from './granted.ts';
import { type RoleName, rolePartsOf, rolesIn } from './role-names.ts';

/** Who a function is in a cluster: the groups that the printed RBAC binds. */
export const GROUPS = {
  inventory: 'nolapse:inventory',
  deliver: 'nolapse:deliver',
  issue: 'nolapse:issue',
} as const;

export type Who = keyof typeof GROUPS;

/** What a role is to a cluster. */
export const whoIs = (role: RoleName): Who => rolePartsOf(role).name as Who;

/** An EKS access entry of type STANDARD, with the user name that EKS gives by itself. */
export interface AccessEntry {
  readonly clusterName: string;
  readonly region: string;
  readonly principalArn: string;
  readonly groups: readonly string[];
}

export type EksCluster = Cluster & { readonly access: EksAccess };

export const isEks = (cluster: Cluster): cluster is EksCluster => cluster.access.by === 'eks';

interface Where {
  readonly partition: string;
  readonly account: string;
}

export const clusterArn = ({ access }: EksCluster, { partition, account }: Where): string =>
  `arn:${partition}:eks:${access.region}:${account}:cluster/${access.clusterName}`;

/** The role that an EKS cluster's account makes; undefined where the fleet names none. */
export function clusterRole(cluster: EksCluster, trusted: Trusted): AccountRole | undefined {
  const { roleArn = '', externalId } = cluster.access;
  const where = roleArnOf(roleArn);
  if (!where) return undefined;
  return {
    roleArn,
    trust: trustOf(trusted, { partition: where.partition, externalId }),
    granted: [
      granted(
        { sid: 'FindCluster', actions: ['eks:DescribeCluster'], resources: [clusterArn(cluster, where)] },
        {
          because: 'the address and the CA of the cluster are asked of EKS',
          thief:
            'is in the cluster what the access entry of this role says: all that inventory, deliver and issue may do there',
        },
      ),
    ],
  };
}

/**
 * The access entries of a cluster. A role that the fleet names is one principal for whoever takes it, so its entry has the groups of all;
 * without one, each role of the service has an entry of its own.
 */
export function accessEntries(
  cluster: EksCluster,
  fleet: Fleet,
  arnOf: (role: RoleName) => string,
): readonly AccessEntry[] {
  const { clusterName, region, roleArn } = cluster.access;
  const byPrincipal = Map.groupBy(rolesIn(cluster, fleet), (role) => roleArn ?? arnOf(role));
  return [...byPrincipal].map(([principalArn, roles]) => ({
    ...{ clusterName, region, principalArn },
    groups: roles.map((role) => GROUPS[whoIs(role)]),
  }));
}
