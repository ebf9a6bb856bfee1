/** The problem that a call ends in, with the message that a person reads. */
import { InputError, type Problem, ProblemError } from '../../../../shared/contract/problem.ts';

const errorOf = async (doing: () => unknown): Promise<unknown> => {
  try {
    await doing();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

export async function problemThrown(doing: () => unknown): Promise<Problem> {
  const error = await errorOf(doing);
  if (!(error instanceof ProblemError)) throw new Error('no ProblemError was thrown', { cause: error });
  return error.problem;
}

export async function inputRefused(doing: () => unknown): Promise<string> {
  const error = await errorOf(doing);
  if (!(error instanceof InputError)) throw new Error('no InputError was thrown', { cause: error });
  return error.message;
}
