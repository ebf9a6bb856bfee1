/** The commands that print rights, as they are typed: they need the fleet file alone, and leave nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FLEET = join(ROOT, 'docs/examples/fleet.yaml');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-rights-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function nolapse(...args: readonly string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: folder };
  const command = [join(ROOT, 'cli/main.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code: code as number };
}

const ACCESS_DNS = ['access', 'dns', '--account', '222222222222', '--trust', '111111111111'];

test.concurrent('access dns prints commands', async () => {
  const { stdout, stderr, code } = await nolapse(...ACCESS_DNS, '-f', FLEET);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^# For the owner of the AWS account 222222222222/);
  expect(await readdir(folder)).toEqual([]);
});

test.concurrent('rbac prints JSON where it is asked for', async () => {
  const { stdout, code } = await nolapse('rbac', 'prod-eu', '--audit', '-f', FLEET, '-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'List',
    items: [{ kind: 'ClusterRole' }, { kind: 'ClusterRoleBinding' }],
  });
});

test.concurrent('rbac prints what looking by a context needs, without a fleet file', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'nolapse-rights-'));
  const kubeconfig = join(elsewhere, 'config');
  await writeFile(kubeconfig, 'contexts: [{ name: arn:aws:eks:eu-west-1:111111111111:cluster/prod }]');
  const context = ['--kubeconfig', kubeconfig, '--context', 'arn:aws:eks:eu-west-1:111111111111:cluster/prod'];
  const { stdout, stderr, code } = await nolapse('rbac', 'prod', ...context, '--bind', 'user:ada');
  await rm(elsewhere, { recursive: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('kind: User\n    name: ada');
  expect(stdout).not.toMatch(/create|patch/);
});

test.concurrent.each([
  ['an unknown cluster', ['rbac', 'prod-ue', '-f', FLEET], 'did you mean prod-eu?'],
  ['nobody to trust', ['access', 'dns', '--account', '222222222222', '-f', FLEET], "required option '--trust <who>'"],
  ['a context instead of a fleet file', [...ACCESS_DNS, '--context', 'a'], 'access needs a fleet file'],
  ['a service instead of a fleet file', ['rbac', 'a', '--service', 'a'], '--service: does not go with rbac'],
])('%s ends with 2', async (_, args, words) => {
  const { stdout, stderr, code } = await nolapse(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});
