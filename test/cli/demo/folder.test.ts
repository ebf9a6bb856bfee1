/** The demo's folder: replaced by the next demo, and by no demo where it is somebody else's. */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demoFolder } from '../../../cli/demo/folder.ts';

const before = process.cwd();
let here: string;

beforeEach(async () => {
  here = await realpath(await mkdtemp(join(tmpdir(), 'nolapse-folder-')));
  process.chdir(here);
});
afterEach(async () => {
  process.chdir(before);
  await rm(here, { recursive: true });
});

test('is made here, and anew by the next demo', async () => {
  const folder = await demoFolder();
  expect(folder).toBe(join(here, 'nolapse-demo'));
  await writeFile(join(folder, 'old'), '');
  expect(await demoFolder()).toBe(folder);
  expect(await readdir(folder)).toEqual(['.gitignore']);
});

test("is made elsewhere when the name is taken by what is not the demo's", async () => {
  const taken = join(here, 'nolapse-demo');
  await mkdir(taken);
  await writeFile(join(taken, 'mine'), '');
  const folder = await demoFolder();
  expect(folder.startsWith(here)).toBe(false);
  expect(await readdir(taken)).toEqual(['mine']);
  await rm(folder, { recursive: true });
});
