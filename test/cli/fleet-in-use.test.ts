/** Which fleet and which state a command works on, by its options and what lies around. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fleetInUse } from '../../cli/fleet-in-use.ts';
import { type RawOptions, settingsOf } from '../../cli/settings.ts';

const FLEET = `apiVersion: nolapse.dev/v1
kind: Fleet
metadata: { name: acme }
spec:
  clusters: [{ name: dev, kubeconfig: { path: ~/.kube/config, context: dev } }]
`;

const kubeconfig = (...contexts: readonly string[]): string =>
  JSON.stringify({ contexts: contexts.map((name) => ({ name })), 'current-context': contexts[0] });

/** A home that is also the working folder. */
function home(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-fleet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '.kube'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const use = (raw: RawOptions, env: Readonly<Record<string, string>> = {}) =>
    fleetInUse(settingsOf(raw), { folder, home: folder, env });
  return { folder, use };
}

test('the state is in this folder where nothing is said, and where it is said', async () => {
  const { folder, use } = home({});
  writeFileSync(join(folder, 'fleet.yaml'), FLEET);
  const { fleet, state } = await use({ fleet: join(folder, 'fleet.yaml') });
  expect(fleet.name).toBe('acme');
  expect(state).toBe(join(folder, '.nolapse'));
  expect((await use({ fleet: join(folder, 'fleet.yaml'), state: 'elsewhere' })).state).toBe(join(folder, 'elsewhere'));
});

test('contexts have a state of their own', async () => {
  const { folder, use } = home({ '.kube/config': kubeconfig('dev') });
  const { fleet, state } = await use({ context: ['dev'] });
  expect(fleet.clusters).toMatchObject([
    { name: 'dev', mode: 'audit', access: { path: join(folder, '.kube/config') } },
  ]);
  expect(state).toBe(join(folder, '.nolapse', 'contexts'));
});

test('a context is looked up in all files of KUBECONFIG, those that are not there passed over', async () => {
  const { folder, use } = home({ a: kubeconfig('one'), b: kubeconfig('two') });
  const KUBECONFIG = ['a', 'gone', 'b'].map((name) => join(folder, name)).join(delimiter);
  const { fleet } = await use({ context: ['two', 'one'] }, { KUBECONFIG });
  expect(fleet.clusters.map(({ access }) => 'path' in access && access.path)).toEqual([
    join(folder, 'b'),
    join(folder, 'a'),
  ]);
});

test('a KUBECONFIG that leads nowhere is a mistake, and no leave to look at the clusters of ~/.kube/config', async () => {
  const { folder, use } = home({ '.kube/config': kubeconfig('one') });
  const KUBECONFIG = join(folder, 'gone');
  await expect(use({ context: ['one'] }, { KUBECONFIG })).rejects.toThrow(
    `KUBECONFIG: there is no such file: ${KUBECONFIG}`,
  );
});

test('--kubeconfig alone is its current context, and ~ is the home', async () => {
  const { use } = home({ other: kubeconfig('here', 'there') });
  const { fleet } = await use({ kubeconfig: '~/other' });
  expect(fleet.clusters.map(({ name }) => name)).toEqual(['here']);
});

test.each([
  ['that is not there', 'gone', 'there is no such kubeconfig'],
  ['that is no YAML', 'broken', 'cannot be read as a kubeconfig'],
  ['without contexts', 'empty', 'is no kubeconfig: it has no list of contexts'],
])('a kubeconfig %s is refused by its path', async (_, name, message) => {
  const { folder, use } = home({ broken: '{', empty: '{}' });
  await expect(use({ kubeconfig: name })).rejects.toMatchObject({
    name: 'InputError',
    problems: [{ where: join(folder, name), message }],
  });
});
