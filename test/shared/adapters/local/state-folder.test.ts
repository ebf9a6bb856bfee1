/** The state folder: whose it is, and what it says when it cannot be used. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openStateFolder } from '../../../../shared/adapters/local/state-folder.ts';
import { fileProblem } from '../../../../shared/adapters/local/state-problem.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { inputRefused } from './thrown.ts';

const root = temporaryFolder();
const adapter = join(import.meta.dirname, '../../../../shared/adapters/local/state-folder.ts');
const modeOf = (path: string): number => statSync(path).mode & 0o777;

function folderWith(name: string, mode: number, ...files: readonly string[]): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), 'x');
  chmodSync(path, mode);
  return path;
}

test('it is made for its owner alone, and kept out of git', async () => {
  const umask = process.umask(0);
  const path = join(root, 'new', '.nolapse');
  const folder = await openStateFolder(path);
  process.umask(umask);
  expect(modeOf(path)).toBe(0o700);
  expect(folder).toEqual({
    path,
    recordsFile: join(path, 'records.sqlite'),
    blobsFolder: join(path, 'blobs'),
    sealKeyFile: join(path, 'seal.key'),
  });
  expect(readdirSync(path)).toEqual(['.gitignore']);
  expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('*\n');
  expect(await openStateFolder(path)).toEqual(folder);
});

test.each<[string, readonly string[]]>([
  ['empty', []],
  ['secrets-only', ['secrets']],
  ['in-use', ['records.sqlite', 'notes.txt']],
])('one of ours that others can read is closed to them: %s', async (name, files) => {
  const path = folderWith(name, 0o755, ...files);
  await openStateFolder(path);
  expect(modeOf(path)).toBe(0o700);
});

test('a folder of other things is not closed to others', async () => {
  const path = folderWith('project', 0o755, 'package.json');
  expect(await inputRefused(() => openStateFolder(path))).toBe(
    `${path}: others may read it and it holds what is not of nolapse: package.json (name another folder with --state, or make this one usable)`,
  );
  expect(modeOf(path)).toBe(0o755);
  expect(readdirSync(path)).toEqual(['package.json']);
});

test('a private folder with other things is used as it is', async () => {
  const path = folderWith('private', 0o700, 'notes.txt');
  await openStateFolder(path);
  expect(readdirSync(path)).toEqual(['notes.txt']);
});

test.each([
  ['at its place', []],
  ['above it', ['below', 'more']],
])('a file in the way %s is refused', async (_, below) => {
  const file = join(root, 'file');
  writeFileSync(file, 'x');
  const path = join(file, ...below);
  const message = await inputRefused(() => openStateFolder(path));
  expect(message).toContain(`${path}: a file is in the way, the state must be a folder`);
});

test('a folder that this user may not write is named, with what to do', async () => {
  const path = folderWith('closed', 0o555);
  chmodSync(root, 0o755);
  const script = `
    const { openStateFolder } = await import(${JSON.stringify(adapter)});
    if (process.geteuid() === 0) process.seteuid(65534);
    const failed = await openStateFolder(${JSON.stringify(join(path, 'state'))}).catch((error) => error.problem);
    console.log(JSON.stringify(failed));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'nolapse:state-unwritable',
    detail: expect.stringContaining(join(path, 'state')),
    retry: 'never',
    fix: expect.stringContaining('chown'),
  });
});

test.each([
  ['ENOSPC', 'nolapse:state-full'],
  ['EDQUOT', 'nolapse:state-full'],
  ['EACCES', 'nolapse:state-unwritable'],
  ['EROFS', 'nolapse:state-unwritable'],
  ['EISDIR', 'nolapse:state-in-the-way'],
])('%s below the state folder is %s', (code, type) => {
  const error = Object.assign(new Error(code), { code });
  expect(fileProblem('/state', error)).toMatchObject({ problem: { type, retry: 'never' }, cause: error });
});

test('what is no matter of space, rights or kind is passed on as it came', () => {
  const error = Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
  expect(fileProblem('/state', error)).toBe(error);
});
