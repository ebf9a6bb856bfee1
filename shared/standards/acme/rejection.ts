/** Why an order came to nothing, from the order and its authorizations: one Problem, the names that failed as its subproblems. */
import type { Problem, Subproblem } from '../../contract/problem.ts';
import { ACME_ERROR } from './fixes.ts';
import { type ProblemContext, validationProblem } from './problem.ts';
import { type Authorization, type Order, orderedName } from './resources.ts';

interface Failed {
  readonly name: string;
  readonly problem: Problem;
}

/** The failed names of an order: each with what its challenge met. */
function failuresOf(authorizations: readonly Authorization[], context: ProblemContext): readonly Failed[] {
  return authorizations
    .filter(({ status }) => status === 'invalid')
    .map((authorization) => {
      const name = orderedName(authorization);
      const errors = authorization.challenges.map(({ error }) => validationProblem(error, context));
      const problem = errors.find((one) => one !== undefined);
      return { name, problem: problem ?? unsaid(`the CA found ${name} invalid and does not say why`) };
    });
}

const unsaid = (detail: string): Problem => ({ type: 'nolapse:order-invalid', detail, retry: 'later' });

const subproblemOf = ({ name, problem: { type, detail } }: Failed): Subproblem => ({
  type,
  detail,
  identifier: { type: 'dns', value: name },
});

/** Some CAs do not say which name they speak of. */
const named = ({ name, problem: { detail } }: Failed, all: readonly Failed[] = []): string =>
  [name, ...all.map((one) => one.name)].some((one) => detail.includes(one.replace(/^\*\./, '')))
    ? detail
    : `${name}: ${detail}`;

/** Nothing to fix on the CA's side is left out: `never` wins over `later`. */
const retryOf = (all: readonly Problem[]): Problem['retry'] =>
  all.some(({ retry }) => retry === 'never') ? 'never' : 'later';

/** The problem of an order that is `invalid`, or that has an invalid authorization. Undefined = neither says anything. */
export function rejectionOf(
  order: Pick<Order, 'error'>,
  authorizations: readonly Authorization[],
  context: ProblemContext,
): Problem | undefined {
  const said = validationProblem(order.error, context);
  const failed = failuresOf(authorizations, context);
  const [first] = failed;
  if (!first) return said;
  const problems = failed.map(({ problem }) => problem);
  const fix = said?.fix ?? problems.find((one) => one.fix)?.fix;
  const main: Problem =
    (said && { ...said, detail: named({ name: first.name, problem: said }, failed) }) ??
    (failed.length === 1
      ? { ...first.problem, detail: named(first) }
      : {
          type: `${ACME_ERROR}compound`,
          detail: `${failed.length} names failed, first ${named(first)}`,
          retry: 'later',
        });
  return {
    ...main,
    subproblems: main.subproblems ?? failed.map(subproblemOf),
    retry: retryOf(said ? [said] : problems),
    ...(fix ? { fix } : {}),
  };
}
