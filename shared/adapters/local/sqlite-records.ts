/** Records in one SQLite file: durable when a write returns, safe for several processes at once. Knows no row's meaning. */
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Lane } from '../../contract/ids.ts';
import { ProblemError } from '../../contract/problem.ts';
import { isTooNew, type Records, type Row, SCHEMA_VERSION } from '../../contract/records.ts';
import { GroupCommit } from './group-commit.ts';
import { isBusy, loadSqlite, sqliteProblem, stateCorrupt } from './sqlite.ts';
import { fileProblem } from './state-problem.ts';

const BUSY_TIMEOUT_MS = 10_000;
const BUSY_PAUSE_MS = 5;
const PAGE = 500;

const SCHEMA = `
  CREATE TABLE rows(
    pk TEXT NOT NULL, sk TEXT NOT NULL, rev INTEGER NOT NULL, body TEXT NOT NULL,
    lane TEXT, wake_at TEXT, kind TEXT, ord TEXT, forget_at INTEGER,
    PRIMARY KEY(pk, sk)
  ) STRICT;
  CREATE INDEX due ON rows(lane, wake_at, pk, sk) WHERE lane IS NOT NULL AND wake_at IS NOT NULL;
  CREATE INDEX list ON rows(kind, ord, pk, sk) WHERE kind IS NOT NULL AND ord IS NOT NULL;
  CREATE INDEX forget ON rows(forget_at) WHERE forget_at IS NOT NULL;
  PRAGMA user_version = ${SCHEMA_VERSION};`;

const SQL = {
  get: 'SELECT * FROM rows WHERE pk = ? AND sk = ?',
  create: `INSERT INTO rows(body, lane, wake_at, kind, ord, forget_at, pk, sk, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ? + 1)
    ON CONFLICT DO NOTHING`,
  replace: `UPDATE rows SET body = ?, lane = ?, wake_at = ?, kind = ?, ord = ?, forget_at = ?, rev = rev + 1
    WHERE pk = ? AND sk = ? AND rev = ?`,
  remove: 'DELETE FROM rows WHERE pk = ? AND sk = ? AND rev = ?',
  children: `SELECT * FROM rows WHERE pk = ? AND sk > ? ORDER BY sk LIMIT ${PAGE}`,
  due: `SELECT * FROM rows WHERE lane = ? AND wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at, pk, sk LIMIT ?`,
  dueSince: 'SELECT min(wake_at) AS since FROM rows WHERE lane = ? AND wake_at IS NOT NULL AND wake_at <= ?',
  list: `SELECT * FROM rows WHERE kind = ? AND ord IS NOT NULL AND ord >= ? AND (? IS NULL OR ord < ?)
    AND (ord, pk, sk) > (?, ?, ?) ORDER BY ord, pk, sk LIMIT ${PAGE}`,
} as const;

interface Stored {
  readonly pk: string;
  readonly sk: string;
  readonly rev: number;
  readonly body: string;
  readonly lane: Lane | null;
  readonly wake_at: string | null;
  readonly kind: string | null;
  readonly ord: string | null;
  readonly forget_at: number | null;
}

function rowOf<B>(file: string, stored: Stored): Row<B> {
  const { pk, sk, rev, lane, wake_at, kind, ord, forget_at } = stored;
  return {
    pk,
    sk,
    rev,
    body: bodyOf(file, stored) as B,
    ...(lane === null ? {} : { lane }),
    ...(wake_at === null ? {} : { wakeAt: wake_at }),
    ...(kind === null ? {} : { kind }),
    ...(ord === null ? {} : { order: ord }),
    ...(forget_at === null ? {} : { forgetAt: forget_at }),
  };
}

function bodyOf(file: string, { pk, sk, body }: Stored): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw stateCorrupt(file, `the body of row ${pk} / ${sk} is not JSON`, error);
  }
}

/** Changes nothing; throws on what another program, or a newer nolapse, has made. */
function contentOf(database: DatabaseSync, file: string): 'nothing' | 'rows' {
  // one statement, so that both answers are of one instant: another process may be making the schema
  const found = database
    .prepare('SELECT user_version AS version, EXISTS (SELECT 1 FROM sqlite_schema) AS filled FROM pragma_user_version')
    .get();
  const version = Number(found?.version);
  if (isTooNew(version))
    throw new ProblemError({
      type: 'nolapse:state-newer',
      detail: `${file} was written by a newer nolapse: it has schema version ${version}, this one takes up to ${SCHEMA_VERSION + 1}`,
      retry: 'never',
      fix: 'run the newer nolapse, or name another state folder with --state',
    });
  // of one version ahead the number stays as it is, and so do columns and tables that are not ours
  if (version >= SCHEMA_VERSION) return 'rows';
  if (found?.filled) throw stateCorrupt(file, 'it is a SQLite database of another program');
  return 'nothing';
}

