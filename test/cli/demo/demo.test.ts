/** The demo as its reader starts it: its own check holds, every line fits, and a world without DNS fails honestly. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFleet } from '../../../shared/fleet/load.ts';
import { surroundings } from '../surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../../cli/main.ts');

interface Seen {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly string[];
}

async function demo(folder: string, ...args: readonly string[]): Promise<Seen> {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], {
    cwd: folder,
    env: { ...surroundings(folder), AWS_PROFILE: 'somebody', AWS_ACCESS_KEY_ID: 'of-an-account' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...texts, lines: texts.stdout.trimEnd().split('\n') };
}

const LAST_LINE = 'npm run -s nolapse -- inventory --context <your-context>';
const tooWide = ({ lines }: Seen): readonly string[] => lines.filter((line) => [...line].length > 80);

describe.each([
  { name: 'nolapse demo', args: [], asked: 3, code: 0, says: /^ {2}written {4}secretsmanager\/certs\/wildcard$/m },
  {
    name: 'nolapse demo --break dns',
    args: ['--break', 'dns'],
    asked: 3,
    code: 3,
    says: /^ {2}fix: check what DNS answers for the challenge's TXT record/m,
  },
  {
    name: 'nolapse demo --story',
    args: ['--story'],
    asked: 0,
    code: 0,
    says: /^ {2}yes {2}\d+ requests seen by the cluster, 0 of them writes$/m,
  },
])('$name', ({ args, code, says, asked }) => {
  let folder: string;
  let seen: Seen;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nolapse-demo-test-'));
    seen = await demo(folder, ...args);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('ends with its exit code after its own check held', () => {
    expect(seen.stdout).toMatch(/^checked: (\d+) of \1 hold against what the servers recorded$/m);
    expect(seen.stdout).toMatch(says);
    expect(seen).toMatchObject({ code, stderr: '' });
  });

  test('is plain in a pipe and fits into 80 columns', () => {
    expect(tooWide(seen)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing that steers a terminal
    expect(seen.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('ends with a command that only reads, for a cluster of the reader', () => {
    expect(seen.lines.at(-1)).toBe(LAST_LINE);
  });

  test('leaves a fleet file that can be opened and read', async () => {
    const path = join(folder, 'nolapse-demo', 'fleet.yaml');
    const { fleet } = loadFleet({ path, home: folder, files: fs });
    expect(fleet.certificates).toHaveLength(asked);
    expect(await readFile(path, 'utf8')).toContain('kind: Fleet');
  });
});
