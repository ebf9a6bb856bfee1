/** Roles of other accounts that a fleet takes, as their owners were told to make them. */
import type { Fleet } from '../../shared/contract/fleet.ts';
import { policyOf, type Trusted } from '../../shared/rights/account-role.ts';
import { clusterRole, isEks } from '../../shared/rights/cluster-role.ts';
import { dnsAccounts, dnsRoles } from '../../shared/rights/dns-role.ts';
import { policyJson, trustJson } from '../../shared/rights/statements.ts';
import type { GateRole } from './gate.ts';
import { OF_OTHERS } from './service-gate.ts';

/** Of several fleets that name one role, all that they told. */
export function otherRoles(fleets: readonly Fleet[], trusted: Trusted): readonly GateRole[] {
  const told = fleets.flatMap((fleet) => [
    ...dnsAccounts(fleet).flatMap((account) => dnsRoles(fleet, account, trusted)),
    ...fleet.clusters.filter(isEks).flatMap((cluster) => clusterRole(cluster, trusted) ?? []),
  ]);
  return [...Map.groupBy(told, ({ roleArn }) => roleArn)].map(([arn, roles]) => ({
    ...{ arn, called: OF_OTHERS },
    policies: roles.map(({ granted }) => policyJson(policyOf(granted))),
    trust: { Statement: roles.flatMap(({ trust }) => trustJson(trust).Statement) },
  }));
}
