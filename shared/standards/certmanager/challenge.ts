/** Whether a name's ownership can be proved from here: which solver answers for it, and in which zone. */
import type { AcmeIssuerSpec, Zone } from '../../contract/fleet.ts';
import { challengeFqdn, zoneOf } from '../dns/names.ts';
import { pickSolver } from './solver.ts';

/** Why the challenge of one canonical name cannot be answered, and what to do; undefined = it can. */
export function challengeProblem(
  name: string,
  acme: AcmeIssuerSpec,
  fleet: { readonly zones: readonly Zone[]; readonly labels: Readonly<Record<string, string>> },
): { readonly message: string; readonly fix: string } | undefined {
  const zone = zoneOf(challengeFqdn(name), fleet.zones);
  const zones = fleet.zones.map((one) => one.name).join(', ') || 'none';
  if (!zone)
    return {
      message: `${JSON.stringify(name)} lies in no zone of the fleet, so its challenge is impossible; zones: ${zones}`,
      fix: 'add its zone to spec.zones of the Fleet',
    };
  const solver = pickSolver(acme.solvers, name, fleet.labels);
  if (!solver)
    return {
      message: `no solver of the issuer matches ${JSON.stringify(name)}`,
      fix: 'add a solver, or widen a selector',
    };
  if (solver.hostedZoneId && solver.hostedZoneId !== zone.hostedZoneId)
    return {
      message: `${JSON.stringify(name)} lies in the zone ${zone.hostedZoneId} (${zone.name}), but its solver has hostedZoneID ${solver.hostedZoneId}`,
      fix: 'remove hostedZoneID: the zone follows from the name',
    };
  return undefined;
}
