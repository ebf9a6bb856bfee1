/** The one number a command leaves behind: 0 fine, 1 findings, 2 usage or configuration, 3 something failed, 4 in progress. */
import type { Finding, Severity } from '../shared/contract/finding.ts';
import { atLeast } from './output/findings.ts';

export type FailOn = Severity | 'never';

export interface Outcome {
  readonly failed?: boolean;
  /** Work was begun that another run must end. */
  readonly inProgress?: boolean;
  readonly findings?: readonly Finding[];
}

export const USAGE = 2;
export const FAILED = 3;
export const IN_PROGRESS = 4;
export const INTERRUPTED = 130;

/** 3 before 4 before 1; 2 never comes here: nothing was begun. */
export function exitCode({ failed, inProgress, findings = [] }: Outcome, failOn: FailOn): number {
  if (failed) return FAILED;
  if (inProgress) return IN_PROGRESS;
  return failOn !== 'never' && findings.some(({ severity }) => atLeast(severity, failOn)) ? 1 : 0;
}
