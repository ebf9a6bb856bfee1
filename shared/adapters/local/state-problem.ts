/** What can be wrong with the state folder and the files in it, as problems that name the path and the one thing to do. */
import { ProblemError } from '../../contract/problem.ts';

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `nolapse:state-full`: no byte more fits below `path`; what was stored before is whole. */
export const stateFull = (path: string, cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-full',
      detail: `${path} could not be written: the disk is full or the quota is used up; what was stored before is whole`,
      retry: 'never',
      fix: `free space on the disk that holds ${path}, or name a folder on another disk with --state, and run again`,
    },
    { cause },
  );

/** `nolapse:state-unwritable`: this user may not write `path`. */
export const stateUnwritable = (path: string, cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-unwritable',
      detail: `${path} may not be read and written by this user: ${messageOf(cause)}`,
      retry: 'never',
      fix: `give ${path} to the user that runs nolapse (chown), or name a folder of your own with --state`,
    },
    { cause },
  );

/** `nolapse:state-in-the-way`: a folder is where a file should be, or a file where a folder should be. */
const stateInTheWay = (path: string, cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-in-the-way',
      detail: `${path} cannot be used: a file is where a folder should be, or a folder where a file should be`,
      retry: 'never',
      fix: `move away what lies at ${path}, or name another folder with --state`,
    },
    { cause },
  );

/** The problem of a failed file operation on `path`; what is no matter of space, rights or kind is returned as it came. */
export function fileProblem(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return stateFull(path, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return stateUnwritable(path, error);
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST') return stateInTheWay(path, error);
  return error;
}
