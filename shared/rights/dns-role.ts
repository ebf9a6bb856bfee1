/** Rights on hosted zones: the TXT records of challenges, and nothing else. */
import type { Fleet, Zone } from '../contract/fleet.ts';
import type { Granted } from './roles.ts';
import type { Policy, TrustPolicy } from './statements.ts';
import type { Trusted } from './trust.ts';

/** A role of another account, for its owners to make. */
export interface AccountRole {
  readonly roleArn: string;
  readonly trust: TrustPolicy;
  readonly policy: Policy;
}

/** Rights on these zones; in the service's own policy where a zone names no role, in the DNS role's where it does. */
export declare function challengeRights(zones: readonly Zone[], partition: string): readonly Granted[];

/** The DNS roles that a fleet names in an account: one, unless its zones name more. */
export declare function dnsRoles(
  fleet: Fleet,
  account: string,
  trusted: Omit<Trusted, 'externalId'>,
): readonly AccountRole[];
