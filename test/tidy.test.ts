/** The house style as a test: every source file and document of the repository, and planted breaches that must be found. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documentProblems, placeProblems } from './tidy/documents.ts';
import { sourceProblems } from './tidy/source.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const find = (...patterns: string[]): readonly string[] =>
  globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] }).sort();

const sources = find('{shared,functions,infra,cli,sandbox,test}/**/*.ts', '*.config.ts');
const documents = find('*.md', 'docs/**/*.md', 'sandbox/**/*.md', 'test/**/*.md');
const texts = [
  ...sources,
  ...documents,
  ...find('*.json', '.ci/*', 'docs/**/*.{yaml,json}', 'test/**/*.{yaml,json,txt,mod}'),
];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const repository = { root, scripts: Object.keys(scripts) };

describe('the repository', () => {
  test('has sources, and each keeps the house style', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.flatMap((path) => sourceProblems(path, read(path)).map((p) => `${path}:${p}`))).toEqual([]);
  });

  test('has documents whose every path and command exists', () => {
    expect(documents.flatMap((path) => documentProblems(repository, path, read(path)))).toEqual([]);
  });

  test('names no machine of its makers', () => {
    expect(texts.flatMap((path) => placeProblems(path, read(path)))).toEqual([]);
  });
});

const head = '/** A file. */\n';
/** Put together here, so that this file does not name one. */
const machinePath = ['', 'root', 'x.ts'].join('/');
const lines = (n: number): string => '  f();\n'.repeat(n);

describe('sourceProblems', () => {
  test.each([
    ['a file of 301 lines', 'cli/a.ts', head + '\n'.repeat(300), '301: the file has 301 lines, at most 300'],
    ['a handler of 61 lines', 'functions/wake.ts', head + '\n'.repeat(60), '61: the file has 61 lines, at most 60'],
    [
      'a file without an opening sentence',
      'cli/a.ts',
      'f();\n',
      '1: the file does not open with a sentence on what it is',
    ],
    [
      'a function of 51 lines',
      'cli/a.ts',
      `${head}function f() {\n${lines(49)}}\n`,
      '2: function f has 51 lines, at most 50',
    ],
    [
      'an arrow of 51 lines',
      'cli/a.ts',
      `${head}g(() => {\n${lines(49)}});\n`,
      '2: function  has 51 lines, at most 50',
    ],
    [
      'a method of 51 lines',
      'cli/a.ts',
      `${head}class A {\nm() {\n${lines(49)}}\n}\n`,
      '3: function m has 51 lines, at most 50',
    ],
    [
      'a line counted after wide letters',
      'cli/a.ts',
      `/** ä ü. */\nfunction f() {\n${lines(49)}}\n`,
      '2: function f has 51 lines, at most 50',
    ],
    ['an empty catch', 'cli/a.ts', `${head}try { f(); } catch {}\n`, '2: an error is caught and nothing says why'],
    ['a folder of drawers', 'shared/utils/a.ts', head, '0: utils in the path names a drawer, not a thing'],
    ['a file of drawers', 'shared/dns-helpers.ts', head, '0: dns-helpers in the path names a drawer, not a thing'],
    [
      'a class of drawers',
      'cli/a.ts',
      `${head}class CertificateManager {}\n`,
      '2: CertificateManager names a drawer, not a thing',
    ],
    ['a variable of drawers', 'cli/a.ts', `${head}const common = 1;\n`, '2: common names a drawer, not a thing'],
  ])('finds %s', (_, path, text, problem) => {
    expect(sourceProblems(path, text)).toEqual([problem]);
  });

  test.each([
    ['300 lines', 'cli/a.ts', head + '\n'.repeat(299)],
    ['a function of 50 lines', 'cli/a.ts', `${head}function f() {\n${lines(48)}}\n`],
    [
      'a suite longer than a function may be',
      'test/a.test.ts',
      `${head}describe('a', () => {\n${"  test('b', f);\n".repeat(60)}});\n`,
    ],
    ['a catch with its reason', 'cli/a.ts', `${head}try { f(); } catch {\n// it is gone already\n}\n`],
    [
      "the field's own words",
      'shared/adapters/aws/secrets-manager.ts',
      `${head}const fieldManager = 1;\nconst commonName = 2;\n`,
    ],
  ])('takes %s', (_, path, text) => {
    expect(sourceProblems(path, text)).toEqual([]);
  });
});

describe('documentProblems and placeProblems', () => {
  test.each([
    ['a link to nowhere', '[a](docs/gone.md)', 'README.md: there is no docs/gone.md'],
    ['a path to nowhere', 'see `test/gone.ts`', 'README.md: there is no test/gone.ts'],
    ['a command that is none', '`npm run gone`', 'README.md: npm run gone is no script'],
  ])('find %s', (_, text, problem) => {
    expect(documentProblems(repository, 'README.md', text)).toEqual([problem]);
  });

  test('take links that lead somewhere, with anchors, and addresses', () => {
    const text = '[a](package.json#L1) [b](https://example.com/x) `test/tidy/*.ts` `npm run -s check` npm test';
    expect(documentProblems(repository, 'README.md', text)).toEqual([]);
  });

  test.each([
    ['a path of one machine', `see ${machinePath}`, `a.md: names a path of one machine: ${machinePath.slice(0, 7)}`],
    [
      'a private registry',
      `https://${'registry'}.internal.example/x`,
      'a.md: names the registry registry.internal.example',
    ],
  ])('find %s', (_, text, problem) => {
    expect(placeProblems('a.md', text)).toEqual([problem]);
  });
});
