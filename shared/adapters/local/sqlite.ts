/** node:sqlite, loaded without its ExperimentalWarning, and what its errors mean to somebody who runs nolapse. */
import type { DatabaseSync } from 'node:sqlite';
import { ProblemError } from '../../contract/problem.ts';
import { stateFull, stateUnwritable } from './state-problem.ts';

const isSqliteWarning = (warning: unknown): boolean => /\bSQLite\b.*\bexperimental\b/i.test(String(warning));

/**
 * The class that opens a database. Node says once per process that its SQLite is experimental; nobody who runs nolapse can act on
 * that, so this one sentence is dropped. Every other warning, and every later one, is printed as ever.
 */
export function loadSqlite(): typeof DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: readonly unknown[]) => {
    if (!isSqliteWarning(warning)) Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite').DatabaseSync;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Primary result codes: https://www.sqlite.org/rescode.html */
const CODE = { permission: 3, busy: 5, locked: 6, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, noDatabase: 26 };
/**
 * Extended codes of a file that could not be made larger: SQLITE_IOERR_WRITE, which stands for a quota (EDQUOT) and a limit (EFBIG) where
 * SQLITE_FULL stands for ENOSPC alone, SQLITE_IOERR_TRUNCATE and, for the shared memory beside the file, SQLITE_IOERR_SHMSIZE.
 */
const NO_ROOM: ReadonlySet<number> = new Set([778, 1546, 4874]);

/** `nolapse:state-corrupt`: what to do is to move the file away: but for kept keys, all that it holds can be found or made again. */
export const stateCorrupt = (file: string, what: string, cause?: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-corrupt',
      detail: `${file} is not a whole state file: ${what}`,
      retry: 'never',
      fix: `move ${file} and the files ${file}-wal and ${file}-shm away, or bring them back from a backup, and run again: the next runs find again what the clusters hold`,
    },
    { cause },
  );

/** `nolapse:state-busy`: another process held the file for longer than the busy time-out; the only one worth another try. */
const stateBusy = (file: string, cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:state-busy',
      detail: `${file} is held by another process`,
      retry: 'later',
      fix: 'let the other run finish, or end it, and run again',
    },
    { cause },
  );

/** SQLite's extended code; undefined for any other error. */
const extendedCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

/** Whether another process has what was asked for. */
export const isBusy = (error: unknown): boolean => {
  const primary = (extendedCode(error) ?? 0) & 0xff;
  return primary === CODE.busy || primary === CODE.locked;
};

/** The problem of an error that SQLite threw for `file`; any other error is returned as it came. */
export function sqliteProblem(file: string, error: unknown): unknown {
  const extended = extendedCode(error);
  if (extended === undefined) return error;
  const code = extended & 0xff;
  if (code === CODE.corrupt || code === CODE.noDatabase) return stateCorrupt(file, (error as Error).message, error);
  if (code === CODE.full || NO_ROOM.has(extended)) return stateFull(file, error);
  if (isBusy(error)) return stateBusy(file, error);
  if (code === CODE.permission || code === CODE.readOnly || code === CODE.cannotOpen)
    return stateUnwritable(file, error);
  return error;
}
