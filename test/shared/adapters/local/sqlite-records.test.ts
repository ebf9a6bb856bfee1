/** What only the SQLite file has: its schema version, its damage, its rights, its memory of rows to forget. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { loadSqlite, sqliteProblem } from '../../../../shared/adapters/local/sqlite.ts';
import { sqliteRecords } from '../../../../shared/adapters/local/sqlite-records.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemThrown } from './thrown.ts';

const folder = temporaryFolder();
const opener = join(import.meta.dirname, 'open-sqlite.ts');
const ROW = { pk: 'P', sk: 'S', rev: 0, body: { word: 'word '.repeat(4_000) } };

let files = 0;
const fresh = (): string => {
  files += 1;
  mkdirSync(join(folder, String(files)));
  return join(folder, String(files), 'records.sqlite');
};

function withDatabase(file: string, work: (database: DatabaseSync) => void): void {
  const database = new (loadSqlite())(file, { timeout: 0 });
  work(database);
  database.close();
}

async function stored(): Promise<string> {
  const file = fresh();
  const records = sqliteRecords(file);
  for (const sk of ['a', 'b', 'c']) await records.put({ ...ROW, sk });
  records.close();
  return file;
}

test('the file and those beside it are for their owner alone, whatever the umask', async () => {
  const umask = process.umask(0);
  const file = fresh();
  const records = sqliteRecords(file);
  await records.put(ROW);
  const modes = readdirSync(join(file, '..')).map((name) => statSync(join(file, '..', name)).mode & 0o777);
  records.close();
  process.umask(umask);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

test('a file of something else is named and left alone', async () => {
  const file = fresh();
  writeFileSync(file, 'these are not rows, they are words\n'.repeat(200));
  const problem = await problemThrown(() => sqliteRecords(file));
  expect(problem).toMatchObject({ type: 'nolapse:state-corrupt', retry: 'never' });
  expect(problem.detail).toContain(file);
  expect(problem.fix).toContain(`move ${file} and the files ${file}-wal and ${file}-shm away`);
  expect(readFileSync(file, 'utf8')).toMatch(/^these are not rows/);
});

test('a file that was cut off is found out when it is read', async () => {
  const file = await stored();
  writeFileSync(file, readFileSync(file).subarray(0, 8_192));
  const problem = await problemThrown(async () => {
    const records = sqliteRecords(file);
    try {
      await records.get({ pk: 'P', sk: 'c' });
    } finally {
      records.close();
    }
  });
  expect(problem).toMatchObject({ type: 'nolapse:state-corrupt', retry: 'never' });
});

test('a body that is no JSON is named by its row', async () => {
  const file = await stored();
  withDatabase(file, (database) => database.exec(`UPDATE rows SET body = '{"cut' WHERE sk = 'b'`));
  const records = sqliteRecords(file);
  const problem = await problemThrown(() => records.get({ pk: 'P', sk: 'b' }));
  expect(problem.type).toBe('nolapse:state-corrupt');
  expect(problem.detail).toContain('row P / b');
  expect(await records.get({ pk: 'P', sk: 'a' })).toMatchObject({ rev: 1 });
  records.close();
});

test('a database of another program is not written to', async () => {
  const file = fresh();
  withDatabase(file, (database) => database.exec('CREATE TABLE theirs(x)'));
  expect(await problemThrown(() => sqliteRecords(file))).toMatchObject({
    type: 'nolapse:state-corrupt',
    detail: expect.stringContaining('another program'),
  });
  withDatabase(file, (database) =>
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toMatchObject([{ name: 'theirs' }]),
  );
});

test('a file of a newer version is refused, and stays as it was', async () => {
  const file = await stored();
  withDatabase(file, (database) => database.exec('PRAGMA user_version = 7'));
  const before = readFileSync(file);
  expect(await problemThrown(() => sqliteRecords(file))).toEqual({
    type: 'nolapse:state-newer',
    detail: `${file} was written by a newer nolapse: it has schema version 7, this one takes up to 2`,
    retry: 'never',
    fix: 'run the newer nolapse, or name another state folder with --state',
  });
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a file of the next version is taken as it is: its number, columns and tables stay', async () => {
  const file = await stored();
  withDatabase(file, (database) =>
    database.exec(`ALTER TABLE rows ADD COLUMN colour TEXT DEFAULT 'red'; UPDATE rows SET colour = 'blue';
      CREATE TABLE tomorrow(x); PRAGMA user_version = 2`),
  );
  const records = sqliteRecords(file);
  expect(await records.put({ ...ROW, sk: 'a', rev: 1 })).toBe('written');
  expect(await records.put({ ...ROW, sk: 'd' })).toBe('written');
  records.close();
  withDatabase(file, (database) => {
    const rows = database.prepare('SELECT sk, rev, colour FROM rows').all();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { sk: 'a', rev: 2, colour: 'blue' },
      { sk: 'b', rev: 1, colour: 'blue' },
      { sk: 'c', rev: 1, colour: 'blue' },
      { sk: 'd', rev: 1, colour: 'red' },
    ]);
    expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(2);
    expect(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'tomorrow'").get()?.n).toBe(1);
  });
});

test('a folder in the way is named', async () => {
  const file = fresh();
  mkdirSync(file);
  expect(await problemThrown(() => sqliteRecords(file))).toMatchObject({ type: 'nolapse:state-in-the-way' });
});

test('a disk that is full is told as such', async () => {
  const file = fresh();
  const database = new (loadSqlite())(file);
  database.exec('CREATE TABLE t(x); PRAGMA max_page_count = 2');
  const problem = await problemThrown(() => {
    try {
      database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000));
    } catch (error) {
      throw sqliteProblem(file, error);
    }
  });
  database.close();
  expect(problem).toMatchObject({ type: 'nolapse:state-full', retry: 'never' });
  expect(problem.fix).toContain('free space');
});

test('once a row did not fit, no smaller one is taken either', async () => {
  const file = fresh();
  const script = `
    const { open } = await import(${JSON.stringify(opener)});
    const records = await open(${JSON.stringify(file)});
    const put = (sk, length) => records.put({ pk: 'P', sk, rev: 0, body: 'x'.repeat(length) }).catch((error) => error.problem.type);
    console.log(await put('before', 10), await put('large', 1e6), await put('after', 10));`;
  // no file of this process grows beyond 200 blocks of 512 bytes
  const limited = ['-c', 'ulimit -f 200 && exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)('/bin/sh', limited);
  expect(stdout.trim()).toBe('written nolapse:state-full nolapse:state-full');
  const records = sqliteRecords(file);
  expect(await records.get({ pk: 'P', sk: 'before' })).toBeDefined();
  expect(await records.put({ pk: 'P', sk: 'after', rev: 0, body: 'x' })).toBe('written');
  records.close();
});

test('a file that another process holds too long is worth another try', async () => {
  const file = await stored();
  const holder = new (loadSqlite())(file);
  holder.exec('BEGIN IMMEDIATE');
  const problem = await problemThrown(() =>
    withDatabase(file, (database) => {
      try {
        database.exec('DELETE FROM rows');
      } catch (error) {
        database.close();
        throw sqliteProblem(file, error);
      }
    }),
  );
  holder.close();
  expect(problem).toMatchObject({ type: 'nolapse:state-busy', retry: 'later' });
});

test('what SQLite did not say is passed on as it came', () => {
  const error = new TypeError('ours');
  expect(sqliteProblem('file', error)).toBe(error);
});

test('rows past their time are forgotten when the file is opened, others are not', async () => {
  const file = fresh();
  const first = sqliteRecords(file);
  await first.put({ ...ROW, sk: 'past', forgetAt: 1 });
  await first.put({ ...ROW, sk: 'to come', forgetAt: 4_102_444_800 });
  await first.put({ ...ROW, sk: 'for ever' });
  first.close();
  const second = sqliteRecords(file);
  const kept: string[] = [];
  for await (const { sk } of second.children('P')) kept.push(sk);
  second.close();
  expect(kept).toEqual(['for ever', 'to come']);
});

test('of many that open a new file in the same instant, none fails', async () => {
  const files = Array.from({ length: 25 }, fresh);
  const gate = new Int32Array(new SharedArrayBuffer(4 * files.length));
  // the last to come to a file's gate opens it for all
  const script = `
    const { workerData: { opener, files, gate, workers } } = require('node:worker_threads');
    import(opener).then(async ({ open }) => {
      for (const [i, file] of files.entries()) {
        if (Atomics.add(gate, i, 1) + 1 === workers) Atomics.notify(gate, i);
        else for (let n = Atomics.load(gate, i); n < workers; n = Atomics.load(gate, i)) Atomics.wait(gate, i, n, 1);
        (await open(file)).close();
      }
    });`;
  const workers = 4;
  const opening = Array.from({ length: workers }, async () => {
    const worker = new Worker(script, { eval: true, workerData: { opener, files, gate, workers } });
    const [code] = await once(worker, 'exit');
    expect(code).toBe(0);
  });
  await Promise.all(opening);
});

test("Node's word on its SQLite is not printed, other warnings are", async () => {
  const script = `
    const { open } = await import(${JSON.stringify(opener)});
    (await open(${JSON.stringify(fresh())})).close();
    process.emitWarning('another experiment', 'ExperimentalWarning');`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const { stderr } = await run;
  expect(stderr).toContain('ExperimentalWarning: another experiment');
  expect(stderr).not.toMatch(/sqlite/i);
});
