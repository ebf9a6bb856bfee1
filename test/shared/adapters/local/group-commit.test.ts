/** Writes that wait together: one commit, all or nothing, and none forgotten when the file is closed. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupCommit } from '../../../../shared/adapters/local/group-commit.ts';
import { loadSqlite } from '../../../../shared/adapters/local/sqlite.ts';

const Database = loadSqlite();
let database: InstanceType<typeof Database>;

beforeEach(() => {
  database = new Database(':memory:');
  database.exec('CREATE TABLE t(n INTEGER PRIMARY KEY) STRICT');
});
afterEach(() => database.close());

const insert = (n: number) => () =>
  database.prepare('INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING').run(n).changes === 1;
const stored = (): unknown[] =>
  database
    .prepare('SELECT n FROM t ORDER BY n')
    .all()
    .map(({ n }) => n);

test('those of one moment are in one transaction, in the order in which they came, each with its own answer', async () => {
  const commits = new GroupCommit(database);
  const inTransaction: boolean[] = [];
  const answers = await Promise.all([
    commits.write(insert(1)),
    commits.write(() => {
      inTransaction.push(database.isTransaction);
      return insert(2)();
    }),
    commits.write(insert(1)),
  ]);
  expect([answers, inTransaction, database.isTransaction]).toEqual([[true, true, false], [true], false]);
  expect(stored()).toEqual([1, 2]);
});

test('when one fails none of its group was written, all hear of it, and the next group is not hindered', async () => {
  const commits = new GroupCommit(database);
  const failing = (): boolean => {
    throw new Error('no room');
  };
  const group = await Promise.allSettled([commits.write(insert(1)), commits.write(failing), commits.write(insert(2))]);
  expect(group.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(stored()).toEqual([]);
  expect(await commits.write(insert(3))).toBe(true);
  expect(stored()).toEqual([3]);
});

test('a flush commits at once what waits, and the turn that was planned for it finds nothing', async () => {
  const commits = new GroupCommit(database);
  const waiting = commits.write(insert(1));
  commits.flush();
  expect(stored()).toEqual([1]);
  expect(await waiting).toBe(true);
});
