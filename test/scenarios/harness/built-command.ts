/** The command as it is shipped, one file: what scenarios run hundreds of times starts in half the time, and is what users get. */
import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
/** The repository's own Node, not the one that happens to run the tests. */
export const NODE = join(ROOT, 'node_modules/node/bin/node');
const CACHE = join(ROOT, 'node_modules/.cache/scenarios');
/** Compiled once for the hundreds of starts of a suite; holds code only. */
export const COMPILED = join(ROOT, 'node_modules/.cache/node-compile');

let built: Promise<string> | undefined;

async function build(): Promise<string> {
  const [own, shared] = [join(CACHE, `nolapse-${process.pid}.mjs`), join(CACHE, 'nolapse.mjs')];
  await mkdir(CACHE, { recursive: true });
  await promisify(execFile)(NODE, [join(ROOT, 'cli/build.ts'), own]);
  // whole or as before: another process may start from it at this moment
  await rename(own, shared);
  return shared;
}

/** The path of the built command, made from the sources as they are now, once for each process that asks. */
export const builtCommand = (): Promise<string> => {
  built ??= build();
  return built;
};
