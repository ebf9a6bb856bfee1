/** The state folder: made for its owner alone, and refused with one clear error when it cannot hold what must not be lost. */
import { access, chmod, constants, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../contract/problem.ts';
import { SECRETS_FOLDER } from './file-read-secret.ts';
import { codeOf, fileProblem } from './state-problem.ts';

export interface StateFolder {
  /** Absolute. */
  readonly path: string;
  /** For sqliteRecords. */
  readonly recordsFile: string;
  /** For folderBlobs. */
  readonly blobsFolder: string;
  /** For fileSeal. */
  readonly sealKeyFile: string;
}

const NAMES = { records: 'records.sqlite', blobs: 'blobs', sealKey: 'seal.key', secrets: SECRETS_FOLDER } as const;
const GIT_IGNORE = '.gitignore';
const OURS: readonly string[] = [...Object.values(NAMES), GIT_IGNORE];
const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
/** Enough that a full disk shows before anything is asked of a CA. */
const PROBE_BYTES = 65_536;

const refused = (path: string, message: string, cause?: unknown): InputError =>
  Object.assign(
    new InputError([{ where: path, message, fix: 'name another folder with --state, or make this one usable' }]),
    { cause },
  );

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}

/** One level after the other: where a file system has no room for folders, Node's own recursion never ends. */
async function makeFolder(path: string): Promise<void> {
  if (dirname(path) !== path && !(await isThere(dirname(path)))) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: OWNER_ONLY });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (['EEXIST', 'ENOTDIR'].includes(code))
      throw refused(path, 'a file is in the way, the state must be a folder', error);
    if (code === 'ENOENT') throw refused(path, 'no folder can be made there', error);
    // the folder is not there yet: it is the one above that must let us in
    throw fileProblem(dirname(path), error);
  }
}

/** Rights are narrowed only where the folder is plainly ours: `--state .` must not lock others out of a project. */
async function closeToOthers(path: string, found: readonly string[]): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & OTHERS) === 0) return;
  const stranger = found.find((name) => !OURS.includes(name));
  if (stranger !== undefined && !found.includes(NAMES.records) && !found.includes(NAMES.sealKey))
    throw refused(path, `others may read it and it holds what is not of nolapse: ${stranger}`);
  await chmod(path, OWNER_ONLY);
}

/** Writes as much as a small run does, so that no order is made whose key could not be stored. */
async function probe(path: string): Promise<void> {
  const file = join(path, '.probe');
  try {
    const handle = await open(file, 'w', 0o600);
    try {
      await handle.writeFile(Buffer.alloc(PROBE_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    await rm(file, { force: true });
  }
}

const placesIn = (folder: string): StateFolder => ({
  path: folder,
  recordsFile: join(folder, NAMES.records),
  blobsFolder: join(folder, NAMES.blobs),
  sealKeyFile: join(folder, NAMES.sealKey),
});

/**
 * What is at `path`, or would be: makes nothing. `isNew`: there is no state yet, and where it would be made it can be.
 * Throws ProblemError as `openStateFolder` does.
 */
export async function findStateFolder(path: string): Promise<StateFolder & { readonly isNew: boolean }> {
  const folder = resolve(path);
  let nearest = folder;
  while (dirname(nearest) !== nearest && !(await isThere(nearest))) nearest = dirname(nearest);
  try {
    await readdir(nearest);
    await access(nearest, constants.W_OK);
  } catch (error) {
    throw fileProblem(nearest, error);
  }
  const places = placesIn(folder);
  return { ...places, isNew: !(await isThere(places.recordsFile)) };
}

/**
 * Makes `path` (mode 0700) where it is missing, and proves that it can be written. Throws InputError when a file is in the way or the folder is
 * somebody's for other things; ProblemError `nolapse:state-unwritable` or `nolapse:state-full` (retry never).
 */
export async function openStateFolder(path: string): Promise<StateFolder> {
  const folder = resolve(path);
  await makeFolder(folder);
  try {
    const found = await readdir(folder);
    await closeToOthers(folder, found);
    await probe(folder);
    // A state folder inside a repository is never committed with it: it holds the sealing key.
    if (found.length === 0) await writeFile(join(folder, GIT_IGNORE), '*\n');
  } catch (error) {
    throw fileProblem(folder, error);
  }
  return placesIn(folder);
}
