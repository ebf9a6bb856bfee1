/** Names that cert-manager can never prove with an issuer as it is: no solver fits them, or no public CA may certify them. */
import type { AcmeIssuerSpec } from '../../contract/fleet.ts';
import { isPublicCa } from '../acme/public-ca.ts';
import { canonicalName } from '../dns/names.ts';
import { isPublicName } from '../dns/public-suffix.ts';
import { pickSolver } from './solver.ts';

export interface NeverProved {
  readonly message: string;
  readonly fix: string;
}

const DNS01 = 'give the issuer a dns01 solver that matches it';

/** Why the challenge of one name cannot succeed, whatever the network is like; undefined = it may. */
export function neverProved(
  text: string,
  { server, solvers }: AcmeIssuerSpec,
  labels: Readonly<Record<string, string>>,
): NeverProved | undefined {
  const canonical = canonicalName(text);
  if ('problem' in canonical) return undefined;
  const { name } = canonical;
  const quoted = JSON.stringify(name);
  if (isPublicCa(server) && !isPublicName(name))
    return {
      message: `${quoted} ends in no public suffix, and a public CA certifies public names only`,
      fix: 'Ask a private CA for it, or serve it under a public name',
    };
  const solver = pickSolver(solvers, name, labels);
  if (!solver) return { message: `no solver of the issuer matches ${quoted}`, fix: `To have it proved, ${DNS01}` };
  return name.startsWith('*.') && solver.type === 'http01'
    ? { message: `${quoted} is a wildcard, which HTTP-01 cannot prove`, fix: `To have it proved, ${DNS01}` }
    : undefined;
}
