/** Secrets of the fleet file from the state folder: the bytes as they are, and never a file outside it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileReadSecret } from '../../../../shared/adapters/local/file-read-secret.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemThrown } from './thrown.ts';

const state = temporaryFolder();
const read = fileReadSecret(state);
const folder = join(state, 'secrets', 'eab');
mkdirSync(join(folder, 'folder'), { recursive: true });
writeFileSync(join(state, 'outside'), 'not for you');
writeFileSync(join(folder, 'secret.b64'), Buffer.from([0, 255, 10]));
writeFileSync(join(folder, 'empty'), '');

test('a secret is read as it is, byte for byte', async () => {
  expect(await read({ from: 'fleet', name: 'eab', key: 'secret.b64' })).toEqual(Uint8Array.of(0, 255, 10));
});

test.each([
  ['eab', 'absent', 'it does not exist'],
  ['nobody', 'key', 'it does not exist'],
  ['eab', 'folder', 'it is a folder'],
  ['eab', 'empty', 'is empty'],
])('a missing one is told with its path and what to put there: %s/%s', async (name, key, why) => {
  const problem = await problemThrown(() => read({ from: 'fleet', name, key }));
  const path = join(state, 'secrets', name, key);
  expect(problem).toMatchObject({ type: 'nolapse:secret-missing', retry: 'later' });
  expect(problem.detail).toContain(path);
  expect(problem.detail).toContain(why);
  expect(problem.fix).toBe(`put the value of key ${key} of the Secret ${name} into the file ${path} (mode 600)`);
});

test.each([
  ['..', 'outside'],
  ['.', 'eab'],
  ['../..', 'etc'],
  ['eab', '../../outside'],
  ['eab', '/etc/hostname'],
  ['eab\0', 'secret.b64'],
  ['', 'outside'],
  ['eab', ''],
])('no path leads out of the folder: %j %j', async (name, key) => {
  const problem = await problemThrown(() => read({ from: 'fleet', name, key }));
  expect(problem.type).toBe('nolapse:secret-missing');
  expect(problem.detail).toContain(`no Secret can be called ${JSON.stringify(name)}`);
});

test('a Secret of a cluster is not looked for in files', async () => {
  const ref = { from: 'cluster', cluster: 'prod', namespace: 'shop', name: 'eab', key: 'secret.b64' } as const;
  expect(await problemThrown(() => read(ref))).toMatchObject({ detail: expect.stringContaining('prod/shop/eab') });
});
