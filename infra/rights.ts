/** Gives the roles the rights that shared/rights wrote out for the fleet, word for word, and adds none. */
import { Annotations, Stack, Validations } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Granted } from '../shared/rights/granted.ts';
import { statementJson } from '../shared/rights/statements.ts';

/** IAM's limit for a managed policy, white space not counted. */
const MAX_POLICY = 6144;
/** Managed policies of a role: the default of the quota, and what it can be raised to (IAM User Guide, IAM and AWS STS quotas). */
const QUOTA = 10;
const QUOTA_CAN_BE = { most: 20, ask: 'ask AWS for more of quota L-0DA4ABF3' };
const ENVELOPE = 64;
/** What a token stands for is not known yet: an account, a region, a partition, or else an ARN of ours, and none of those is longer. */
const TOKEN = /\$\{Token\[(AWS\.(?:AccountId|Region|Partition))?[^\]]*\]\}/g;
const LONGEST_ARN = 160;
const LONGEST: Readonly<Record<string, number>> = { 'AWS.AccountId': 12, 'AWS.Region': 14, 'AWS.Partition': 10 };

const sizeOf = ({ statement }: Granted): number =>
  JSON.stringify(statementJson(statement)).replace(TOKEN, (_token, name = '') =>
    '-'.repeat(LONGEST[name] ?? LONGEST_ARN),
  ).length + 1;

/** As many statements to a policy as go into it, in their order. */
export function inPolicies(granted: readonly Granted[]): readonly (readonly Granted[])[] {
  const policies: Granted[][] = [];
  let left = 0;
  for (const one of granted) {
    const size = sizeOf(one);
    if (size > left) {
      policies.push([]);
      left = MAX_POLICY - ENVELOPE;
    }
    policies.at(-1)?.push(one);
    left -= size;
  }
  return policies;
}

/** A resolved text as cdk-nag writes it into the ids of its findings. */
function flat(text: unknown): string {
  if (typeof text !== 'object' || text === null) return String(text);
  if ('Fn::Join' in text) return (text['Fn::Join'] as [string, readonly unknown[]])[1].map(flat).join('');
  return 'Ref' in text ? `<${text.Ref}>` : JSON.stringify(text);
}

/** Every wildcard is there for a reason, and that reason is the acknowledgement. */
function acknowledgeWildcards(policy: ManagedPolicy, granted: readonly Granted[]): void {
  for (const { statement, because } of granted) {
    const found = [
      ...statement.actions.map((action) => `Action::${action}`),
      ...statement.resources.map((resource) => `Resource::${flat(Stack.of(policy).resolve(resource))}`),
    ];
    for (const finding of found.filter((text) => text.includes('*')))
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason: because });
  }
}

export interface RightsProps {
  readonly role: IRole;
  readonly granted: readonly Granted[];
}

/** Depend on it to be made when the role has all its rights. */
export class Rights extends Construct {
  constructor(scope: Construct, id: string, { role, granted }: RightsProps) {
    super(scope, id);
    const policies = inPolicies(granted);
    this.#checkQuota(role, policies.length);
    policies.forEach((some, i) => {
      const policy = new ManagedPolicy(this, `${i + 1}`, {
        path: '/nolapse/',
        description: `Nolapse: ${id}`,
        document: new PolicyDocument({
          // the sentences of a review are kept apart, not melted together
          minimize: false,
          statements: some.map(({ statement }) => PolicyStatement.fromJson(statementJson(statement))),
        }),
        roles: [role],
      });
      acknowledgeWildcards(policy, some);
    });
  }

  #checkQuota({ node }: IRole, policies: number): void {
    const needs = `the role of ${node.id} needs ${policies} managed policies, and IAM attaches ${QUOTA}`;
    const { ask, most } = QUOTA_CAN_BE;
    if (policies > most)
      Annotations.of(this).addError(`${needs}, at most ${most}: make two fleets of this one, by cluster or by zone`);
    else if (policies > QUOTA)
      Annotations.of(this).addWarningV2('nolapse:managed-policies', `${needs}: ${ask} before you deploy`);
  }
}
