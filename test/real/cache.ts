/** Where built tools are kept between runs: outside the clone, one folder per exact recipe, made whole or not at all. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const { XDG_CACHE_HOME } = process.env;
const ROOT = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'nolapse-tools');

/** Thrown when the machine lacks what a set-up needs; the message says how to get it. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

export interface Recipe {
  readonly name: string;
  /** Everything that the result depends on. */
  readonly from: readonly string[];
  /** Fills the folder it is given. */
  make(folder: string): Promise<void>;
}

export interface Kept {
  readonly folder: string;
  readonly was: 'cached' | 'built';
}

/** The folder a recipe's result is kept in, made now if it is not there yet. A broken-off build leaves nothing behind that counts. */
export async function keep({ name, from, make }: Recipe): Promise<Kept> {
  const hash = createHash('sha256').update(from.join('\0')).digest('hex').slice(0, 16);
  const folder = join(ROOT, `${name}-${hash}`);
  if (existsSync(folder)) return { folder, was: 'cached' };
  await mkdir(ROOT, { recursive: true });
  const unfinished = await mkdtemp(join(ROOT, `.${name}-`));
  try {
    await make(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return { folder, was: 'built' };
}
