/** The gate of a deployed service: its roles as shared/rights makes them, and the roles of other accounts that it takes. */

import { type AccountRole, policyOf, type Trusted } from '../../shared/rights/account-role.ts';
import { clusterRole, isEks } from '../../shared/rights/cluster-role.ts';
import { dnsAccounts, dnsRoles } from '../../shared/rights/dns-role.ts';
import type { Resources } from '../../shared/rights/resources.ts';
import { type RoleName, roleNameOf, rolesIn } from '../../shared/rights/role-names.ts';
import { rolesOf } from '../../shared/rights/roles.ts';
import { policyJson, trustJson } from '../../shared/rights/statements.ts';
import { resources as DEPLOYED, fleet } from '../shared/rights/service.ts';
import type { GateRole } from './gate.ts';
import { accessKeyOf } from './traffic.ts';

export interface NamedRole extends GateRole {
  /** As TRAFFIC calls it. */
  readonly name: string;
}

const arnsIn =
  ({ account }: Resources) =>
  (role: RoleName): string =>
    `arn:aws:iam::${account}:role/${roleNameOf(fleet.name, role)}`;

/** What every role of other accounts is called where rights are told. */
export const OF_OTHERS = 'of another account';

const ofAccount = ({ roleArn, trust, granted }: AccountRole): NamedRole => ({
  ...{ name: roleArn, arn: roleArn, called: OF_OTHERS },
  policies: [policyJson(policyOf(granted))],
  trust: trustJson(trust),
});

/** All roles of the fleet of `service.ts`, deployed with these resources. */
export function serviceRoles(resources: Resources = DEPLOYED): readonly NamedRole[] {
  const arnOf = arnsIn(resources);
  const trusted = (roles: readonly RoleName[]): Trusted => ({
    account: resources.account,
    principals: roles.map(arnOf),
  });
  const own = rolesOf(fleet, resources).map(({ role, granted }) => ({
    ...{ name: role, arn: arnOf(role), called: role, policies: [policyJson(policyOf(granted))] },
  }));
  const ofDns = dnsAccounts(fleet).flatMap((account) => dnsRoles(fleet, account, trusted(['issue'])));
  const ofClusters = fleet.clusters
    .filter(isEks)
    .flatMap((cluster) => clusterRole(cluster, trusted(rolesIn(cluster, fleet))) ?? []);
  return [...own, ...[...ofDns, ...ofClusters].map(ofAccount)];
}

export const principalsOf = (roles: readonly NamedRole[]): Readonly<Record<string, string>> =>
  Object.fromEntries(roles.map(({ name, arn }) => [accessKeyOf(name), arn]));
