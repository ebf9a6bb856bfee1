/** The fleet of a file as the command itself reads it; undefined where it would refuse it. */
import * as files from 'node:fs';
import { resolve } from 'node:path';
import type { Fleet } from '../../../shared/contract/fleet.ts';
import { InputError } from '../../../shared/contract/problem.ts';
import { loadFleet } from '../../../shared/fleet/load.ts';

export function loadedFleet(path: string, folder: string): Fleet | undefined {
  try {
    return loadFleet({ path: resolve(folder, path), home: folder, files }).fleet;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
