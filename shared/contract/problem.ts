/** What went wrong, as data: kept whole from the party that said it, with what a caller may do about it. */
import type { Iso } from './ids.ts';

/**
 * A problem document (RFC 9457; ACME's types and subproblems: RFC 8555 §6.7). Never flattened to text, never holds key material.
 * `type` is the party's own URN, or `nolapse:<code>` for what we found ourselves, or `aws:<ErrorCode>`, `kubernetes:<reason>`.
 */
export interface Problem {
  readonly type: string;
  readonly detail: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  readonly subproblems?: readonly Subproblem[];
  /** The party's Retry-After as an instant. */
  readonly retryAt?: Iso;
  /** `later`: trying again unchanged may help. `never`: not before somebody changes something. */
  readonly retry: 'later' | 'never';
  /** One sentence: the one thing to do. */
  readonly fix?: string;
  /** The rule that a ClusterRole must have, as it is written there, where it is the lack of this that refuses. */
  readonly rule?: string;
}

export interface Subproblem {
  readonly type: string;
  readonly detail: string;
  readonly identifier?: { readonly type: string; readonly value: string };
}

/** The one error that crosses a port: whoever catches it reads `problem` and decides there. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

/**
 * Configuration or command-line input that cannot be used. `where` is `file:line:column` or an option's name.
 * The message says what was found and what is allowed; `fix` says what to do. Exit code 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    super(problems.map((p) => `${p.where}: ${p.message}${p.fix ? ` (${p.fix})` : ''}`).join('\n'));
    this.problems = problems;
  }
}

export interface InputProblem {
  readonly where: string;
  readonly message: string;
  readonly fix?: string;
}

/**
 * Whether the store of our own rows is in trouble. That says nothing of what was worked on: its row stays as it is, and whoever works in
 * the lane ends with the error. A row that is too large for the store is the trouble of that row alone.
 */
export const isOfStore = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && /^nolapse:state-(?!row-too-large$)/.test(error.problem.type);

/** The problem of any thrown value; what is not a ProblemError is ours, unexpected and worth another try. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { type: 'nolapse:unexpected', detail, retry: 'later' };
}
