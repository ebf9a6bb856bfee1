/** Whether policies allow something, as IAM decides it: an explicit deny wins, what nothing allows is denied. */
import { type ConditionJson, type Context, conditionsHold, globbed, listOf } from './conditions.ts';

export interface StatementJson {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: ConditionJson;
}

export interface PolicyJson {
  readonly Version?: string;
  readonly Statement: StatementJson | readonly StatementJson[];
}

/** One thing that somebody asks to do to one resource. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** The place in a policy that allowed: its statement and the pattern of its action. */
export interface AllowedBy {
  readonly statement: StatementJson;
  readonly action: string;
}

export type Decision =
  | { readonly is: 'allowed'; readonly by: AllowedBy }
  | { readonly is: 'denied'; readonly by?: StatementJson };

const ELEMENTS = ['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'];

export const statementsOf = ({ Statement }: PolicyJson): readonly StatementJson[] => {
  const statements = listOf(Statement);
  for (const statement of statements)
    for (const element of Object.keys(statement))
      if (!ELEMENTS.includes(element)) throw new TypeError(`the element ${element} is not known here`);
  return statements;
};

/** The pattern of the statement that means the action: names of actions are the same in upper and lower case. */
const actionIn = (statement: StatementJson, action: string): string | undefined =>
  listOf(statement.Action).find((pattern) => globbed(pattern.toLowerCase(), action.toLowerCase()));

/** What an identity's own policy says. `known`: see conditionsHold. */
export function decide(policy: PolicyJson, ask: Ask, known: ReadonlySet<string>): Decision {
  let allowed: AllowedBy | undefined;
  for (const statement of statementsOf(policy)) {
    const action = actionIn(statement, ask.action);
    const isMeant =
      action !== undefined &&
      listOf(statement.Resource).some((pattern) => globbed(pattern, ask.resource)) &&
      conditionsHold(statement.Condition ?? {}, ask.context, known);
    if (!isMeant) continue;
    if (statement.Effect === 'Deny') return { is: 'denied', by: statement };
    allowed ??= { statement, action };
  }
  return allowed ? { is: 'allowed', by: allowed } : { is: 'denied' };
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** An account, by its number or its root, is everybody in it; a role is itself. Services and the rest of the world never ask here. */
function isPrincipal(statement: StatementJson, principal: string): boolean {
  const { Principal = {} } = statement;
  if (Principal === '*') return true;
  return listOf(Principal.AWS).some((named) => {
    if (named === '*' || named === principal || named === accountOf(principal)) return true;
    return /^arn:[\w-]+:iam::\d{12}:root$/.test(named) && accountOf(named) === accountOf(principal);
  });
}

/** What the trust policy of a role says to somebody who would take it. */
export function isTrusted(
  trust: PolicyJson,
  { principal, context }: { readonly principal: string; readonly context: Context },
  known: ReadonlySet<string>,
): boolean {
  const meant = statementsOf(trust).filter(
    (statement) =>
      actionIn(statement, 'sts:AssumeRole') !== undefined &&
      isPrincipal(statement, principal) &&
      conditionsHold(statement.Condition ?? {}, { ...context, 'aws:PrincipalArn': principal }, known),
  );
  return meant.length > 0 && meant.every(({ Effect }) => Effect === 'Allow');
}
