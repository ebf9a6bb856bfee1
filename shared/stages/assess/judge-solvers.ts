/** Names whose issuer says HTTP-01 and that are proved by DNS-01 all the same, because their zone is ours. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import type { Issuer } from '../../contract/fleet.ts';
import type { Issuance, Wanted } from '../../contract/rows.ts';
import { pickSolver } from '../../standards/certmanager/solver.ts';
import { objectOfWanted } from './content.ts';
import { list } from './phrases.ts';

/** `http01-by-dns01`, an info: nothing is wrong, but the manifest says something else than what is done. */
export function judgeSolvers(wanted: Wanted, issuance: Issuance, issuer: Issuer | undefined): readonly Verdict[] {
  if (issuer?.spec.type !== 'acme') return [];
  const { solvers } = issuer.spec;
  const names = issuance.request.dnsNames.filter((name) => pickSolver(solvers, name, wanted.labels)?.type === 'http01');
  if (names.length === 0) return [];
  return [
    {
      code: 'http01-by-dns01',
      severity: 'info',
      object: objectOfWanted(wanted),
      names,
      message: `The ${issuer.kind} ${issuer.name} proves ${list(names)} by HTTP-01; Nolapse does it by DNS-01.`,
      evidence: { issuer: issuer.id },
      fix: `Nothing to do; to have it said as it is done, give the ${issuer.kind} ${issuer.name} a dns01 solver`,
      rootCause: `http01-by-dns01:${issuer.id}`,
    },
  ];
}
