/** The one page of architecture leads somewhere, and knows every room. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fencedBlocks, inlineCode } from './code-in-documents.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
const at = (pattern: string): readonly string[] => globSync(pattern, { cwd: root });

test('every path on it exists, in shared/ where it is not said', () => {
  const paths = inlineCode(page).filter((code) => /^[\w-]+\/[\w*./-]+$/.test(code));
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => at(`{.,shared}/${path}`).length === 0)).toEqual([]);
});

test('every room is on it once, and no other', () => {
  const map = fencedBlocks(page).find(({ text }) => text.includes('shared/contract/'))?.text ?? '';
  const named = [...map.matchAll(/^([\w/]+)\/ {2,}/gm)].map(([, room]) => room);
  const rooms = [...at('shared/*/'), ...at('{functions,infra,cli,sandbox,test}/')].map((room) =>
    room.replace(/\/$/, ''),
  );
  expect(named.toSorted()).toEqual(rooms.toSorted());
});
