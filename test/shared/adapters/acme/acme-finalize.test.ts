/** The second half of an order, from the answered challenges to the chain, against a CA that answers what the test says. */
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../shared/contract/step.ts';
import { makeChain } from '../../../fixtures/x509.ts';
import type { FakeAnswer } from './fake-ca.ts';
import { acme, lost, problem, ScriptedCa } from './scripted-ca.ts';
import { attemptAt, csrPem, problemOf, request } from './world.ts';

const ca = new ScriptedCa();
const csr = await csrPem(['a.example.com']);
const finalizing = (sent = false): Step => ({
  at: 'finalizing',
  orderUrl: ca.orderUrl,
  ...(sent ? {} : { finalizeUrl: ca.url('/finalize/1') }),
});

describe('forgetting', () => {
  test('gives back each proof of the order, so that the next one asks for it again', async () => {
    ca.on('/order/1', ca.order('valid'));
    ca.on('/authz/1', { body: {} });
    await ca.authority.forget?.(attemptAt({ at: 'issued', chainPem: '', orderUrl: ca.orderUrl }));
    const [given] = ca.fake.requests.filter(({ path }) => path === '/authz/1');
    expect(given?.payload).toEqual({ status: 'deactivated' });
  });

  test('asks nothing where there is no order', async () => {
    await ca.authority.forget?.(attemptAt({ at: 'intent' }));
    expect(ca.fake.requests).toEqual([]);
  });
});

describe('answered', () => {
  const answered = (): Step => ({ at: 'answered', orderUrl: ca.orderUrl, challenges: [ca.pending()] });
  /** From its shortest to its longest: the answer came at some time between the two. */
  const waited = async (age: number, answer: FakeAnswer) => {
    ca.on('/order/1', answer);
    const before = Date.now();
    const startedAt = new Date(before - age).toISOString();
    const next = await ca.authority.advance(attemptAt(answered(), { startedAt }), request('a.example.com'));
    const after = Date.now();
    expect(next.step).toEqual(answered());
    const until = Date.parse(next.notBefore ?? '');
    return { shortest: until - after, longest: until - before };
  };

  test.each([
    ['1 s at first', 0, {}, 1_000],
    ['a twentieth of the age', 100_000, {}, 5_000],
    ['30 s at most', 3_600_000, {}, 30_000],
    ['Retry-After where there is one', 0, { 'retry-after': '7' }, 7_000],
  ])('waits %s', async (_, age, headers, wait) => {
    const { shortest, longest } = await waited(age, { ...ca.order('pending'), headers });
    expect(longest).toBeGreaterThanOrEqual(wait);
    expect(shortest).toBeLessThan(wait + 900);
  });

  test('an order that is ready goes on, and asks nothing more', async () => {
    ca.on('/order/1', ca.order('ready'));
    expect(await ca.advance(answered())).toEqual({
      step: { at: 'ready', orderUrl: ca.orderUrl, finalizeUrl: ca.url('/finalize/1') },
    });
    expect(ca.count('/authz/1')).toBe(0);
  });

  test.each(['pending', 'ready'])('one that is %s beyond its end is lost', async (status) => {
    ca.on('/order/1', ca.order(status, { expires: '2020-01-01T00:00:00Z' }));
    expect(await problemOf(ca.advance(answered()))).toMatchObject(
      lost(`it was ${status} when it expired at 2020-01-01T00:00:00.000Z`),
    );
  });

  test('a CAA refusal is a rejection that says which line to add', async () => {
    ca.on('/order/1', ca.order('invalid'));
    const error = { type: acme('caa'), detail: 'CAA record for a.example.com prevents issuance' };
    ca.on('/authz/1', ca.failed(error));
    expect((await ca.advance(answered())).step).toMatchObject({
      at: 'rejected',
      problem: { ...error, retry: 'never', fix: expect.stringContaining('a.example.com. CAA 0 issue "ca.example"') },
    });
  });

  test('an invalid order without any reason is lost', async () => {
    ca.on('/order/1', ca.order('invalid'));
    ca.on('/authz/1', ca.authorization('expired'));
    expect(await problemOf(ca.advance(answered()))).toMatchObject(lost('gives no reason'));
  });
});

