/** The command as it is typed: what is wrong with the arguments or the fleet file is said at once, with exit code 2, in both languages. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFront } from '../lambda/front.ts';
import { surroundings } from './surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../cli/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-arguments-'));
});
afterAll(() => rm(folder, { recursive: true }));

const nolapse = (...args: readonly string[]) => nolapseIn({}, ...args);

async function nolapseIn(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...surroundings(folder), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code: code as number };
}

const FIXED = (fix: string) => ({ problems: [expect.objectContaining({ fix })] });

describe('nolapse', () => {
  test.each([
    [
      'an unknown command',
      ['inventry'],
      { problems: [{ where: 'command line', message: "unknown command 'inventry'", fix: 'Did you mean inventory?' }] },
    ],
    ['an unknown option', ['run', '--flete', 'x'], FIXED('Did you mean --fleet?')],
    ['no command', [], FIXED('see nolapse --help')],
    ['no id', ['renew'], FIXED('see nolapse --help')],
    ['a severity that is none', ['run', '--fail-on', 'hihg'], FIXED('did you mean high?')],
    ['a deadline in days', ['run', '--deadline', '1d'], { message: expect.stringContaining('1d is 24h') }],
    ['a deadline of nothing', ['run', '--deadline', '0'], { message: '--deadline: "0" leaves no time' }],
    [
      'a fleet file and a context',
      ['inventory', '--fleet', 'a', '--context', 'b'],
      { message: expect.stringMatching(/^--context: goes without a fleet file/) },
    ],
    [
      'a run without a fleet file',
      ['run', '--context', 'b'],
      { message: '--context: goes with inventory, init, explain and rbac only; run needs a fleet file' },
    ],
    ...['--fleet', '--state', '--kubeconfig', '--context'].map((option): [string, string[], object] => [
      `a service and ${option}`,
      ['plan', '--service', 'acme', option, 'x'],
      {
        problems: [
          {
            where: option,
            message: 'a deployed service has its own fleet and state',
            fix: `leave out ${option} or --service`,
          },
        ],
      },
    ]),
    ['no fleet file', ['plan'], { message: expect.stringMatching(/^--fleet: no fleet file is named/) }],
    [
      'a fleet file that is not there',
      ['plan', '--fleet', 'gone.yaml'],
      { message: 'gone.yaml: there is no such file or folder' },
    ],
    [
      'no kubeconfig',
      ['inventory', '--context', 'b'],
      { message: expect.stringMatching(/config: there is no such kubeconfig$/) },
    ],
  ])('refuses %s', async (_, args, error) => {
    const { stdout, stderr, code } = await nolapse(...args, '-o', 'json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: expect.objectContaining(error) });
    expect(stderr).not.toContain('    at ');
  });

  test('says every problem of a fleet file on a line that begins with its place, and stores nothing', async () => {
    const fleet = [
      'apiVersion: nolapse.dev/v1',
      'kind: Fleet',
      'metadata: { name: acme }',
      'spec:',
      '  clusterz: []',
      '  zone: []',
    ];
    await writeFile(join(folder, 'bad.yaml'), fleet.join('\n'));
    const { stdout, stderr, code } = await nolapse('inventory', '-f', 'bad.yaml', '--output=json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bad\.yaml:5:3: .*clusterz/m);
    expect(stderr).toMatch(/^bad\.yaml:6:3: .*zone/m);
    expect(JSON.parse(stdout).error.problems.length).toBeGreaterThanOrEqual(2);
    expect(await readdir(folder)).not.toContain('.nolapse');
  });

  test.each(['html', 'csv', 'prometheus'])(
    'answers as %s to inventory only, and never with an error',
    async (report) => {
      const [plan, inventory] = await Promise.all([
        nolapse('plan', '-f', 'gone.yaml', '-o', report),
        nolapse('inventory', '-f', 'gone.yaml', '-o', report),
      ]);
      expect(plan).toEqual({
        stdout: '',
        stderr: `--output: ${report} goes with inventory only; plan answers as table or json\n  fix: leave out -o ${report}, or write -o json\n`,
        code: 2,
      });
      expect(inventory).toEqual({ stdout: '', stderr: 'gone.yaml: there is no such file or folder\n', code: 2 });
    },
  );

  test('writes nothing on stdout when a table could not be made', async () => {
    const { stdout, stderr, code } = await nolapse('inventory');
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe(
      '--fleet: no fleet file is named and there is no fleet.yaml in this folder\n' +
        '  fix: name one with --fleet, write one with nolapse init --context <name>, or look without one: nolapse inventory --context <name>\n',
    );
  });

  test.concurrent.each([
    ...['inventory', 'init', 'plan', 'run', 'renew', 'adopt', 'explain', 'digest', 'pause', 'leave'],
    ...['access', 'access dns', 'access cluster', 'rbac', 'demo'],
  ])('shows examples of %s, in lines of 80 columns', async (command) => {
    const { stdout, stderr, code } = await nolapse(...command.split(' '), '--help');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ nolapse ${command}`));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says that no such service is deployed where it looked', async () => {
    const front = await startFront({
      upstream: (service) => {
        throw new Error(`${service} was asked, where nothing is deployed`);
      },
      ...{ check: () => undefined, answered: () => undefined },
      invoke: async (name) => {
        throw new Error(`${name} was invoked, which is not there`);
      },
      parameter: (name) => (name === '/nolapse/acme' ? '{}' : undefined),
    });
    const env = { AWS_ENDPOINT_URL: front.url, AWS_REGION: 'eu-west-1' };
    const keys = { AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'operator' };
    const { stdout, stderr, code } = await nolapseIn({ ...env, ...keys }, 'plan', '--service', 'acmee');
    await front.close();
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toBe(
      '--service: no service "acmee" is deployed here: there is no parameter /nolapse/acmee\n' +
        '  fix: check AWS_PROFILE and AWS_REGION, or list what there is: aws ssm describe-parameters\n',
    );
  });

  test('tells its version', async () => {
    expect((await nolapse('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('runs a part of the sandbox until its input ends', async () => {
    const { stdout, code } = await nolapse('part', 'dns', '{"zones":[]}');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ nameServers: [expect.any(String), expect.any(String)] });
  });
});
