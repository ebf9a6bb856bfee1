/** Where the demo leaves what it wrote: `nolapse-demo` here, made anew by each run. Refuses to replace a folder that is not the demo's. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const NAME = 'nolapse-demo';
/** Git passes over the folder, and this file says whose it is. */
const MARK = { file: '.gitignore', text: '# made by nolapse demo, which replaces this folder\n*\n' };

const isOurs = (folder: string): Promise<boolean> =>
  readFile(join(folder, MARK.file), 'utf8').then(
    (text) => text === MARK.text,
    () => false,
  );

async function madeHere(folder: string): Promise<boolean> {
  try {
    if (await isOurs(folder)) await rm(folder, { recursive: true });
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch {
    // somebody else's folder, or nothing can be written here: there is the folder for temporary files
    return false;
  }
}

/** An empty folder, absolute. */
export async function demoFolder(): Promise<string> {
  const here = resolve(NAME);
  const folder = (await madeHere(here)) ? here : await mkdtemp(join(tmpdir(), `${NAME}-`));
  await writeFile(join(folder, MARK.file), MARK.text);
  return folder;
}
