/** A state folder that cannot be used: one clear message, exit code 3 (2 where the folder itself is wrong), and JSON all the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { surroundings } from './surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../cli/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-state-'));
  const kubeconfig = {
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'a', user: { token: 'a' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
  };
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
});
afterAll(() => rm(folder, { recursive: true }));

async function inventory(state: string) {
  const args = ['inventory', '--kubeconfig', 'kubeconfig', '--context', 'a', '-o', 'json', '--state', state];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: surroundings(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { json: JSON.parse(stdout), stderr, code: code as number };
}

test('a damaged state file is named, left as it is, and no stack is shown', async () => {
  const file = join(folder, 'damaged', 'records.sqlite');
  await mkdir(join(folder, 'damaged'), { mode: 0o700 });
  await writeFile(file, 'this is no database '.repeat(100));
  const { json, stderr, code } = await inventory('damaged');
  expect(code).toBe(3);
  expect(json.error.problems).toEqual([expect.objectContaining({ type: 'nolapse:state-corrupt', retry: 'never' })]);
  expect(stderr).toContain(file);
  expect(stderr).not.toContain('    at ');
  expect(await readFile(file, 'utf8')).toContain('this is no database');
});

test('a file where the state folder should be is a wrong argument', async () => {
  const { json, code } = await inventory('kubeconfig');
  expect(code).toBe(2);
  expect(json.error.message).toContain('a file is in the way');
});
