/** Every command, payload and fleet file that our documents show is taken by the program that reads it. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../shared/contract/environment.ts';
import { PAYLOADS } from '../../shared/contract/invocation.ts';
import { loadFleet } from '../../shared/fleet/load.ts';
import { filesOf } from '../shared/fleet/folder.ts';
import { fencedBlocks, shellWords } from './code-in-documents.ts';
import { typedIn } from './commands.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();
const shell = (line: string): string => `\`\`\`sh\n${line}\n\`\`\`\n`;

/** Comments of a fleet file: what is in code marks, and what stands behind a colon to be typed. */
const commentsOf = (yaml: string): string =>
  yaml.replaceAll(/^# .*?: +((?:nolapse|npx cdk) .*)$/gm, (_, line: string) => shell(line));

describe('our documents', () => {
  test('show commands and payloads that are taken', () => {
    const examples = globSync('docs/examples/**/*.yaml', { cwd: root });
    const texts = [
      ...documents.map((path) => [path, read(path)] as const),
      ...examples.map((path) => [path, commentsOf(read(path))] as const),
    ];
    const typed = texts.flatMap(([path, text]) => typedIn(text).map((one) => ({ path, ...one })));
    expect(new Set(typed.map(({ path }) => path))).toContain('docs/examples/service/fleet.yaml');
    expect(typed.length).toBeGreaterThan(50);
    expect(typed.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  const fleets = documents.flatMap((path) =>
    fencedBlocks(read(path))
      .filter(({ language, text }) => language === 'yaml' && /^kind: Fleet$/m.test(text))
      .map(({ text }, i) => [path, i, text] as const),
  );
  test.each(fleets)('%s: fleet file %i is taken where its page is about', (path, _i, text) => {
    const files = filesOf({ 'fleet.yaml': text });
    const isDeployed = path !== 'docs/own-cluster.md';
    expect(loadFleet({ path: 'fleet.yaml', home: '/home/me', files, isDeployed }).notices).toEqual([]);
  });

  test('have fleet files', () => {
    expect(fleets.map(([path]) => path)).toContain('docs/first-renewal.md');
  });

  test('list every payload with the functions that take it', () => {
    const rows = PAYLOADS.map(({ example, takes, does }) => {
      const functions = FUNCTIONS.filter((name) => takes.some((one) => one === name));
      return `| ${functions.map((name) => `\`${name}\``).join(' ')} | \`${JSON.stringify(example)}\` | ${does} |`;
    });
    const table = /^\| function \| payload \| it \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/m.exec(read('docs/service.md'));
    expect(table?.[1]?.trimEnd().split('\n')).toEqual(rows);
  });
});

describe('typedIn', () => {
  test.each([
    ['an unknown command', shell('nolapse inventry'), "unknown command 'inventry'"],
    ['an unknown option in a sentence', '`nolapse run --flete x`', "unknown option '--flete'"],
    ['a command without what it needs', shell('$ nolapse access dns --account 1'), "required option '--trust <who>'"],
    [
      'options that do not go together',
      shell('npm run -s nolapse -- plan --service a --fleet f'),
      '--fleet: a deployed',
    ],
    ['a command that cdk does not have', '`npx cdk deply --all`', 'cdk has no command deply'],
    ['an option that cdk does not have', shell('npx cdk deploy --al -c fleet=f'), 'cdk deploy has no option --al'],
    ['a payload for another function', shell(`invoke notify '{"dryRun":true}'`), 'is for the function issue'],
    ['a payload that none takes', '`{"renew":"shop"}`', 'no function takes it'],
    ['a function that is none', shell(`invoke issuer '{"dryRun":true}'`), 'there is no function issuer'],
  ])('finds %s', (_what, text, problem) => {
    const [typed, ...more] = typedIn(text);
    expect(more).toEqual([]);
    expect(typed?.problem).toContain(problem);
  });

  test.each([
    shell('nolapse rbac prod-eu | kubectl apply -f -   # read it first'),
    shell(`nolapse pause deliver:prod-eu --for 2h \\\n  --because "the API server moves"`),
    shell(`invoke notify '{"test":"sns"}'`),
    '`nolapse access dns` and `{ "wake": "due" }`',
  ])('takes %j', (text) => {
    const typed = typedIn(text);
    expect(typed.length).toBeGreaterThan(0);
    expect(typed.map(({ problem }) => problem)).toEqual(typed.map(() => undefined));
  });

  test('reads words as a shell does', () => {
    expect(shellWords(`a --b "c d" e='f g' | h # i`)).toEqual(['a', '--b', 'c d', 'e=f g']);
    expect(shellWords('a <b> # c')).toEqual(['a', '<b>']);
  });
});
