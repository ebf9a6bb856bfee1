/** A role of another account, for its owners to make: who may take it, and what it may do. */
import type { Granted } from './granted.ts';
import type { Policy, TrustPolicy } from './statements.ts';

export interface AccountRole {
  readonly roleArn: string;
  readonly trust: TrustPolicy;
  readonly granted: readonly Granted[];
}

export interface Trusted {
  /** The account that the principals are in. */
  readonly account: string;
  /** ARNs of the roles, exact. They need not exist yet and may be made anew: they are compared as text. */
  readonly principals: readonly string[];
}

export interface RoleArn {
  readonly partition: string;
  readonly account: string;
  /** `/` or `/…/`. */
  readonly path: string;
  readonly name: string;
}

const ROLE_ARN = /^arn:([\w-]+):iam::(\d{12}):role(\/(?:.*\/)?)([^/]+)$/;

/** The parts of a role's ARN as the fleet file has it; undefined = it is none. */
export function roleArnOf(arn: string): RoleArn | undefined {
  const [, partition, account, path, name] = ROLE_ARN.exec(arn) ?? [];
  return partition && account && path && name ? { partition, account, path, name } : undefined;
}

export const policyOf = (granted: readonly Granted[]): Policy => ({
  statements: granted.map(({ statement }) => statement),
});

/**
 * The account is the principal and the roles are a condition on it: IAM would replace the ARN of a role by an id that ends with the role.
 * The external id is what keeps anybody else's Nolapse from taking the role.
 */
export function trustOf(
  { account, principals }: Trusted,
  { partition, externalId }: { readonly partition: string; readonly externalId: string | undefined },
): TrustPolicy {
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
