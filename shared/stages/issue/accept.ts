/** What an authority returned, accepted only if it is what was asked and no step back from what there is. Pure. */
import type { Problem } from '../../contract/problem.ts';
import type { Attempt, DueReason, Issuance, Issued } from '../../contract/rows.ts';
import type { Step } from '../../contract/step.ts';
import { certificatesOf, orderedChain } from '../../standards/x509/chain.ts';
import { factsOf } from '../../standards/x509/facts.ts';
import { checkIssued, isStaging } from '../../standards/x509/issued.ts';

type IssuedStep = Extract<Step, { readonly at: 'issued' }>;

export type Acceptance = { readonly current: Issued } | { readonly problem: Problem };

const refused = (detail: string, fix: string): Acceptance => ({
  problem: { type: 'nolapse:bad-certificate', detail, retry: 'later', fix },
});

const RENEWALS: readonly DueReason[] = ['Renewing', 'Resumed'];

/**
 * A staging chain never replaces a trusted one, and a renewal gains time. Whoever needs another certificate now (a lost or damaged pair, a
 * changed wish, `renew --force`) takes the one that ends earlier: a CA may have shortened its lifetimes since.
 */
function stepBack(issuance: Issuance, next: Issued, now: Date): Acceptance | undefined {
  const { current, due } = issuance;
  if (!current || current.facts.notAfter <= now.toISOString()) return undefined;
  const chain = (pem: string) => (pem ? certificatesOf(pem).map(factsOf) : []);
  if (isStaging(chain(next.chainPem)) && !isStaging(chain(current.chainPem)))
    return refused('the CA returned a staging certificate for one that is trusted', 'name the production directory');
  const [have, gain] = [current.facts.notAfter, next.facts.notAfter];
  if (gain <= have && RENEWALS.includes(due?.reason ?? 'Renewing'))
    return refused(
      `the CA returned a certificate until ${gain}, the present one is valid until ${have}`,
      'renew the CA itself, or look at its longest duration',
    );
  return undefined;
}

/** The certificate as it becomes current, with the attempt's own sealed key. */
export function accepted(issuance: Issuance, attempt: Attempt, from: { step: IssuedStep; now: Date }): Acceptance {
  const { step, now } = from;
  const { publicKeySha256 = '', sealedKey } = attempt;
  try {
    const chainPem = orderedChain(step.chainPem);
    const problem = checkIssued({ chainPem, request: issuance.request, publicKeySha256, now });
    if (problem) return { problem };
    const current: Issued = {
      ...{ facts: factsOf(chainPem), chainPem, issuedAt: now.toISOString(), origin: 'issued', attempt: attempt.id },
      ...(step.caPem ? { caPem: step.caPem } : {}),
      ...(sealedKey ? { sealedKey } : {}),
    };
    return stepBack(issuance, current, now) ?? { current };
  } catch (error) {
    return refused(
      `the CA's answer is no chain of certificates: ${error instanceof Error ? error.message : String(error)}`,
      'look at the CA; the attempt is made anew',
    );
  }
}
