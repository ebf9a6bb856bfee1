/** `nolapse init` as it is typed, on API servers: what it writes, that it is loaded and finds the same, and that it writes over nothing. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { command } from '../real/command.ts';
import { openInitWorld, type Said } from './init-world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EAST = ['--context', 'admin@east'];
const BOTH = [...EAST, '--context', 'west'];

let world: Awaited<ReturnType<typeof openInitWorld>>;
/** Where the test at hand writes, in the home. */
let to: string;

beforeAll(async () => {
  world = await openInitWorld();
});
beforeEach(() => {
  to = mkdtempSync(join(world.home, 'to-')).slice(world.home.length + 1);
});
afterAll(() => world.close());

const read = (path: string): string => readFileSync(join(world.home, path), 'utf8');
const init = (...args: readonly string[]): Promise<Said> => world.nolapse('init', ...args);

/** `NOLAPSE_GOLDEN=write` writes what was said, to be read before it is kept. */
function golden(name: string, said: string): string {
  const path = join(ROOT, 'test/data/init', name);
  if (process.env.NOLAPSE_GOLDEN === 'write') writeFileSync(path, said);
  return readFileSync(path, 'utf8');
}

/** What an inventory finds, without when it was. */
const certificatesIn = ({ stdout }: Said): unknown => JSON.parse(stdout).certificates;

test('the file holds what is there, is loaded, and finds the same certificates as the contexts', async () => {
  const out = `${to}/fleet.yaml`;
  const { stdout, code } = await init(...BOTH, '--context', 'gone', '--out', out);
  const text = read(out).replaceAll(to, 'to');
  expect(text).toBe(golden('fleet.yaml', text));
  const said = stdout.replaceAll(to, 'to');
  expect(said).toBe(golden('said.txt', said));
  expect(said.split('\n').filter((line) => line.length > 80)).toEqual([]);
  // one of three could not be read
  expect(code).toBe(1);

  const byContexts = await world.nolapse('inventory', ...BOTH, '-o', 'json', '--fail-on', 'never');
  const byFile = await world.nolapse('inventory', '-f', out, '--state', to, '-o', 'json', '--fail-on', 'never');
  expect(byFile.code).toBe(0);
  expect(certificatesIn(byContexts)).toHaveLength(6);
  expect(certificatesIn(byFile)).toEqual(certificatesIn(byContexts));
  expect((await world.nolapse('plan', '-f', out, '--state', to)).code).toBe(0);
});

test('nothing is written to any cluster', async () => {
  await init(...BOTH, '--out', `${to}/fleet.yaml`);
  const methods = (await world.seen()).map(({ method }) => method);
  expect(methods.length).toBeGreaterThan(5);
  expect(methods.filter((method) => method !== 'GET')).toEqual([]);
});

test('zones are those of the profile that are public and hold a name', async () => {
  const { stdout, code } = await init(...EAST, '--out', `${to}/fleet.yaml`, '--zones-from-profile', 'dns');
  expect(code).toBe(0);
  expect(read(`${to}/fleet.yaml`).split('\n  zones:')[1]?.split('\n').slice(0, 4)).toEqual([
    ' # from Route 53 as the profile dns: public zones with names found',
    '    - { name: example.com, hostedZoneId: Z1 }',
    '    - { name: shop.example.com, hostedZoneId: Z2 } # one of 2 of that name: compare its name servers with dig NS shop.example.com',
    '    # in no public zone of that profile: names under example.org',
  ]);
  expect(stdout).toContain('  to fill in  spec.zones: which of the public zones shop.example.com it is\n');
});

