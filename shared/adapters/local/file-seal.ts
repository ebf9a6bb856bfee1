/** Sealing under a key that lies in a file of its owner: the local world's counterpart of a KMS key. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Seal, Unseal } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { decrypt, encrypt, randomDataKey, sealText, unsealText } from '../sealed-text.ts';
import { codeOf, fileProblem } from './state-problem.ts';

const KEY_BYTES = 32;
const OTHERS = 0o077;

/** The file appears whole, once: of two processes that start at once, one links its key into place and the other reads that one. */
async function makeKeyFile(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const key = randomBytes(KEY_BYTES);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(key);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw fileProblem(file, error);
  } finally {
    key.fill(0);
    await rm(draft, { force: true });
  }
}

const exposed = (file: string, mode: number): ProblemError =>
  new ProblemError({
    type: 'nolapse:seal-key-exposed',
    detail: `${file} seals private keys, and others may read or write it: its mode is ${mode.toString(8)}, allowed is 600`,
    retry: 'never',
    fix: `chmod 600 ${file}; if others had access to this machine, renew what was sealed under it`,
  });

const damaged = (file: string, bytes: number): ProblemError =>
  new ProblemError({
    type: 'nolapse:seal-broken',
    detail: `${file} is no sealing key: it holds ${bytes} bytes, a key has ${KEY_BYTES}`,
    retry: 'never',
    fix: `bring it back from a backup, or remove ${file}: keys sealed under it are lost then and are made anew at renewal`,
  });

/** Undefined = there is no such file. */
async function readKeyFile(file: string): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const mode = (await handle.stat()).mode & 0o777;
      if (mode & OTHERS) throw exposed(file, mode);
      const key = await handle.readFile();
      if (key.length !== KEY_BYTES) throw damaged(file, key.length);
      return key;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileProblem(file, error);
  }
}

/** Whether there is a usable key; makes none. Throws ProblemError as `fileSeal` does. */
export async function isSealKey(file: string): Promise<boolean> {
  const key = await readKeyFile(file);
  key?.fill(0);
  return key !== undefined;
}

/**
 * Seal and Unseal under the key in `file`, which is made at first use: 32 random bytes, mode 0600. The key is read again for every text and
 * zeroed after it, so none lies in memory between. Rejects, as what it returns does, with ProblemError (retry never):
 * `nolapse:seal-key-exposed` when others may use the file, `nolapse:seal-broken` when it is no key, `nolapse:state-full`,
 * `nolapse:state-unwritable`.
 */
export async function fileSeal<Context extends object>(
  file: string,
): Promise<{ readonly seal: Seal<Context>; readonly unseal: Unseal<Context> }> {
  async function withKey<T>(work: (key: Uint8Array) => T): Promise<T> {
    let key = await readKeyFile(file);
    if (!key) {
      await makeKeyFile(file);
      key = await readKeyFile(file);
    }
    if (!key) throw damaged(file, 0);
    try {
      return work(key);
    } finally {
      key.fill(0);
    }
  }
  await withKey(() => undefined);
  return {
    seal: (plain, context) =>
      sealText(plain, context, ({ bytes }) =>
        withKey((key) => {
          const dataKey = randomDataKey();
          return { plain: dataKey, wrapped: encrypt(key, dataKey, bytes) };
        }),
      ),
    unseal: (sealed, context) =>
      unsealText(sealed, context, (wrapped, { bytes }) => withKey((key) => decrypt(key, wrapped, bytes))),
  };
}
