/** The app as cdk starts it: what it says of a fleet that cannot be deployed, and that it asks nobody for anything. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FLEET_FILE } from './synthesised.ts';

const run = promisify(execFile);
const APP = resolve(import.meta.dirname, '../../infra/app.ts');
/** Whoever would open a connection ends with an error. */
const OFFLINE = `data:text/javascript,${encodeURIComponent(
  'import { Socket } from "node:net"; Socket.prototype.connect = () => { throw new Error("a connection was opened"); };',
)}`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

const app = (context: object) => {
  const env = { ...process.env, CDK_OUTDIR: join(folder, 'cdk.out'), CDK_CONTEXT_JSON: JSON.stringify(context) };
  return run(process.execPath, ['--import', OFFLINE, APP], { cwd: folder, env });
};

test('synthesises both stacks offline', async () => {
  await app({ fleet: FLEET_FILE });
  const files = await readdir(join(folder, 'cdk.out'));
  expect(files.filter((name) => name.endsWith('.template.json'))).toEqual([
    'nolapse-acme-access.template.json',
    'nolapse-acme-service.template.json',
  ]);
});

test('says what is wrong with a fleet at its place, and nothing of itself', async () => {
  const kubeconfig = 'kubeconfig: { path: ~/.kube/config }';
  const text = `apiVersion: nolapse.dev/v1\nkind: Fleet\nmetadata: { name: acme }\nspec:\n  clusters:\n    - { name: a, ${kubeconfig} }\n`;
  await writeFile(join(folder, 'bad.yaml'), text);
  const { code, stderr } = await app({ fleet: 'bad.yaml' }).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );
  expect(code).toBe(1);
  expect(stderr).toBe(
    'bad.yaml:6:38: spec.clusters[0].kubeconfig.path: the deployed service has no such file\n' +
      '  fix: use eks: { clusterName, region }, or kubeconfig: { secretId } with the kubeconfig in Secrets Manager\n',
  );
});

test('asks for a fleet file where there is none', async () => {
  await expect(app({})).rejects.toMatchObject({
    stderr:
      '-c fleet: no fleet file is named and there is no fleet.yaml in this folder\n  fix: name one: npx cdk deploy --all -c fleet=<path>\n',
  });
});
