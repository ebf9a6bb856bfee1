/** What the CA does wrong on demand, each fault as often as it was told, and the log of what it was asked. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCsr } from './session.ts';
import { issueChain, startTestCa, type TestCa } from './world.ts';

const urn = (type: string): string => `urn:ietf:params:acme:error:${type}`;

let ca: TestCa;
beforeEach(async () => {
  ca = await startTestCa();
});
afterEach(() => ca.close());

test('a limit strikes the one name it is for, as often as told, with Retry-After', async () => {
  const session = await ca.session();
  await ca.fault({ kind: 'rate-limited', name: 'a.example.com', retryAfter: 77, count: 1 });
  expect((await session.order(['b.example.com'])).status).toBe(201);
  const limited = await session.order(['a.example.com']);
  expect(limited).toMatchObject({ status: 429, body: { type: urn('rateLimited') } });
  expect([limited.headers['retry-after'], limited.body.detail]).toEqual(['77', expect.stringContaining('retry after')]);
  expect((await session.order(['a.example.com'])).status).toBe(201);
});

test('the CA is down for one kind of request', async () => {
  const session = await ca.session();
  await ca.fault({ kind: 'unavailable', request: 'newOrder', retryAfter: 5, count: 1 });
  expect((await session.get('/dir')).status).toBe(200);
  const down = await session.order(['a.example.com']);
  expect([down.status, down.headers['retry-after']]).toEqual([503, '5']);
  expect((await session.order(['a.example.com'])).status).toBe(201);
});

test('an order stays processing until the faults are cleared, and the next one does not', async () => {
  const session = await ca.session();
  await ca.fault({ kind: 'stay-processing', count: 1 });
  const stuck = await ca.readyOrder(session, ['a.example.com']);
  const { csr } = await makeCsr(['a.example.com']);
  expect((await session.post(String(stuck.body.finalize), { csr })).body.status).toBe('processing');
  await issueChain(ca, session, ['b.example.com']);
  const still = await session.post(String(stuck.headers.location));
  expect([still.body.status, still.headers['retry-after']]).toEqual(['processing', '1']);
  await ca.calm();
  await expect.poll(async () => (await session.post(String(stuck.headers.location))).body.status).toBe('valid');
});

test('an authorization fails for one name though DNS has its value', async () => {
  const session = await ca.session();
  await ca.fault({ kind: 'invalid-authorization', name: '*.a.example.com', count: 1 });
  const order = await ca.readyOrder(session, ['*.a.example.com', 'a.example.com']);
  const [wildcard, apex] = await session.authorizations(order);
  expect([order.body.status, wildcard?.body.status, apex?.body.status]).toEqual(['invalid', 'invalid', 'valid']);
});

test('a certificate holds another key, or lacks a name, or bears one nobody asked for', async () => {
  const session = await ca.session();
  await ca.fault({ kind: 'wrong-key', name: 'a.example.com' });
  await ca.fault({ kind: 'missing-name', name: 'b.example.com' });
  const order = await ca.readyOrder(session, ['a.example.com']);
  const { csr, spki } = await makeCsr(['a.example.com']);
  const done = await ca.finalize(session, order, csr);
  const leaf = new X509Certificate((await session.post(String(done.body.certificate))).text);
  expect(leaf.publicKey.equals(createPublicKey({ key: spki, format: 'der', type: 'spki' }))).toBe(false);
  const short = await issueChain(ca, session, ['b.example.com', 'c.example.com']);
  expect(new X509Certificate(short).subjectAltName).toBe('DNS:b.example.com');
  const other = await issueChain(ca, session, ['b.example.com']);
  expect(new X509Certificate(other).subjectAltName).toBe('DNS:other.invalid');
});

test('an order is gone, and the same names get a new one', async () => {
  const session = await ca.session();
  const order = await session.order(['a.example.com']);
  await ca.fault({ kind: 'order-expired', count: 1 });
  expect((await session.post(String(order.headers.location))).status).toBe(404);
  const next = await session.order(['a.example.com']);
  expect(next.headers.location).not.toBe(order.headers.location);
});

test('the log tells every request with the names it is about', async () => {
  const session = await ca.session();
  await issueChain(ca, session, ['a.example.com']);
  const all = await ca.requests();
  const asked = all.filter((one) => one.kind !== 'newNonce');
  const names = ['a.example.com'];
  expect(asked.slice(0, 4)).toMatchObject([
    { kind: 'newAccount' },
    { kind: 'newOrder', names },
    { kind: 'authz', names },
    { kind: 'challenge', names },
  ]);
  expect(asked.find((one) => one.kind === 'finalize')).toMatchObject({ names });
  expect(asked.at(-1)?.kind).toBe('certificate');
});
