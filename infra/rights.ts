/** Gives the roles the rights that shared/rights wrote out for the fleet, word for word, and adds none. */
import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Granted } from '../shared/rights/granted.ts';
import { statementJson } from '../shared/rights/statements.ts';

/** IAM's limit for a managed policy, white space not counted; ten of them go to a role. */
const MAX_POLICY = 6144;
const ENVELOPE = 64;
/** What a token stands for is not known yet; no ARN of ours is longer than this. */
const TOKEN = /\$\{Token\[[^\]]+\]\}/g;
const LONGEST_ARN = '-'.repeat(160);

const sizeOf = ({ statement }: Granted): number =>
  JSON.stringify(statementJson(statement)).replace(TOKEN, LONGEST_ARN).length + 1;

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
    inPolicies(granted).forEach((some, i) => {
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
}