test('without a right to Secrets it goes on with the rest, and says so in the file', async () => {
  const { code } = await init('--context', 'reader', '--out', `${to}/fleet.yaml`);
  expect(code).toBe(1);
  expect(read(`${to}/fleet.yaml`)).toMatch(/^ {6}# read in part: .*secrets/im);
});

test('- is stdout, and nothing but the file', async () => {
  const { stdout, code } = await init(...EAST, '--out', '-');
  expect(code).toBe(0);
  writeFileSync(join(world.home, to, 'f.yaml'), stdout);
  const loaded = await world.nolapse('rbac', 'admin-east', '-f', `${to}/f.yaml`);
  expect(loaded).toMatchObject({ code: 0, stderr: '' });
});

test('nothing is written where no cluster can be read', async () => {
  const { stdout, code } = await init('--context', 'gone', '--out', `${to}/fleet.yaml`, '--cdk', `${to}/app`);
  expect(code).toBe(3);
  expect(stdout).toMatch(/^Nothing was written: no cluster could be read\.\n {2}left out {4}gone: https:/);
  expect(readdirSync(join(world.home, to))).toEqual([]);
});

test('JSON tells what was written and what is to be filled in', async () => {
  const { stdout } = await init(...EAST, '--out', `${to}/fleet.yaml`, '-o', 'json');
  expect(JSON.parse(stdout)).toEqual({
    ...{ file: `${to}/fleet.yaml`, app: null, clusters: ['admin-east'], leftOut: [] },
    fillIn: ['spec.zones: the hosted zone of example.com, example.org'],
  });
});

describe('refuses', () => {
  test.each([
    ['a file that is there', ['--out', 'kubeconfig'], '--out: kubeconfig is there already'],
    [
      'a file in the folder of the app',
      ['--out', 'app/fleet.yaml', '--cdk', 'app'],
      "--cdk: app and --out app/fleet.yaml are in each other's way",
    ],
    ['one name for both', ['--out', './new', '--cdk', 'new'], "--cdk: new and --out ./new are in each other's way"],
    [
      'a folder in the file',
      ['--out', 'new', '--cdk', 'new/app'],
      "--cdk: new/app and --out new are in each other's way",
    ],
    ['a folder that is not empty', ['--cdk', '.'], '--cdk: . is not empty'],
    ['a file instead of a folder', ['--cdk', 'kubeconfig'], '--cdk: kubeconfig is a file'],
    ['JSON beside the file on stdout', ['--out', '-', '-o', 'json'], '--out: - writes the file itself'],
    ['a profile that is not there', ['--zones-from-profile', 'dsn'], 'with the AWS profile dsn', 3],
  ])('%s, before it asks any cluster', async (_, args, words, ends = 2) => {
    const asked = (await world.seen()).length;
    const before = read('kubeconfig');
    const { stderr, code } = await init(...EAST, ...args);
    expect(code).toBe(ends);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    expect(read('kubeconfig')).toBe(before);
    expect(readdirSync(world.home)).not.toContain('fleet.yaml');
    expect(await world.seen()).toHaveLength(asked);
  });

  test('a place where nothing can be written', async () => {
    const { stderr, code } = await init(...EAST, '--out', 'kubeconfig/fleet.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('kubeconfig/fleet.yaml: cannot be written (ENOTDIR)');
  });

  test.each([
    ['no context', [], '--context: no context is named'],
    ['a fleet file', ['--fleet', 'f.yaml'], '--fleet: is a fleet already; init makes one of contexts'],
    ['a service', ['--service', 'acme'], '--service: is a fleet already; init makes one of contexts'],
  ])('%s', async (_, args, words) => {
    const { stdout, stderr, code } = await init(...args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(words);
  });
});

/** Nolapse as a package whose functions are not built, and the packages of this repository beside it. */
function install(app: string): void {
  const packages = join(app, 'node_modules');
  const bundles = join(app, 'bundles');
  mkdirSync(join(packages, 'nolapse'), { recursive: true });
  for (const name of ['wake', 'inventory', 'issue', 'deliver', 'notify']) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'index.mjs'), 'export const handler = () => {};');
  }
  for (const name of ['aws-cdk-lib', 'constructs']) symlinkSync(join(ROOT, 'node_modules', name), join(packages, name));
  writeFileSync(join(packages, 'nolapse/package.json'), '{ "type": "module", "exports": "./index.js" }');
  const source = JSON.stringify(join(ROOT, 'infra/certificate-renewal.ts'));
  const given = `constructor(scope, id, props) { super(scope, id, { ...props, bundles: ${JSON.stringify(bundles)} }); }`;
  writeFileSync(
    join(packages, 'nolapse/index.js'),
    `import { CertificateRenewal as Own } from ${source};\nexport class CertificateRenewal extends Own { ${given} }\n`,
  );
}

test('--cdk writes an app that is synthesised as it is, with secrets instead of files', async () => {
  const { stdout, code } = await init(...BOTH, '--out', `${to}/fleet.yaml`, '--cdk', `${to}/app`);
  expect(code).toBe(0);
  expect(stdout).toContain(`secrets in Secrets Manager, by the commands in`);
  const app = join(world.home, to, 'app');
  expect(readdirSync(app).sort()).toEqual(['app.js', 'cdk.json', 'fleet.yaml', 'package.json']);
  expect(read(`${to}/app/fleet.yaml`)).toBe(golden('service-fleet.yaml', read(`${to}/app/fleet.yaml`)));
  expect(read(`${to}/app/app.js`).split('\n').length).toBeLessThanOrEqual(10);
  install(app);
  const [, file = ''] = /^node (.*)$/.exec(JSON.parse(read(`${to}/app/cdk.json`)).app) ?? [];
  await command(process.execPath, [file], { cwd: app, env: { CDK_OUTDIR: 'out' } });
  const template = JSON.parse(read(`${to}/app/out/nolapse.template.json`));
  expect(JSON.stringify(template)).toContain('secret:nolapse/west-kubeconfig-');
});