describe('finalizing', () => {
  const csrs = (): ReadonlySet<unknown> =>
    new Set(
      ca.fake.requests
        .filter(({ path }) => path === '/finalize/1')
        .map(({ payload }) => (payload as { csr: string }).csr),
    );

  test('a CSR whose answer was lost is sent again, the same, and then the order counts', async () => {
    const { chainPem } = await makeChain({ dnsNames: ['a.example.com'] });
    ca.on('/finalize/1', { instead: 'reset' }, problem('orderNotReady', 403));
    ca.on('/order/1', ca.order('valid', { certificate: ca.url('/certificate/1') }));
    ca.on('/certificate/1', { headers: { 'content-type': 'application/pem-certificate-chain' }, body: chainPem });
    expect(await problemOf(ca.advance(finalizing(), csr))).toMatchObject({
      type: 'nolapse:unreachable',
      retry: 'later',
    });
    const next = await ca.advance(finalizing(), csr);
    expect(next.step).toMatchObject({ at: 'issued', orderUrl: ca.orderUrl });
    expect([ca.count('/finalize/1'), csrs().size]).toEqual([2, 1]);
    expect([...csrs()][0]).toBe(Buffer.from(csr.replace(/-----[^-]+-----|\n/g, ''), 'base64').toString('base64url'));
  });

  test('one that was taken is asked after, never sent a second time', async () => {
    ca.on('/finalize/1', { ...ca.order('processing'), headers: { 'retry-after': '3' } });
    ca.on('/order/1', { ...ca.order('processing'), headers: { 'retry-after': '3' } });
    let { step, notBefore } = await ca.advance(finalizing(), csr);
    for (let n = 0; n < 5; n += 1) ({ step, notBefore } = await ca.advance(step, csr));
    expect(step).toEqual(finalizing(true));
    expect(Date.parse(notBefore ?? '')).toBeGreaterThan(Date.now() + 2_000);
    expect([ca.count('/finalize/1'), ca.count('/order/1')]).toEqual([1, 5]);
  });

  test('processing for ever ends with the order', async () => {
    ca.on('/order/1', ca.order('processing', { expires: '2020-01-01T00:00:00Z' }));
    expect(await problemOf(ca.advance(finalizing(true), csr))).toMatchObject(lost('it was processing when it expired'));
  });

  test('an order that is still ready is sent the CSR', async () => {
    ca.on('/order/1', ca.order('ready'));
    ca.on('/finalize/1', ca.order('processing'));
    expect((await ca.advance(finalizing(true), csr)).step).toEqual(finalizing(true));
    expect([ca.count('/finalize/1'), csrs().size]).toEqual([1, 1]);
  });

  test.each(['pending', 'ready'])(
    'a CA that finds the order not ready, which is %s, is asked again later',
    async (status) => {
      ca.on('/finalize/1', problem('orderNotReady', 403));
      ca.on('/order/1', ca.order(status));
      const next = await ca.advance(finalizing(), csr);
      expect(next.step).toEqual(finalizing());
      expect(next.notBefore).toBeDefined();
    },
  );

  test('a CSR that the CA will not have is a rejection', async () => {
    ca.on('/finalize/1', problem('badCSR', 400, 'the key is too small'));
    ca.on('/order/1', ca.order('ready'));
    expect((await ca.advance(finalizing(), csr)).step).toMatchObject({
      at: 'rejected',
      problem: { type: acme('badCSR'), detail: 'the key is too small', retry: 'never' },
    });
  });

  test('an order that fails after the CSR is a rejection with its own words', async () => {
    ca.on('/finalize/1', problem('orderNotReady', 403));
    ca.on(
      '/order/1',
      ca.order('invalid', { error: { type: acme('serverInternal'), detail: 'could not sign', status: 500 } }),
    );
    expect((await ca.advance(finalizing(), csr)).step).toMatchObject({
      at: 'rejected',
      problem: { detail: 'could not sign', retry: 'later' },
    });
  });

  test('a CA that is busy is asked again by the lane, with the same step', async () => {
    ca.on('/finalize/1', { status: 503, headers: { 'retry-after': '30' }, body: '<h1>Busy</h1>' });
    expect(await problemOf(ca.advance(finalizing(), csr))).toMatchObject({
      status: 503,
      retry: 'later',
      retryAt: expect.any(String),
    });
    expect(ca.count('/order/1')).toBe(0);
  });

  test('a certificate that is gone takes the order with it', async () => {
    ca.on('/order/1', ca.order('valid', { certificate: ca.url('/certificate/1') }));
    expect(await problemOf(ca.advance(finalizing(true), csr))).toMatchObject(lost('no such thing'));
  });

  test('without its CSR nothing is sent', async () => {
    await expect(ca.advance(finalizing())).rejects.toThrow(
      new TypeError('attempt a1: finalizing without a stored CSR'),
    );
    expect(ca.count('/finalize/1')).toBe(0);
  });
});
