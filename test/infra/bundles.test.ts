/** The files that Lambda runs: whole in themselves, and the same whenever they are made. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, buildFunctions } from '../../infra/bundles.ts';
import { FUNCTIONS } from '../../shared/contract/environment.ts';

const run = promisify(execFile);
let folder: string;
let bundles: readonly Bundle[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-bundles-'));
  bundles = await buildFunctions(join(folder, 'one'));
});
afterAll(() => rm(folder, { recursive: true }));

test('there is one for every function', () => {
  expect(bundles.map(({ name }) => name)).toEqual(FUNCTIONS);
});

test.each(FUNCTIONS)('%s starts where there is nothing but Node, and says what its environment lacks', async (name) => {
  const file = bundles.find((bundle) => bundle.name === name)?.file ?? '';
  await expect(run(process.execPath, [file], { cwd: folder, env: {} })).rejects.toMatchObject({
    stderr: expect.stringContaining(`is not set, the function ${name} needs it`),
  });
});

test('the same sources make the same bytes', async () => {
  const again = await buildFunctions(join(folder, 'two'));
  const contents = (made: readonly Bundle[]) => Promise.all(made.map(({ file }) => readFile(file, 'utf8')));
  expect(await contents(again)).toEqual(await contents(bundles));
});
