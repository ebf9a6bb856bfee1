/** Blobs as files of one folder. A write is a new file renamed over the old one, so a reader and a crash see the one or the other. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '../../contract/ports.ts';
import { codeOf, fileProblem } from './state-problem.ts';

/** File systems end a name at 255 bytes; the name of the file that is being written is longer by 14. */
const LONGEST_NAME = 200;

/** One key, one file: `snapshots/prod-eu` → `snapshots%2Fprod-eu`. Never a path, never hidden, never too long. */
function fileNameOf(key: string): string {
  const name = encodeURIComponent(key).replace(/^\./, '%2E');
  if (name !== '' && name.length <= LONGEST_NAME) return name;
  return `${name.slice(0, LONGEST_NAME - 65)}%${createHash('sha256').update(key).digest('hex')}`;
}

async function writeDurably(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Blobs in `folder`, which is made (0700) at the first write. A write that returned survives a crash; one that fails leaves what was there.
 * Rejects with ProblemError `nolapse:state-full` or `nolapse:state-unwritable`.
 */
export function folderBlobs(folder: string): Blobs {
  return {
    async read(key) {
      const path = join(folder, fileNameOf(key));
      try {
        const { buffer, byteOffset, byteLength } = await readFile(path);
        return new Uint8Array(buffer, byteOffset, byteLength);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw fileProblem(path, error);
      }
    },
    async write(key, body) {
      const name = fileNameOf(key);
      const draft = join(folder, `.${name}.${randomBytes(6).toString('hex')}`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeDurably(draft, body);
        await rename(draft, join(folder, name));
        await syncFolder(folder);
      } catch (error) {
        await rm(draft, { force: true });
        throw fileProblem(join(folder, name), error);
      }
    },
  };
}
