/** A folder of fleet files in memory, for tests of loadFleet: what it reads is what the test wrote. */
import { basename, dirname } from 'node:path';
import { InputError } from '../../../shared/contract/problem.ts';
import { type FleetFiles, type LoadedFleet, loadFleet } from '../../../shared/fleet/load.ts';

const missing = (path: string): Error => Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });

export function filesOf(contents: Readonly<Record<string, string | Uint8Array>>): FleetFiles {
  const bytes = (path: string): Uint8Array => {
    const content = contents[path];
    if (content === undefined) throw missing(path);
    return typeof content === 'string' ? Buffer.from(content) : content;
  };
  const inside = (folder: string): string[] => Object.keys(contents).filter((path) => dirname(path) === folder);
  return {
    statSync: (path) =>
      inside(path).length > 0
        ? { isDirectory: () => true, size: 0 }
        : { isDirectory: () => false, size: bytes(path).byteLength },
    readdirSync: (path) => inside(path).map((file) => basename(file)),
    readFileSync: (path) => bytes(path),
  };
}

export const loadText = async (text: string | Uint8Array): Promise<LoadedFleet> =>
  loadFleet({ path: 'fleet.yaml', home: '/home/me', files: filesOf({ 'fleet.yaml': text }) });

export const loadFolder = async (contents: Readonly<Record<string, string>>): Promise<LoadedFleet> =>
  loadFleet({
    path: 'fleet',
    home: '/home/me',
    files: filesOf(Object.fromEntries(Object.entries(contents).map(([name, text]) => [`fleet/${name}`, text]))),
  });

/** The lines of the InputError that loading ends in. */
export async function complaints(loading: Promise<LoadedFleet>): Promise<readonly string[]> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InputError)) throw new Error('no InputError was thrown', { cause: error });
  return error.problems.map(({ where, message, fix }) => `${where}: ${message}${fix ? ` (${fix})` : ''}`);
}
