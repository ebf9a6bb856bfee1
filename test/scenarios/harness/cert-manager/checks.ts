/** What cert-manager's controller would find wrong with a Secret: every violated policy by its own name, from facts about cert-manager alone. */
import type { AdminClient } from '../world.ts';
import { type Input, readInput } from './input.ts';
import { POST_ISSUANCE } from './reapplying.ts';
import { READINESS, TRIGGERS } from './reissuing.ts';

const CHAINS = { trigger: TRIGGERS, readiness: READINESS, 'post-issuance': POST_ISSUANCE };

/** Where one of these is violated, the others have nothing to look at. */
const FIRST = ['SecretDoesNotExist', 'SecretIsMissingData', 'SecretPublicKeysDiffer'];

/** `<chain> <policy>: <reason>: <detail>` for each that is violated, where cert-manager itself stops at the first of each chain. */
export function violated(input: Input): readonly string[] {
  const all = Object.entries(CHAINS).flatMap(([chain, checks]) =>
    Object.entries(checks).flatMap(([policy, check]) => {
      const why = check(input);
      return why === undefined ? [] : [{ policy, text: `${chain} ${policy}: ${why}` }];
    }),
  );
  const first = FIRST.find((policy) => all.some((one) => one.policy === policy));
  return all.filter(({ policy }) => first === undefined || policy === first).map(({ text }) => text);
}

/** Of the Certificate as the API server has it now, with its Secret. */
export const violatedAt = async (
  admin: AdminClient,
  at: { readonly namespace: string; readonly name: string },
  now = new Date(),
): Promise<readonly string[]> => violated(await readInput(admin, at, now));
