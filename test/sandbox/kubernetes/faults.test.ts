/** What a cluster does wrong on demand: each fault as often as it was told, where it was told, and then all is well again. */
import * as https from 'node:https';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startKubernetes } from '../../../sandbox/kubernetes/server.ts';
import { CONFIG } from './world.ts';

const SECRETS = '/api/v1/secrets';
const PATIENCE = { patienceMs: 300 };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

let cluster: Awaited<ReturnType<typeof startKubernetes>>;

interface Options {
  readonly method?: string;
  readonly body?: object;
  /** How long to wait for the answer; absent = for ever. */
  readonly patienceMs?: number;
}

function ask(path: string, options: Options = {}): Promise<Answer> {
  const { server, caPem } = cluster.ready;
  const { method = 'GET', body, patienceMs } = options;
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer admin-token', 'content-type': 'application/json' };
    const request = https.request(new URL(path, server), { method, headers, ca: caPem, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    if (patienceMs) request.setTimeout(patienceMs, () => request.destroy(new Error('no answer')));
    request.on('error', reject).end(body ? JSON.stringify(body) : undefined);
  });
}

const fault = async (body: object): Promise<void> => {
  expect((await ask('/_sandbox/faults', { method: 'POST', body })).status).toBe(200);
};

const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' } });

beforeEach(async () => {
  cluster = await startKubernetes({ ...CONFIG, objects: ['a', 'b', 'c'].map(secret) });
});
afterEach(() => cluster.close());

test.each([
  ['429', { retryAfter: 7 }, { status: 429, headers: expect.objectContaining({ 'retry-after': '7' }) }],
  ['500', {}, { status: 500, text: expect.stringContaining('"reason":"InternalError"') }],
  ['503', {}, { status: 503, text: 'service unavailable\n' }],
  ['401', {}, { status: 401, text: expect.stringContaining('"reason":"Unauthorized"') }],
])('%s strikes once, and only where it is meant to', async (kind, more, answer) => {
  await fault({ kind, path: SECRETS, count: 1, ...more });
  expect((await ask('/api/v1/namespaces')).status).toBe(200);
  expect(await ask(SECRETS)).toMatchObject(answer);
  expect((await ask(SECRETS)).status).toBe(200);
});

test.each([
  ['down', 'socket hang up', {}],
  ['silent', 'no answer', PATIENCE],
])('%s breaks the request off', async (kind, message, patience) => {
  await fault({ kind, count: 1 });
  await expect(ask(SECRETS, patience)).rejects.toThrow(message);
  expect((await ask(SECRETS)).status).toBe(200);
});

test('a list that goes on is refused with 410, and one from the start is answered', async () => {
  await fault({ kind: '410', count: 1 });
  const { text } = await ask(`${SECRETS}?limit=2`);
  const { metadata } = JSON.parse(text) as { metadata: { continue: string } };
  const next = `${SECRETS}?limit=2&continue=${encodeURIComponent(metadata.continue)}`;
  expect(await ask(next)).toMatchObject({ status: 410, text: expect.stringContaining('"reason":"Expired"') });
  expect((await ask(next)).status).toBe(200);
});

test('slow answers late', async () => {
  await fault({ kind: 'slow', ms: 2_000, count: 1 });
  await expect(ask(SECRETS, PATIENCE)).rejects.toThrow('no answer');
  expect((await ask(SECRETS)).status).toBe(200);
});

test('a fault of no known kind is refused', async () => {
  expect(await ask('/_sandbox/faults', { method: 'POST', body: { kind: 'tired' } })).toMatchObject({
    status: 400,
    text: expect.stringContaining('429, 410, 500, 503'),
  });
});

test('the log tells when, who, what and how it was answered', async () => {
  await fault({ kind: '503', count: 1 });
  await ask(SECRETS);
  await ask(SECRETS);
  const seen = JSON.parse((await ask('/_sandbox/requests')).text) as readonly { readonly at: number }[];
  expect(seen).toMatchObject([
    { n: 1, kind: 'secrets', verb: 'list', status: 503 },
    { n: 2, kind: 'secrets', verb: 'list', status: 200, user: 'admin' },
  ]);
  expect(seen[1]?.at).toBeGreaterThanOrEqual(seen[0]?.at ?? Number.NaN);
});
