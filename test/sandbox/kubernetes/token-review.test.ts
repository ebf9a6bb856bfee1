/** Tokens that an API server of the sandbox asks a webhook about. */
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKubernetes } from '../../../sandbox/kubernetes/server.ts';
import { CONFIG } from './world.ts';

let kubernetes: Awaited<ReturnType<typeof startKubernetes>>;
/** Says of the token `k8s-aws-v1.good` that it is an administrator's. */
const webhook = createServer(async (asked, answer) => {
  let text = '';
  for await (const chunk of asked) text += chunk;
  const isGood = (JSON.parse(text) as { spec: { token: string } }).spec.token === 'k8s-aws-v1.good';
  const user = { username: 'by webhook', groups: ['system:masters'] };
  answer.end(JSON.stringify({ status: isGood ? { authenticated: true, user } : { authenticated: false } }));
});

const ask = (token: string, path = '/api/v1/secrets', body?: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const { server, caPem } = kubernetes.ready;
    const headers = { authorization: `Bearer ${token}` };
    const method = body ? 'POST' : 'GET';
    request(`${server}${path}`, { method, ca: caPem, headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    })
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });

beforeAll(async () => {
  kubernetes = await startKubernetes(CONFIG);
  await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  await kubernetes.close();
  webhook.closeAllConnections();
  webhook.close();
});

test('are unknown until the server is told of one, and its own tokens stay known', async () => {
  expect(await ask('k8s-aws-v1.good')).toBe(401);
  const { port } = webhook.address() as AddressInfo;
  expect(await ask('', '/_sandbox/token-review', { url: `http://127.0.0.1:${port}` })).toBe(200);
  expect(await ask('k8s-aws-v1.good')).toBe(200);
  expect(await ask('k8s-aws-v1.bad')).toBe(401);
  expect(await ask('admin-token')).toBe(200);
});
