/** Who may take a role in another account: roles of one account by name, and only those who know the external id. */
import type { TrustPolicy } from './statements.ts';

export interface Trusted {
  /** The account that the principals are in. */
  readonly account: string;
  /** Default `aws`. */
  readonly partition?: string;
  /** ARNs of the roles, exact. They need not exist yet, and may be made anew: they are compared as text. */
  readonly principals: readonly string[];
  readonly externalId?: string;
}

export function trustOf({ account, partition = 'aws', principals, externalId }: Trusted): TrustPolicy {
  return {
    statements: [
      {
        sid: 'Nolapse',
        effect: 'Allow',
        actions: ['sts:AssumeRole'],
        principals: [`arn:${partition}:iam::${account}:root`],
        conditions: {
          ArnEquals: { 'aws:PrincipalArn': principals },
          ...(externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': [externalId] } }),
        },
      },
    ],
  };
}
