/** A folder for one test file, gone after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nolapse-local-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
