/** The one file that is shipped: it runs where there is nothing but Node. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const BUILD = resolve(import.meta.dirname, '../../cli/build.ts');
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-build-'));
  file = join(folder, 'nolapse.mjs');
  await run(process.execPath, [BUILD, file]);
});
afterAll(() => rm(folder, { recursive: true }));

const nolapse = (...args: readonly string[]) => {
  const child = run(process.execPath, [file, ...args], { cwd: folder, env: { HOME: folder } });
  child.child.stdin?.end();
  return child;
};

test('answers in an empty folder', async () => {
  expect((await nolapse('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  await expect(nolapse('plan', '-o', 'json')).rejects.toMatchObject({
    code: 2,
    stdout: expect.stringContaining('no fleet file is named'),
  });
});

test('is quick to read: one byte a letter, and no HTTP client that nobody asks', async () => {
  const bytes = await readFile(file);
  expect(bytes.every((byte) => byte < 0x80)).toBe(true);
  expect(bytes.includes('node_modules/acme-client/')).toBe(true);
  expect(bytes.includes('node_modules/axios/')).toBe(false);
});

test.each([
  ['dns', { zones: [] }],
  ['kubernetes', { name: 'a', tokens: [], rbac: {} }],
  ['aws', {}],
  ['ca', { nameServers: [] }],
])('holds the part %s of the sandbox', async (name, config) => {
  const { stdout } = await nolapse('part', name, JSON.stringify(config));
  expect(Object.keys(JSON.parse(stdout)).length).toBeGreaterThan(0);
});
