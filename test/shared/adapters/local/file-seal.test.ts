/** The sealing key file: made once, for its owner alone, refused when others could have read it. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileSeal } from '../../../../shared/adapters/local/file-seal.ts';
import type { AccountContext } from '../../../../shared/contract/ports.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemThrown } from './thrown.ts';

const folder = temporaryFolder();
const CONTEXT: AccountContext = { fleet: 'acme', account: 'a' };
const plain = (): Uint8Array => Buffer.from('a key of nobody');

const file = (name: string): string => join(folder, name, 'seal.key');
const open = (path: string) => fileSeal<AccountContext>(path);

test('the key is 32 random bytes for the owner alone, and nothing else is left in the folder', async () => {
  const umask = process.umask(0);
  await open(file('first'));
  process.umask(umask);
  await open(file('second'));
  expect(statSync(file('first')).mode & 0o777).toBe(0o600);
  expect(readFileSync(file('first'))).toHaveLength(32);
  expect(readFileSync(file('first')).equals(readFileSync(file('second')))).toBe(false);
  expect(readdirSync(join(folder, 'first'))).toEqual(['seal.key']);
});

test('of many who make the key at once, all have the same', async () => {
  const seals = await Promise.all(Array.from({ length: 12 }, () => open(file('at-once'))));
  const texts = await Promise.all(seals.map(({ seal }) => seal(plain(), CONTEXT)));
  for (const [n, text] of texts.entries()) {
    const opened = await seals[(n + 1) % seals.length]?.unseal(text, CONTEXT);
    expect(Buffer.from(opened ?? []).toString()).toBe('a key of nobody');
  }
  expect(readdirSync(join(folder, 'at-once'))).toEqual(['seal.key']);
});

test.each([0o640, 0o604, 0o620, 0o666])('a key with mode %o is refused, with the way to close it', async (mode) => {
  const path = file(`exposed-${mode}`);
  const { seal, unseal } = await open(path);
  const text = await seal(plain(), CONTEXT);
  chmodSync(path, mode);
  const problem = await problemThrown(() => open(path));
  expect(problem).toMatchObject({ type: 'nolapse:seal-key-exposed', retry: 'never' });
  expect(problem.detail).toContain(`its mode is ${mode.toString(8)}, allowed is 600`);
  expect(problem.fix).toContain(`chmod 600 ${path}`);
  for (const use of [() => seal(plain(), CONTEXT), () => unseal(text, CONTEXT)])
    expect(await problemThrown(use)).toEqual(problem);
  chmodSync(path, 0o600);
  expect(Buffer.from(await unseal(text, CONTEXT)).toString()).toBe('a key of nobody');
});

test.each([0, 31, 33])('a file of %i bytes is no key, and is not replaced by one', async (length) => {
  const path = file(`damaged-${length}`);
  mkdirSync(join(path, '..'));
  writeFileSync(path, Buffer.alloc(length, 7), { mode: 0o600 });
  const problem = await problemThrown(() => open(path));
  expect(problem).toMatchObject({ type: 'nolapse:seal-broken', retry: 'never' });
  expect(problem.detail).toContain(`it holds ${length} bytes, a key has 32`);
  expect(readFileSync(path)).toHaveLength(length);
});

test('a text says nothing of the key file', async () => {
  const path = file('quiet');
  const { seal } = await open(path);
  const key = readFileSync(path);
  const parts = (await seal(plain(), CONTEXT)).split('.').map((part) => Buffer.from(part, 'base64url'));
  expect(Buffer.concat(parts).includes(key)).toBe(false);
});