/** For what SQLite refuses at once while another process does the same, without regard to the busy time-out: the change to WAL. */
function onceFree<T>(change: () => T): T {
  const until = performance.now() + BUSY_TIMEOUT_MS;
  for (;;)
    try {
      return change();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
}

function openDatabase(file: string): DatabaseSync {
  const Database = loadSqlite();
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    contentOf(database, file);
    onceFree(() => database.exec('PRAGMA journal_mode = WAL'));
    database.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
    // of two processes that start at once one makes the schema, and the other finds it
    if (contentOf(database, file) === 'nothing') database.exec(SCHEMA);
    database.exec('DELETE FROM rows WHERE forget_at < unixepoch(); COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Nobody but its owner reads the file, whatever the umask; SQLite gives the files it makes beside it the same mode. */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw fileProblem(file, error);
  }
}

/**
 * Whether a statement changed a row. Once a write was refused for good so is every later one: a full disk has room for a smaller row,
 * such as one that puts the blame on a certificate.
 */
function writerOf(file: string, commits: GroupCommit, statements: ReadonlyMap<string, StatementSync>) {
  let broken: unknown;
  return async (sql: string, ...values: readonly (string | number | null)[]): Promise<boolean> => {
    if (broken) throw broken;
    try {
      return await commits.write(() => statements.get(sql)?.run(...values).changes === 1);
    } catch (error) {
      const problem = sqliteProblem(file, error);
      if (problem instanceof ProblemError && problem.problem.retry === 'never') broken = problem;
      throw problem;
    }
  };
}

/**
 * Opens `file`, or makes it (mode 0600), as Records. `close` gives the file back; nothing works after it.
 * WAL with synchronous FULL: a write that returned survives SIGKILL and power loss; writes that wait at the same moment share one commit.
 * Readers never wait for a writer, and a writer waits up to 10 s for another process. Rows past `forgetAt` are dropped when the file is opened.
 * Throws, and its methods reject with, ProblemError: `nolapse:state-corrupt`, `nolapse:state-newer`, `nolapse:state-full`,
 * `nolapse:state-unwritable` (retry never), `nolapse:state-busy` (retry later).
 */
export function sqliteRecords(file: string): Records & { close(): void } {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw sqliteProblem(file, error);
    }
  };
  makeFile(file);
  const database = attempt(() => openDatabase(file));
  const statements = new Map<string, StatementSync>(Object.values(SQL).map((sql) => [sql, database.prepare(sql)]));
  const commits = new GroupCommit(database);
  const run = writerOf(file, commits, statements);
  const select = <B>(sql: string, ...values: readonly (string | number | null)[]): Row<B>[] =>
    attempt(() => (statements.get(sql)?.all(...values) ?? []).map((row) => rowOf<B>(file, row as unknown as Stored)));

  /** Pages, each after the last row of the one before: no statement stays open while the caller works. */
  async function* pages<B>(next: (last: Row<B> | undefined) => readonly Row<B>[]): AsyncIterable<Row<B>> {
    for (let page = next(undefined); page.length > 0; page = page.length < PAGE ? [] : next(page.at(-1))) yield* page;
  }

  return {
    get: async <B>({ pk, sk }: { pk: string; sk: string }) => select<B>(SQL.get, pk, sk)[0],
    async put({ pk, sk, rev, body, lane, wakeAt, kind, order, forgetAt }) {
      const columns = [lane ?? null, wakeAt ?? null, kind ?? null, order ?? null, forgetAt ?? null];
      const sql = rev === 0 ? SQL.create : SQL.replace;
      return (await run(sql, JSON.stringify(body), ...columns, pk, sk, rev)) ? 'written' : 'conflict';
    },
    remove: async ({ pk, sk }, rev) => ((await run(SQL.remove, pk, sk, rev)) ? 'removed' : 'conflict'),
    children: <B>(pk: string) => pages<B>((last) => select(SQL.children, pk, last?.sk ?? '')),
    due: async (lane, now, limit) => select(SQL.due, lane, now, limit),
    dueSince: async (lane, now) => {
      const since = attempt(() => statements.get(SQL.dueSince)?.get(lane, now)?.since);
      return typeof since === 'string' ? since : undefined;
    },
    list: <B>(kind: string, { from = '', to }: { readonly from?: string; readonly to?: string } = {}) =>
      pages<B>((last) =>
        select(SQL.list, kind, from, to ?? null, to ?? null, last?.order ?? '', last?.pk ?? '', last?.sk ?? ''),
      ),
    close: () => {
      commits.flush();
      database.close();
    },
  };
}
