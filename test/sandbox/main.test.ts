/** The command that runs the sandbox for people: what it hands out can be used, and it ends when it is told to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadFleet } from '../../shared/fleet/load.ts';

const MAIN = resolve(import.meta.dirname, '../../sandbox/main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-handout-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function started(): Promise<{ readonly printed: string; end(): Promise<unknown> }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('Ctrl-C')) break;
  }
  const end = async (): Promise<unknown> => {
    child.kill('SIGINT');
    return exited;
  };
  return { printed: lines.join('\n'), end };
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

async function listSecrets({ clusters: [first], users: [user] }: Kubeconfig): Promise<number | undefined> {
  const ca = Buffer.from(first?.cluster['certificate-authority-data'] ?? '', 'base64');
  const headers = { authorization: `Bearer ${user?.user.token}` };
  const request = https.get(`${first?.cluster.server}/api/v1/secrets`, { ca, headers, agent: false });
  const [answer] = await once(request, 'response');
  answer.resume();
  return answer.statusCode;
}

test('what it hands out is a fleet that resolves, a kubeconfig that opens clusters, and an environment', async () => {
  const { printed, end } = await started();
  expect(printed).toContain(`. ${folder}/environment`);
  const { fleet, notices } = loadFleet({ path: join(folder, 'fleet.yaml'), home: folder, files: fs });
  expect(notices).toEqual([]);
  expect(fleet.clusters.map(({ name }) => name)).toEqual(['east', 'west']);
  expect(await listSecrets(parse(await readFile(join(folder, 'kubeconfig'), 'utf8')))).toBe(200);
  expect(await readFile(join(folder, 'environment'), 'utf8')).toMatch(/^export AWS_ENDPOINT_URL='http:/);
  expect(await end()).toEqual([0, null]);
});
