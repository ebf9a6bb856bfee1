/** What DynamoDB or S3 said about the place of the state: a problem of the state, which no lane takes for one of the party that it works for. */
import { ProblemError } from '../../contract/problem.ts';
import { awsCode, awsProblem } from './aws-problem.ts';

const GONE = /^(ResourceNotFoundException|NoSuchBucket)$/;

/**
 * `nolapse:state-unreachable` (retry later) where the same request may be answered soon, `nolapse:state-unwritable` (never) where not.
 * `where` is the table or bucket, `doing` what was being done in it.
 */
export function awsStateProblem(error: unknown, where: string, doing: string): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = awsCode(error);
  const problem = awsProblem(error, `${doing} in ${where} (${code})`);
  const fix = GONE.test(code) ? `deploy again: this account and region have no ${where}` : problem.fix;
  return new ProblemError({
    ...problem,
    type: problem.retry === 'later' ? 'nolapse:state-unreachable' : 'nolapse:state-unwritable',
    ...(fix === undefined ? {} : { fix }),
  });
}
