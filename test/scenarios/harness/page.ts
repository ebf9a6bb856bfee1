/** A page of our documents, held against what the command says. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Block, fencedBlocks } from '../../docs/code-in-documents.ts';
import type { Check } from './scenario.ts';
import type { NolapseResult } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Its blocks of code, in their order. */
export const blocksOf = async (page: string): Promise<readonly Block[]> =>
  fencedBlocks(await readFile(resolve(ROOT, page), 'utf8'));

/** What differs between two runs, and what only the layout of lines depends on. */
export const lasting = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{16,40}\b/g, 'HEX')
    .replaceAll(/https:\S+/g, 'URL')
    .replaceAll(/by CN=[^,]+,/g, 'by CN,')
    // a slow machine's now
    .replaceAll(/\b\d+ (second|minute)s? ago\b/g, 'now')
    .replaceAll(/\d+/g, 'N')
    .replaceAll(/\b(day|hour|minute|second)s\b/g, '$1')
    .replaceAll(/\s+/g, ' ');

/** That a command ended well (findings may be high), and said every line that the page shows below it. */
export function checkSaid(
  said: NolapseResult,
  { command, answer }: { readonly command: string; readonly answer: readonly string[] },
  check: Check,
): void {
  const whole = `${said.stdout}\n${said.stderr}`;
  const all = lasting(whole);
  check.ok(said.code === 0 || said.code === 1, `${command}: ended with ${said.code}\n${whole}`);
  for (const line of answer)
    check.ok(all.includes(lasting(line).trim()), `${command}: says ${line}\nand not\n${whole}`);
}
