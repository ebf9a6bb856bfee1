/** The files that Lambda runs: whole in themselves, and the same whenever they are made. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, buildFunctions } from '../../infra/bundles.ts';
import { FUNCTIONS, type FunctionName } from '../../shared/contract/environment.ts';
import { AT_MOST_KIB } from './weights.ts';

const run = promisify(execFile);
const KIB = 1024;
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

test.each(FUNCTIONS)('%s loads each of its parts when it is asked for', async (name) => {
  const of = dirname(bundles.find((bundle) => bundle.name === name)?.file ?? '');
  const parts = (await readdir(of)).filter((part) => part !== 'index.mjs');
  for (const part of parts) await run(process.execPath, [join(of, part)], { cwd: folder, env: {} });
});

const filesOf = async (name: FunctionName, made: readonly Bundle[]): Promise<ReadonlyMap<string, string>> => {
  const of = dirname(made.find((bundle) => bundle.name === name)?.file ?? '');
  const names = (await readdir(of)).toSorted();
  return new Map(await Promise.all(names.map(async (one) => [one, await readFile(join(of, one), 'utf8')] as const)));
};

test.each(FUNCTIONS)('%s weighs no more than it may', async (name) => {
  const files = await filesOf(name, bundles);
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes / KIB).toBeLessThanOrEqual(AT_MOST_KIB[name]);
  expect(bundles.find((bundle) => bundle.name === name)).toMatchObject({ bytes });
});

test('what reads kubeconfigs and asks EKS is loaded by who has such clusters', () => {
  for (const { name, bytes, startBytes } of bundles) {
    const connects = ['inventory', 'issue', 'deliver'].includes(name);
    expect(bytes - startBytes, name).toSatisfy((later: number) => (connects ? later > 100 * KIB : later === 0));
  }
});

/** What weighs, and who may carry it. */
const CARRIERS: readonly (readonly [string, readonly FunctionName[]])[] = [
  ['@aws-sdk/client-route-53', ['issue']],
  ['acme-client', ['issue']],
  ['@aws-sdk/client-s3', ['inventory']],
  ['tldts', ['inventory']],
  ['yaml', ['inventory', 'issue', 'deliver']],
  ['@peculiar/x509', ['issue']],
  ...['axios', 'node-forge', 'undici', 'zod'].map((name) => [name, []] as const),
];

test.each(CARRIERS)('%s is in the bundles of %o', (name, carriers) => {
  const found = bundles.filter(({ packages }) => packages.includes(name)).map((bundle) => bundle.name);
  expect(found.toSorted()).toEqual(carriers.toSorted());
});

test('the same sources make the same bytes', async () => {
  const again = await buildFunctions(join(folder, 'two'));
  const contents = (made: readonly Bundle[]) => Promise.all(FUNCTIONS.map((name) => filesOf(name, made)));
  expect(await contents(again)).toEqual(await contents(bundles));
});
