/** Reads a fleet file, or a folder of them, and resolves it; the only place of the fleet that asks for files, through what it is given. */
import { join } from 'node:path';
import type { Fleet } from '../contract/fleet.ts';
import { InputError, type InputProblem } from '../contract/problem.ts';
import { type Checked, checkDocument } from './check.ts';
import { MAX_FILE_BYTES, type Parsed, parseDocuments, tooLarge } from './documents.ts';
import { inOrder } from './errors.ts';
import { resolveFleet } from './resolve.ts';

/** The part of node:fs that is needed; throws as it does. Nobody is kept waiting: a construct's constructor cannot wait either. */
export interface FleetFiles {
  statSync(path: string): { isDirectory(): boolean; readonly size: number };
  readdirSync(path: string): readonly string[];
  readFileSync(path: string): Uint8Array;
}

export interface LoadedFleet {
  readonly fleet: Fleet;
  /** One line each: what was left out or has no effect. */
  readonly notices: readonly string[];
}

const MANIFEST = /\.(ya?ml|json)$/;

function unreadable(path: string, error: unknown): InputError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const why = code ?? (error instanceof Error ? error.message : String(error));
  return new InputError([
    code === 'ENOENT'
      ? { where: path, message: 'there is no such file or folder' }
      : { where: path, message: `cannot be read: ${why}` },
  ]);
}

function filesAt(path: string, files: FleetFiles): { readonly isFolder: boolean; readonly paths: readonly string[] } {
  try {
    if (!files.statSync(path).isDirectory()) return { isFolder: false, paths: [path] };
    const names = files
      .readdirSync(path)
      .filter((name) => MANIFEST.test(name))
      .sort();
    return { isFolder: true, paths: names.map((name) => join(path, name)) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A file that is too large is not read at all. */
function readCapped(path: string, files: FleetFiles): Parsed {
  try {
    const { size } = files.statSync(path);
    if (size > MAX_FILE_BYTES) return tooLarge(path, size);
    return parseDocuments(path, files.readFileSync(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The resolved fleet of a file, or of all *.yaml, *.yml and *.json of a folder; `home` stands for `~`. `files` is node:fs.
 * `isDeployed`: it is for the deployed service, so what only a laptop can do is a problem too.
 * Throws InputError with every problem of every file, in their order.
 */
export function loadFleet(from: {
  readonly path: string;
  readonly home: string;
  readonly files: FleetFiles;
  readonly isDeployed?: boolean;
}): LoadedFleet {
  const { isFolder, paths } = filesAt(from.path, from.files);
  const problems: InputProblem[] = [];
  const notices: string[] = [];
  const documents: Checked[] = [];
  for (const path of paths) {
    const parsed = readCapped(path, from.files);
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      const result = checkDocument(document);
      if (result.is === 'checked') documents.push(result.checked);
      else if (result.is === 'unusable') problems.push(...result.problems);
      else if (isFolder) notices.push(`${document.where([])}: alerting rules, not a manifest: left out`);
      else problems.push({ where: document.where([]), message: 'alerting rules (groups), not a manifest of a fleet' });
    }
  }
  const resolved = resolveFleet(documents, { ...from, isWhole: problems.length === 0 });
  const all = inOrder([...problems, ...resolved.problems]);
  if (!resolved.fleet || all.length > 0) throw new InputError(all);
  return { fleet: resolved.fleet, notices: [...notices, ...resolved.notices] };
}
