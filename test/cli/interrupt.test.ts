/** Signals: the command ends soon, with its own exit code, although a server never answers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { surroundings } from './surroundings.ts';

const MAIN = resolve(import.meta.dirname, '../../cli/main.ts');
let folder: string;
let silent: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nolapse-interrupt-'));
  silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const kubeconfig = {
    clusters: [{ name: 'silent', cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: 'me', user: { token: 'a' } }],
    contexts: [{ name: 'silent', context: { cluster: 'silent', user: 'me' } }],
  };
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
});
afterAll(async () => {
  silent.close();
  await rm(folder, { recursive: true });
});

/** Runs until the server was asked, then is sent the signals, each when the one before was taken notice of. */
async function interrupted(...signals: readonly NodeJS.Signals[]) {
  const args = ['inventory', '--kubeconfig', 'kubeconfig', '--context', 'silent', '-o', 'json'];
  const asked = once(silent, 'connection');
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: surroundings(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, closed] = [text(child.stdout), once(child, 'close')];
  await asked;
  for (const signal of signals) {
    child.kill(signal);
    await Promise.race([once(child.stderr, 'data'), closed]);
  }
  const [code] = await closed;
  return { code, stdout: await out };
}

test('the first signal ends with 130 and says so in JSON, as no order was open', async () => {
  const { code, stdout } = await interrupted('SIGTERM');
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toEqual({
    error: { message: 'stopped by a signal; what was begun is stored', problems: [] },
  });
});

test('the second signal ends at once, with nothing said', async () => {
  expect(await interrupted('SIGINT', 'SIGINT')).toEqual({ code: 130, stdout: '' });
});
