/** Steps against a CA that answers what the test says: states that an honest CA shows seldom, and ones it should never show. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PendingChallenge, Step } from '../../../../shared/contract/step.ts';
import { makeChain } from '../../../fixtures/x509.ts';
import { type FakeAnswer, type FakeCa, startFakeCa } from './fake-ca.ts';
import { type AcmeWorld, attemptAt, csrPem, makeAcmeWorld, problemOf, request } from './world.ts';

const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;
const later = '2099-01-01T00:00:00.000Z';
let ca: FakeCa;
let world: AcmeWorld;
const url = (path: string): string => `${ca.origin}${path}`;

beforeEach(async () => {
  ca = await startFakeCa({ caaIdentities: ['ca.example'] });
  ca.on('/new-account', () => ({ status: 201, headers: { location: url('/account/1') }, body: {} }));
  world = makeAcmeWorld({ directory: ca.directory, tlsCaPem: ca.tlsCaPem });
});
afterEach(async () => {
  world.close();
  await ca.close();
});

const order = (status: string, more: object = {}): FakeAnswer => ({
  body: {
    status,
    expires: later,
    identifiers: [{ type: 'dns', value: 'a.example.com' }],
    authorizations: [url('/authz/1')],
    finalize: url('/finalize/1'),
    ...more,
  },
});
const authorization = (status: string, more: object = {}): FakeAnswer => ({
  body: {
    status,
    identifier: { type: 'dns', value: 'a.example.com' },
    challenges: [
      { type: 'dns-account-01', url: url('/challenge/0'), status: 'pending', token: 'x' },
      { type: 'dns-01', url: url('/challenge/1'), status: 'pending', token: 'token' },
    ],
    ...more,
  },
});
const problem = (type: string, status = 400, detail = 'words'): FakeAnswer => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: acme(type), detail },
});

const orderUrl = (): string => url('/order/1');
const pending = (n = 1): PendingChallenge => ({
  name: 'a.example.com',
  url: url(`/challenge/${n}`),
  txt: { zoneId: 'Z1', fqdn: '_acme-challenge.a.example.com', value: 'v' },
});
const advance = async (step: Step, csr?: string) =>
  world.authority().advance(attemptAt(step, csr === undefined ? {} : { csr }), request('a.example.com'));
const count = (path: string): number => ca.requests.filter((one) => one.path === path).length;
const finalizing = (sent = false): Step => ({
  at: 'finalizing',
  orderUrl: orderUrl(),
  ...(sent ? {} : { finalizeUrl: url('/finalize/1') }),
});
const csr = await csrPem(['a.example.com']);
const lost = (words: string) => ({
  type: 'nolapse:order-lost',
  retry: 'later',
  detail: expect.stringContaining(words),
});

describe('intent', () => {
  test('orders the names, and the profile where one is asked for', async () => {
    ca.on('/dir', () => ({
      body: {
        newNonce: url('/nonce'),
        newAccount: url('/new-account'),
        newOrder: url('/new-order'),
        meta: { profiles: { short: '' } },
      },
    }));
    ca.on('/new-order', () => ({ ...order('pending'), status: 201, headers: { location: orderUrl() } }));
    const next = await world
      .authority()
      .advance(attemptAt({ at: 'intent' }), { ...request('a.example.com'), profile: 'short' });
    expect(next).toEqual({ step: { at: 'created', orderUrl: orderUrl(), expires: later } });
    expect(ca.requests.at(-1)?.payload).toEqual({
      identifiers: [{ type: 'dns', value: 'a.example.com' }],
      profile: 'short',
    });
  });

  test('an order for other names is not believed', async () => {
    ca.on('/new-order', () => ({
      ...order('pending', { identifiers: [] }),
      status: 201,
      headers: { location: orderUrl() },
    }));
    expect(await problemOf(advance({ at: 'intent' }))).toMatchObject({
      type: 'nolapse:strange-answer',
      retry: 'later',
    });
  });

  test('an order without a URL cannot be used', async () => {
    ca.on('/new-order', () => ({ ...order('pending'), status: 201 }));
    expect((await problemOf(advance({ at: 'intent' }))).detail).toBe(`${url('/new-order')} named no order URL`);
  });

  test('a mail address is refused before anything is asked', async () => {
    const wish = { ...request('a.example.com'), emailAddresses: ['a@example.com'] };
    expect(await problemOf(world.authority().advance(attemptAt({ at: 'intent' }), wish))).toMatchObject({
      type: 'nolapse:challenge-impossible',
      detail: 'ACME certifies DNS names and IP addresses only, not a@example.com',
      retry: 'never',
    });
    expect(ca.requests).toEqual([]);
  });
});

describe('created', () => {
  const created = (): Step => ({ at: 'created', orderUrl: orderUrl() });

  test('the earliest end of order and authorizations is when the values are of use no more', async () => {
    const soon = '2098-01-01T00:00:00.000Z';
    ca.on('/order/1', order('pending'));
    ca.on('/authz/1', authorization('pending', { expires: soon }));
    expect((await advance(created())).step).toMatchObject({
      at: 'authorizing',
      expires: soon,
      challenges: [{ url: url('/challenge/1') }],
    });
  });

  test('an order that is ready needs no DNS', async () => {
    ca.on('/order/1', order('ready'));
    expect((await advance(created())).step).toEqual({
      at: 'ready',
      orderUrl: orderUrl(),
      finalizeUrl: url('/finalize/1'),
    });
    expect(count('/authz/1')).toBe(0);
  });

  test('authorizations that are valid already need no DNS either', async () => {
    ca.on('/order/1', order('pending'));
    ca.on('/authz/1', authorization('valid', { challenges: [] }));
    expect((await advance(created())).step).toEqual({
      at: 'ready',
      orderUrl: orderUrl(),
      finalizeUrl: url('/finalize/1'),
    });
  });

  test.each(['expired', 'deactivated', 'revoked'])(
    'an authorization that is %s takes the order with it',
    async (status) => {
      ca.on('/order/1', order('pending'));
      ca.on('/authz/1', authorization(status));
      expect(await problemOf(advance(created()))).toMatchObject(
        lost(`the authorization of a.example.com is ${status}`),
      );
    },
  );

  test('an authorization that failed before is a rejection', async () => {
    ca.on('/order/1', order('pending'));
    const error = { type: acme('dns'), detail: 'SERVFAIL' };
    ca.on(
      '/authz/1',
      authorization('invalid', {
        challenges: [{ type: 'dns-01', url: url('/challenge/1'), status: 'invalid', error }],
      }),
    );
    expect((await advance(created())).step).toMatchObject({ at: 'rejected', problem: { ...error, retry: 'later' } });
  });

  test('a name without a dns-01 challenge cannot be proved', async () => {
    ca.on('/order/1', order('pending'));
    ca.on(
      '/authz/1',
      authorization('pending', { challenges: [{ type: 'http-01', url: url('/c'), status: 'pending', token: 'x' }] }),
    );
    expect(await problemOf(advance(created()))).toMatchObject({
      type: 'nolapse:challenge-impossible',
      detail: 'a.example.com: the CA offers http-01, and only dns-01 can be answered',
    });
  });

  test.each(['processing', 'valid'])('an order that is %s without a CSR of ours is lost', async (status) => {
    ca.on('/order/1', order(status));
    expect(await problemOf(advance(created()))).toMatchObject(lost(`it is ${status} with a CSR that is not ours`));
  });

  test('an order that is processing our CSR is waited for', async () => {
    ca.on('/order/1', order('processing'));
    expect((await advance(created(), csr)).step).toEqual({ at: 'finalizing', orderUrl: orderUrl() });
  });

  test('an order that is not there is lost', async () => {
    ca.on('/order/1', problem('malformed', 404, 'No order for ID 1'));
    expect(await problemOf(advance(created()))).toMatchObject(lost('No order for ID 1'));
  });
});

describe('presented', () => {
  const presented = (n = 1): Step => ({
    at: 'presented',
    orderUrl: orderUrl(),
    challenges: Array.from({ length: n }, (_, i) => pending(i + 1)),
  });

  test('answers every challenge and waits as the CA asks', async () => {
    for (const n of [1, 2, 3])
      ca.on(`/challenge/${n}`, { headers: { 'retry-after': String(n) }, body: { status: 'processing' } });
    const before = Date.now();
    const next = await advance(presented(3));
    expect(next.step.at).toBe('answered');
    expect(Date.parse(next.notBefore ?? '') - before).toBeGreaterThanOrEqual(3_000);
    expect(ca.requests.filter(({ path }) => path.startsWith('/challenge')).map(({ payload }) => payload)).toEqual([
      {},
      {},
      {},
    ]);
  });

  test('one that was answered before a crash is not answered wrongly again', async () => {
    ca.on('/challenge/1', problem('malformed', 400, 'authorization must be pending'), { body: { status: 'valid' } });
    expect((await advance(presented())).step.at).toBe('answered');
  });

  test('one that the CA refuses while it still waits for it is told', async () => {
    ca.on('/challenge/1', problem('malformed', 400, 'no'), { body: { status: 'pending' } });
    expect(await problemOf(advance(presented()))).toMatchObject({
      type: acme('malformed'),
      detail: 'no',
      retry: 'never',
    });
  });

  test('a failure of one is told after all were answered', async () => {
    ca.on('/challenge/1', { status: 503, body: 'busy' });
    ca.on('/challenge/2', { body: { status: 'processing' } });
    expect(await problemOf(advance(presented(2)))).toMatchObject({ status: 503, retry: 'later' });
    expect(count('/challenge/2')).toBe(1);
  });

  test('an authorization that expired meanwhile takes the order with it', async () => {
    ca.on('/challenge/1', problem('malformed', 404, 'Expired authorization'));
    expect(await problemOf(advance(presented()))).toMatchObject(lost('Expired authorization'));
  });
});

describe('answered', () => {
  const answered = (): Step => ({ at: 'answered', orderUrl: orderUrl(), challenges: [pending()] });
  const waited = async (startedAt: string, answer: FakeAnswer): Promise<number> => {
    ca.on('/order/1', answer);
    const before = Date.now();
    const next = await world.authority().advance(attemptAt(answered(), { startedAt }), request('a.example.com'));
    expect(next.step).toEqual(answered());
    return Date.parse(next.notBefore ?? '') - before;
  };

  test.each([
    ['1 s at first', 0, {}, 1_000],
    ['a twentieth of the age', 100_000, {}, 5_000],
    ['30 s at most', 3_600_000, {}, 30_000],
    ['Retry-After where there is one', 0, { 'retry-after': '7' }, 7_000],
  ])('waits %s', async (_, age, headers, wait) => {
    const ms = await waited(new Date(Date.now() - age).toISOString(), { ...order('pending'), headers });
    expect(ms).toBeGreaterThanOrEqual(wait);
    expect(ms).toBeLessThan(wait + 900);
  });

  test('an order that is ready goes on, and asks nothing more', async () => {
    ca.on('/order/1', order('ready'));
    expect(await advance(answered())).toEqual({
      step: { at: 'ready', orderUrl: orderUrl(), finalizeUrl: url('/finalize/1') },
    });
    expect(count('/authz/1')).toBe(0);
  });

  test.each(['pending', 'ready'])('one that is %s beyond its end is lost', async (status) => {
    ca.on('/order/1', order(status, { expires: '2020-01-01T00:00:00Z' }));
    expect(await problemOf(advance(answered()))).toMatchObject(
      lost(`it was ${status} when it expired at 2020-01-01T00:00:00.000Z`),
    );
  });

  test('a CAA refusal is a rejection that says which line to add', async () => {
    ca.on('/order/1', order('invalid'));
    const error = { type: acme('caa'), detail: 'CAA record for a.example.com prevents issuance' };
    ca.on(
      '/authz/1',
      authorization('invalid', {
        challenges: [{ type: 'dns-01', url: url('/challenge/1'), status: 'invalid', error }],
      }),
    );
    expect((await advance(answered())).step).toMatchObject({
      at: 'rejected',
      problem: { ...error, retry: 'never', fix: expect.stringContaining('a.example.com. CAA 0 issue "ca.example"') },
    });
  });

  test('an invalid order without any reason is lost', async () => {
    ca.on('/order/1', order('invalid'));
    ca.on('/authz/1', authorization('expired'));
    expect(await problemOf(advance(answered()))).toMatchObject(lost('gives no reason'));
  });
});

describe('finalizing', () => {
  const csrs = (): ReadonlySet<unknown> =>
    new Set(
      ca.requests.filter(({ path }) => path === '/finalize/1').map(({ payload }) => (payload as { csr: string }).csr),
    );

  test('a CSR whose answer was lost is sent again, the same, and then the order counts', async () => {
    const { chainPem } = await makeChain({ dnsNames: ['a.example.com'] });
    ca.on('/finalize/1', { instead: 'reset' }, problem('orderNotReady', 403));
    ca.on('/order/1', order('valid', { certificate: url('/certificate/1') }));
    ca.on('/certificate/1', { headers: { 'content-type': 'application/pem-certificate-chain' }, body: chainPem });
    expect(await problemOf(advance(finalizing(), csr))).toMatchObject({ type: 'nolapse:unreachable', retry: 'later' });
    const next = await advance(finalizing(), csr);
    expect(next.step).toMatchObject({ at: 'issued', orderUrl: orderUrl() });
    expect([count('/finalize/1'), csrs().size]).toEqual([2, 1]);
    expect([...csrs()][0]).toBe(Buffer.from(csr.replace(/-----[^-]+-----|\n/g, ''), 'base64').toString('base64url'));
  });

  test('one that was taken is asked after, never sent a second time', async () => {
    ca.on('/finalize/1', { ...order('processing'), headers: { 'retry-after': '3' } });
    ca.on('/order/1', { ...order('processing'), headers: { 'retry-after': '3' } });
    let { step, notBefore } = await advance(finalizing(), csr);
    for (let n = 0; n < 5; n += 1) ({ step, notBefore } = await advance(step, csr));
    expect(step).toEqual(finalizing(true));
    expect(Date.parse(notBefore ?? '')).toBeGreaterThan(Date.now() + 2_000);
    expect([count('/finalize/1'), count('/order/1')]).toEqual([1, 5]);
  });

  test('processing for ever ends with the order', async () => {
    ca.on('/order/1', order('processing', { expires: '2020-01-01T00:00:00Z' }));
    expect(await problemOf(advance(finalizing(true), csr))).toMatchObject(lost('it was processing when it expired'));
  });

  test('an order that is still ready is sent the CSR', async () => {
    ca.on('/order/1', order('ready'));
    ca.on('/finalize/1', order('processing'));
    expect((await advance(finalizing(true), csr)).step).toEqual(finalizing(true));
    expect([count('/finalize/1'), csrs().size]).toEqual([1, 1]);
  });

  test.each(['pending', 'ready'])(
    'a CA that finds the order not ready, which is %s, is asked again later',
    async (status) => {
      ca.on('/finalize/1', problem('orderNotReady', 403));
      ca.on('/order/1', order(status));
      const next = await advance(finalizing(), csr);
      expect(next.step).toEqual(finalizing());
      expect(next.notBefore).toBeDefined();
    },
  );

  test('a CSR that the CA will not have is a rejection', async () => {
    ca.on('/finalize/1', problem('badCSR', 400, 'the key is too small'));
    ca.on('/order/1', order('ready'));
    expect((await advance(finalizing(), csr)).step).toMatchObject({
      at: 'rejected',
      problem: { type: acme('badCSR'), detail: 'the key is too small', retry: 'never' },
    });
  });

  test('an order that fails after the CSR is a rejection with its own words', async () => {
    ca.on('/finalize/1', problem('orderNotReady', 403));
    ca.on(
      '/order/1',
      order('invalid', { error: { type: acme('serverInternal'), detail: 'could not sign', status: 500 } }),
    );
    expect((await advance(finalizing(), csr)).step).toMatchObject({
      at: 'rejected',
      problem: { detail: 'could not sign', retry: 'later' },
    });
  });

  test('a CA that is busy is asked again by the lane, with the same step', async () => {
    ca.on('/finalize/1', { status: 503, headers: { 'retry-after': '30' }, body: '<h1>Busy</h1>' });
    expect(await problemOf(advance(finalizing(), csr))).toMatchObject({
      status: 503,
      retry: 'later',
      retryAt: expect.any(String),
    });
    expect(count('/order/1')).toBe(0);
  });

  test('a certificate that is gone takes the order with it', async () => {
    ca.on('/order/1', order('valid', { certificate: url('/certificate/1') }));
    expect(await problemOf(advance(finalizing(true), csr))).toMatchObject(lost('no such thing'));
  });

  test('without its CSR nothing is sent', async () => {
    await expect(advance(finalizing())).rejects.toThrow(new TypeError('attempt a1: finalizing without a stored CSR'));
    expect(count('/finalize/1')).toBe(0);
  });
});

test.each<[Step]>([
  [{ at: 'issued', chainPem: 'x' }],
  [{ at: 'rejected', problem: { type: 't', detail: 'd', retry: 'never' } }],
  [{ at: 'ready' }],
])('%j is not its turn: nothing is asked', async (step) => {
  expect(await advance(step)).toEqual({ step });
  expect(ca.requests).toEqual([]);
});
