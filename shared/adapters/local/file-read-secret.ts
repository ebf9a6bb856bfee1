/** Secrets that documents of the fleet file refer to, as files: `<state folder>/secrets/<name>/<key>`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadSecret } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { codeOf } from './state-problem.ts';

/** In the state folder. */
export const SECRETS_FOLDER = 'secrets';

/** What Kubernetes allows in a Secret's name or key, so nothing here can leave the folder. */
const isPlainName = (text: string): boolean => /^[-._A-Za-z0-9]+$/.test(text) && text !== '.' && text !== '..';

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a file is where the folder should be',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

const missing = (detail: string, fix: string, cause?: unknown): ProblemError =>
  new ProblemError({ type: 'nolapse:secret-missing', detail, retry: 'later', fix }, { cause });

/**
 * Reads the bytes of `<folder>/secrets/<name>/<key>` as they are; `folder` is the state folder. A file without a byte counts as missing.
 * Refs of clusters are not answered here. Throws ProblemError `nolapse:secret-missing` (retry later).
 */
export function fileReadSecret(folder: string): ReadSecret {
  return async (ref) => {
    if (ref.from !== 'fleet')
      throw missing(
        `the Secret ${ref.cluster}/${ref.namespace}/${ref.name} is in a cluster, not in ${folder}`,
        'read it there',
      );
    const { name, key } = ref;
    if (!isPlainName(name) || !isPlainName(key))
      throw missing(
        `no Secret can be called ${JSON.stringify(name)} with the key ${JSON.stringify(key)}`,
        'in the fleet file, use letters, digits, - . and _ in the name and the key of the Secret',
      );
    const path = join(folder, SECRETS_FOLDER, name, key);
    const fix = `put the value of key ${key} of the Secret ${name} into the file ${path} (mode 600)`;
    const bytes = await readFile(path).catch((error: unknown) => {
      throw missing(`${path} cannot be read: ${CAUSES[codeOf(error)] ?? String(error)}`, fix, error);
    });
    if (bytes.length === 0) throw missing(`${path} is empty`, fix);
    return new Uint8Array(bytes);
  };
}
