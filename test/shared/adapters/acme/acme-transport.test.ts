/** The HTTP layer under every fault a CA or a network can give it. */
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AcmeTransport, type TransportOptions } from '../../../../shared/adapters/acme/acme-transport.ts';
import { type Problem, ProblemError } from '../../../../shared/contract/problem.ts';
import { type FakeCa, startFakeCa } from './fake-ca.ts';

const now = new Date('2026-11-24T09:00:00.000Z');
const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;
let ca: FakeCa;
const open: AcmeTransport[] = [];

beforeEach(async () => {
  ca = await startFakeCa();
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await ca.close();
});

function transport(options: Partial<TransportOptions> = {}): AcmeTransport {
  const made = new AcmeTransport({ clock: { now: () => now }, version: '1.2.3', caBundle: ca.tlsCaPem, ...options });
  open.push(made);
  return made;
}

const from = () => ({ newNonce: `${ca.origin}/nonce`, caaIdentities: ['ca.example'] });
const sign = (nonce: string): object => ({
  protected: Buffer.from(JSON.stringify({ nonce })).toString('base64url'),
  payload: '',
});
const post = (by: AcmeTransport, path = '/x') => by.post(`${ca.origin}${path}`, sign, from());
const count = (path: string): number => ca.requests.filter((one) => one.path === path).length;

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProblemError) return error.problem;
  throw new Error(`no ProblemError: ${String(error)}`);
}

describe('what is sent', () => {
  test('is counted, each try of it, before it is sent', async () => {
    const seen: number[] = [];
    ca.on('/x', {});
    await post(transport({ asked: () => void seen.push(ca.requests.length) }));
    expect(seen).toEqual([0, 1]);
    expect(ca.requests).toHaveLength(2);
  });

  test('says who asks, and signed bodies as JOSE', async () => {
    ca.on('/x', {});
    await post(transport());
    const [nonce, asked] = ca.requests;
    expect(nonce).toMatchObject({ method: 'HEAD', path: '/nonce', headers: { 'user-agent': 'nolapse/1.2.3' } });
    expect(asked).toMatchObject({
      method: 'POST',
      headers: { 'user-agent': 'nolapse/1.2.3', 'content-type': 'application/jose+json' },
    });
  });

  test('one nonce is fetched, then every answer gives the next', async () => {
    ca.on('/x', {});
    const by = transport();
    for (let n = 0; n < 10; n += 1) await post(by);
    expect([count('/nonce'), count('/x')]).toEqual([1, 10]);
  });

  test('at most eight are in flight, and so at most eight nonces fetched', async () => {
    ca.on('/x', {});
    const by = transport();
    await Promise.all(Array.from({ length: 60 }, () => post(by)));
    expect(ca.peak()).toBeLessThanOrEqual(8);
    expect(count('/nonce')).toBeLessThanOrEqual(8);
    expect(count('/x')).toBe(60);
  });
});

describe('nonces that are refused', () => {
  const refused = { status: 400, body: { type: acme('badNonce'), detail: 'old' } };

  test.each([1, 5])('%d in a row cost that many requests and no more', async (times) => {
    ca.on('/x', ...Array.from({ length: times }, () => refused), {});
    await post(transport());
    expect([count('/nonce'), count('/x')]).toEqual([1, times + 1]);
  });

  test('a storm ends after five with the refusal itself', async () => {
    ca.on('/x', refused);
    expect(await problemOf(post(transport()))).toMatchObject({ type: acme('badNonce'), detail: 'old', retry: 'later' });
    expect([count('/nonce'), count('/x')]).toEqual([1, 6]);
  });

  test('a refusal without a new nonce costs one more', async () => {
    ca.on('/x', { ...refused, noNonce: true }, {});
    await post(transport());
    expect(count('/nonce')).toBe(2);
  });

  test('a CA that gives none is told so', async () => {
    ca.on('/nonce', { noNonce: true });
    expect(await problemOf(post(transport()))).toEqual({
      type: 'nolapse:strange-answer',
      detail: `${ca.origin}/nonce gave no Replay-Nonce`,
      status: 200,
      retry: 'later',
    });
  });
});

describe('refusals', () => {
  test('a 429 with hours of Retry-After is told at once, once', async () => {
    const body = { type: acme('rateLimited'), detail: 'too many new orders' };
    ca.on('/x', { status: 429, headers: { 'retry-after': '21600' }, body });
    const before = performance.now();
    expect(await problemOf(post(transport()))).toMatchObject({
      status: 429,
      retryAt: '2026-11-24T15:00:00.000Z',
      retry: 'later',
    });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(count('/x')).toBe(1);
  });

  test('a page of a proxy is told by its status', async () => {
    ca.on('/x', { status: 503, headers: { 'retry-after': '60', 'content-type': 'text/html' }, body: '<h1>Down</h1>' });
    expect(await problemOf(post(transport()))).toMatchObject({
      status: 503,
      detail: 'the CA answered HTTP 503 without a problem document: Down',
      retryAt: '2026-11-24T09:01:00.000Z',
    });
  });

  test("the fix of a CAA refusal names the CA's own identity", async () => {
    ca.on('/x', { status: 403, body: { type: acme('caa'), detail: 'CAA record for a.example.com prevents issuance' } });
    expect((await problemOf(post(transport()))).fix).toContain('a.example.com. CAA 0 issue "ca.example"');
  });

  test('a redirect is not followed', async () => {
    ca.on('/x', { status: 302, headers: { location: 'https://169.254.169.254/' } });
    const problem = await problemOf(post(transport()));
    expect(problem).toMatchObject({ type: 'nolapse:redirected', status: 302, retry: 'never' });
    expect(problem.detail).toContain('https://169.254.169.254/');
  });
});

describe('networks', () => {
  const unreachable = (detail: RegExp) => ({
    type: 'nolapse:unreachable',
    retry: 'later',
    detail: expect.stringMatching(detail),
  });

  test('a connection that is reset is not asked a second time', async () => {
    ca.on('/x', { instead: 'reset' });
    expect(await problemOf(post(transport()))).toMatchObject(unreachable(/the connection was reset/));
    expect(count('/x')).toBe(1);
  });

  test('a refused connection says so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    expect(await problemOf(transport().get(`https://127.0.0.1:${port}/dir`))).toMatchObject(
      unreachable(/the connection was refused/),
    );
  });

  test('a root that is not trusted says so, and where to put it', async () => {
    const other = await startFakeCa();
    try {
      const by = new AcmeTransport({ clock: { now: () => now }, version: '1' });
      open.push(by);
      const problem = await problemOf(by.get(other.directory));
      expect(problem).toMatchObject(unreachable(/TLS certificate/));
      expect(problem.fix).toContain('caBundle');
    } finally {
      await other.close();
    }
  });

  test('silence ends with the time-out', async () => {
    ca.on('/x', { instead: 'silence' });
    expect(await problemOf(post(transport({ timeoutMs: 150 })))).toMatchObject(
      unreachable(/did not answer within 0.15 s/),
    );
  });

  test('a body beyond one megabyte is not read', async () => {
    ca.on('/x', { body: 'x'.repeat(3_000_000) });
    expect(await problemOf(post(transport()))).toMatchObject({
      type: 'nolapse:answer-too-large',
      detail: `the answer of ${ca.origin}/x has more than 1048576 bytes`,
    });
  });

  test.each(['http://127.0.0.1:1/dir', 'http://localhost/dir'])(
    '%s is refused before anything is sent',
    async (url) => {
      expect(await problemOf(transport().get(url))).toMatchObject({ type: 'nolapse:not-https', retry: 'never' });
    },
  );
});
