/** What only a folder has: names of files, what a failed or killed write leaves behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { folderBlobs } from '../../../../shared/adapters/local/folder-blobs.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemThrown } from './thrown.ts';

const root = temporaryFolder();
const adapter = join(import.meta.dirname, '../../../../shared/adapters/local/folder-blobs.ts');

test('keys are names of files that a person can read, for the owner alone', async () => {
  const folder = join(root, 'names');
  const blobs = folderBlobs(folder);
  for (const key of ['snapshots/prod-eu', '../../outside', '.hidden']) await blobs.write(key, Buffer.from(key));
  expect(readdirSync(folder).toSorted()).toEqual(['%2E.%2F..%2Foutside', '%2Ehidden', 'snapshots%2Fprod-eu']);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'snapshots%2Fprod-eu')).mode & 0o777).toBe(0o600);
});

test('a write that fails leaves nothing behind', async () => {
  const folder = join(root, 'failed');
  mkdirSync(join(folder, 'taken'), { recursive: true });
  const problem = await problemThrown(() => folderBlobs(folder).write('taken', Buffer.from('x')));
  expect(problem).toMatchObject({ type: 'nolapse:state-in-the-way', retry: 'never' });
  expect(problem.detail).toContain(join(folder, 'taken'));
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('a writer that is killed leaves the one body or the other, whole', async () => {
  const folder = join(root, 'killed');
  const script = `
    const { folderBlobs } = await import(${JSON.stringify(adapter)});
    const blobs = folderBlobs(${JSON.stringify(folder)});
    for (let n = 0; ; n += 1) { await blobs.write('body', new Uint8Array(3e6).fill(n % 2 ? 1 : 2)); console.log(n); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const lines = createInterface({ input: child.stdout });
  for (let heard = 0; heard < 5; heard += 1) await once(lines, 'line');
  child.kill('SIGKILL');
  await once(child, 'close');
  const read = (await folderBlobs(folder).read('body')) ?? new Uint8Array();
  expect(read).toHaveLength(3e6);
  expect(new Set(read).size).toBe(1);
});
