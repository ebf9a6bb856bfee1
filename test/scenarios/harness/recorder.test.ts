/** The recorder against servers and processes of its own: what it keeps, what it passes on, and whom it kills when. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makePrivateCa } from './private-ca.ts';
import { type Recorder, startRecorder } from './recorder.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(url: string, options: https.RequestOptions & { readonly body?: string } = {}): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    })
      .on('error', reject)
      .end(options.body);
  });
}

const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;

describe('the recorder', () => {
  let recorder: Recorder;
  let upstream: http.Server;
  let reached: string[];

  const listener: http.RequestListener = (request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.writeHead(request.url === '/teapot' ? 418 : 200, { 'x-from': 'upstream' });
    response.end(`host ${request.headers.host}`);
  };

  const start = async (server: http.Server): Promise<void> => {
    upstream = server.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
  };

  beforeEach(async () => {
    reached = [];
    recorder = await startRecorder();
    await start(http.createServer(listener));
  });

  afterEach(async () => {
    await recorder.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  const plainFront = (server = 'aws') =>
    recorder.front({ server, protocol: 'aws', tls: false, upstream: { url: `http://127.0.0.1:${portOf(upstream)}` } });

  test('passes the client’s Host on, so that answers name the front', async () => {
    const front = await plainFront();
    expect(await ask(front)).toEqual({ status: 200, body: `host ${new URL(front).host}` });
  });

  test('numbers the requests of all its fronts in one row and keeps both bodies', async () => {
    const [a, b] = [await plainFront('a'), await plainFront('b')];
    await ask(`${a}/x?q=1`, { method: 'POST', body: 'Action=Publish' });
    const mark = recorder.mark();
    await ask(`${b}/teapot`);
    const kept = recorder.seen().map((r) => [r.n, r.server, r.method, r.path, r.query, r.status, r.kind]);
    expect(kept).toEqual([
      [1, 'a', 'POST', '/x', '?q=1', 200, 'write'],
      [2, 'b', 'GET', '/teapot', '', 418, 'write'],
    ]);
    expect(recorder.seen()[0]?.requestBody.toString()).toBe('Action=Publish');
    expect(recorder.seen()[0]?.responseBody.toString()).toContain('host 127.0.0.1');
    expect(recorder.seen(mark).map((r) => r.n)).toEqual([2]);
  });

  test('speaks TLS on both sides, each with its own root', async () => {
    const ca = await makePrivateCa('upstream');
    upstream.close();
    await start(https.createServer({ cert: ca.leaf.certPem, key: ca.leaf.keyPem }, listener));
    const url = `https://127.0.0.1:${portOf(upstream)}`;
    const front = await recorder.front({
      server: 'k',
      protocol: 'kubernetes',
      tls: true,
      upstream: { url, caPem: ca.caPem },
    });
    expect((await ask(front, { ca: recorder.caPem })).status).toBe(200);
    await expect(ask(front, { ca: ca.caPem })).rejects.toThrow(/self-signed|unable to verify/);
  });

  test('breaks the connection when the server cannot be reached, as the server would', async () => {
    const front = await recorder.front({
      server: 'a',
      protocol: 'aws',
      tls: false,
      upstream: { url: 'http://127.0.0.1:1' },
    });
    await expect(ask(front)).rejects.toThrow('socket hang up');
    expect(recorder.seen()[0]?.status).toBeUndefined();
  });

  test('sends Route 53 elsewhere by the scope of the signature', async () => {
    const other = http.createServer((_, response) => response.end('route 53')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const front = await recorder.front({
      server: 'aws',
      protocol: 'aws',
      tls: false,
      upstream: { url: `http://127.0.0.1:${portOf(upstream)}` },
      byService: { route53: { url: `http://127.0.0.1:${portOf(other)}` } },
    });
    const scope = (service: string) => `AWS4-HMAC-SHA256 Credential=a/1/us-east-1/${service}/aws4_request, Signature=`;
    expect((await ask(front, { headers: { authorization: scope('route53') } })).body).toBe('route 53');
    expect((await ask(front, { headers: { authorization: scope('sns') } })).body).toMatch(/^host/);
    other.closeAllConnections();
    other.close();
  });

  const CLIENT = `for (let i = 1; ; i++) { await (await fetch(process.argv[1] + '/' + i)).text(); }`;

  test.each([
    { when: 'before', n: 1, reaches: [] },
    { when: 'before', n: 3, reaches: ['GET /1', 'GET /2'] },
    { when: 'after', n: 3, reaches: ['GET /1', 'GET /2', 'GET /3'] },
  ] as const)('kills $when request $n: the server sees $reaches', async ({ when, n, reaches }) => {
    const front = await plainFront();
    const child = spawn(process.execPath, ['--input-type=module', '-e', CLIENT, front]);
    const gone = once(child, 'exit');
    const order = recorder.killAt({ n, pid: child.pid ?? -1, when });
    expect(await gone).toEqual([null, 'SIGKILL']);
    await expect.poll(() => reached).toEqual(reaches);
    expect(order.killed()).toMatchObject({ n, path: `/${n}` });
  });

  test('kills once the n-th answer was handed on: the server saw it, and perhaps the next', async () => {
    const front = await plainFront();
    const child = spawn(process.execPath, ['--input-type=module', '-e', CLIENT, front]);
    const gone = once(child, 'exit');
    const order = recorder.killAt({ n: 2, pid: child.pid ?? -1, when: 'answered' });
    expect(await gone).toEqual([null, 'SIGKILL']);
    expect(order.killed()).toMatchObject({ n: 2, path: '/2', status: 200 });
    expect(reached.slice(0, 2)).toEqual(['GET /1', 'GET /2']);
  });

  test('counts only what the order is about', async () => {
    const front = await plainFront();
    const child = spawn(process.execPath, ['--input-type=module', '-e', CLIENT, front]);
    const gone = once(child, 'exit');
    const of = ({ path }: { readonly path: string }): boolean => /[246]$/.test(path);
    const order = recorder.killAt({ n: 2, of, pid: child.pid ?? -1, when: 'before' });
    expect(await gone).toEqual([null, 'SIGKILL']);
    expect(order.killed()).toMatchObject({ n: 4, path: '/4' });
  });

  test('refuses connections for a server that is cut off, until it is mended', async () => {
    const [front, other] = [await plainFront('a'), await plainFront('b')];
    await recorder.cut('a', 'refused');
    await expect(ask(front)).rejects.toThrow('ECONNREFUSED');
    expect((await ask(other)).status).toBe(200);
    await recorder.mend('a');
    expect((await ask(front)).status).toBe(200);
  });

  test('takes requests for a server that is silent, and never passes them on', async () => {
    const front = await plainFront('a');
    await recorder.cut('a', 'silent');
    const asked = expect(ask(`${front}/lost`)).rejects.toThrow('socket hang up');
    await expect.poll(() => recorder.seen().map(({ path, status }) => [path, status])).toEqual([['/lost', undefined]]);
    await recorder.mend('a');
    await asked;
    expect((await ask(front)).status).toBe(200);
    expect(reached).toEqual(['GET /']);
  });

  test('knows whom it can cut off', async () => {
    await plainFront('a');
    await expect(recorder.cut('b', 'silent')).rejects.toThrow('server b: there is none');
  });

  test('kills nobody while fewer requests came', async () => {
    const front = await plainFront();
    const order = recorder.killAt({ n: 3, pid: process.pid, when: 'before' });
    await ask(front);
    await ask(front);
    expect(order.killed()).toBeUndefined();
  });
});
