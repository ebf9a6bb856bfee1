/** The package as it would be published, in an app of somebody else's: `import { CertificateRenewal } from 'nolapse'`, and types that hold. */
import { ok } from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { command } from './command.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');

const APP = `import { App, Stack } from 'aws-cdk-lib';
import { CertificateRenewal } from 'nolapse';
const app = new App();
const stack = new Stack(app, 'Own');
const { topic, bus } = new CertificateRenewal(stack, 'Certs', { fleet: 'fleet.yaml' });
stack.exportValue(topic.topicArn);
stack.exportValue(bus.eventBusArn);
app.synth();
`;

/** A folder with all packages of ours beside the packed one. */
async function installed(folder: string): Promise<string> {
  const env = { PATH: [bin, process.env.PATH].join(delimiter) };
  const said = await command('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, env });
  const [{ filename }] = JSON.parse(said.slice(said.indexOf('[\n'))) as readonly [{ readonly filename: string }];
  await command('tar', ['xzf', filename], { cwd: folder });
  const packages = join(folder, 'app/node_modules');
  await mkdir(packages, { recursive: true });
  await rename(join(folder, 'package'), join(packages, 'nolapse'));
  for (const name of await readdir(join(root, 'node_modules')))
    await symlink(join(root, 'node_modules', name), join(packages, name));
  return join(folder, 'app');
}

/** Throws when the package lacks something, or another app cannot be synthesised or typed with it. */
export async function checkPackage(folder: string): Promise<void> {
  const app = await installed(folder);
  await writeFile(join(app, 'package.json'), '{ "type": "module" }');
  await writeFile(join(app, 'app.ts'), APP);
  await writeFile(join(app, 'fleet.yaml'), await readFile(join(root, 'docs/examples/service/fleet.yaml')));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'];
  await command(join(bin, 'tsc'), [...options, 'app.ts'], { cwd: app });
  await command(process.execPath, ['app.ts'], { cwd: app, env: { CDK_OUTDIR: 'out' } });
  const made = await readdir(join(app, 'out'));
  ok(made.includes('Own.template.json'), 'another app is synthesised with the package');
  console.log('\n  passed  the package is taken by another app, with its types (1 assertion)');
}
