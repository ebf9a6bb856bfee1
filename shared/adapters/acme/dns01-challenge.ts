/** The dns-01 challenge of a pending authorization and the TXT value it asks for (RFC 8555 §8.4); other types are ignored. */
import type Client from 'acme-client/src/client.js';
import { ProblemError } from '../../contract/problem.ts';
import type { PendingChallenge } from '../../contract/step.ts';
import { type Authorization, orderedName } from '../../standards/acme/resources.ts';

export interface ChallengePlace {
  readonly client: Client;
  /** The hosted zone that a record belongs into; undefined = none of ours. */
  readonly zoneOf: (fqdn: string) => string | undefined;
}

/** A name that cannot be proved from here, ever. */
export const impossible = (detail: string, fix?: string): ProblemError =>
  new ProblemError({ type: 'nolapse:challenge-impossible', detail, retry: 'never', ...(fix ? { fix } : {}) });

/** Throws ProblemError `nolapse:challenge-impossible` (never): no dns-01 on offer, or no zone for the record. */
export async function pendingChallenge(
  authorization: Authorization,
  { client, zoneOf }: ChallengePlace,
): Promise<PendingChallenge> {
  const name = orderedName(authorization);
  const challenge = authorization.challenges.find(({ type, token }) => type === 'dns-01' && token !== undefined);
  if (!challenge?.token) {
    const offer = authorization.challenges.map(({ type }) => type).join(', ') || 'nothing';
    throw impossible(`${name}: the CA offers ${offer}, and only dns-01 can be answered`);
  }
  const fqdn = `_acme-challenge.${authorization.identifier.value}`;
  const zoneId = zoneOf(fqdn);
  if (zoneId === undefined)
    throw impossible(
      `${name}: ${fqdn} lies in no zone of the fleet, so its challenge cannot be answered`,
      `add the hosted zone that holds ${authorization.identifier.value} to spec.zones of the Fleet`,
    );
  const value = await client.getChallengeKeyAuthorization({ type: 'dns-01', token: challenge.token });
  return { name, url: challenge.url, txt: { zoneId, fqdn, value } };
}
