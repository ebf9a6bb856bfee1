/** The first half of an order against a CA that answers what the test says: states an honest CA shows seldom, and ones it never should. */
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../shared/contract/step.ts';
import { acme, lost, problem, ScriptedCa } from './scripted-ca.ts';
import { attemptAt, csrPem, problemOf, request } from './world.ts';

const ca = new ScriptedCa();
const csr = await csrPem(['a.example.com']);

describe('intent', () => {
  test('orders the names, and the profile where one is asked for', async () => {
    ca.on('/dir', () => ({
      body: {
        newNonce: ca.url('/nonce'),
        newAccount: ca.url('/new-account'),
        newOrder: ca.url('/new-order'),
        meta: { profiles: { short: '' } },
      },
    }));
    ca.on('/new-order', () => ({ ...ca.order('pending'), status: 201, headers: { location: ca.orderUrl } }));
    const next = await ca.authority.advance(attemptAt({ at: 'intent' }), {
      ...request('a.example.com'),
      profile: 'short',
    });
    expect(next).toEqual({ step: { at: 'created', orderUrl: ca.orderUrl, expires: ca.later } });
    expect(ca.fake.requests.at(-1)?.payload).toEqual({
      identifiers: [{ type: 'dns', value: 'a.example.com' }],
      profile: 'short',
    });
  });

  test('an order for other names is not believed', async () => {
    ca.on('/new-order', () => ({
      ...ca.order('pending', { identifiers: [] }),
      status: 201,
      headers: { location: ca.orderUrl },
    }));
    expect(await problemOf(ca.advance({ at: 'intent' }))).toMatchObject({
      type: 'nolapse:strange-answer',
      retry: 'later',
    });
  });

  test('an order without a URL cannot be used', async () => {
    ca.on('/new-order', () => ({ ...ca.order('pending'), status: 201 }));
    expect((await problemOf(ca.advance({ at: 'intent' }))).detail).toBe(`${ca.url('/new-order')} named no order URL`);
  });

  test('a mail address is refused before anything is asked', async () => {
    const wish = { ...request('a.example.com'), emailAddresses: ['a@example.com'] };
    expect(await problemOf(ca.authority.advance(attemptAt({ at: 'intent' }), wish))).toMatchObject({
      type: 'nolapse:challenge-impossible',
      detail: 'ACME certifies DNS names and IP addresses only, not a@example.com',
      retry: 'never',
    });
    expect(ca.fake.requests).toEqual([]);
  });
});

describe('created', () => {
  const created = (): Step => ({ at: 'created', orderUrl: ca.orderUrl });

  test('the earliest end of order and authorizations is when the values are of use no more', async () => {
    const soon = '2098-01-01T00:00:00.000Z';
    ca.on('/order/1', ca.order('pending'));
    ca.on('/authz/1', ca.authorization('pending', { expires: soon }));
    expect((await ca.advance(created())).step).toMatchObject({
      at: 'authorizing',
      expires: soon,
      challenges: [{ url: ca.url('/challenge/1') }],
    });
  });

  test('an order that is ready needs no DNS', async () => {
    ca.on('/order/1', ca.order('ready'));
    expect((await ca.advance(created())).step).toEqual({
      at: 'ready',
      orderUrl: ca.orderUrl,
      finalizeUrl: ca.url('/finalize/1'),
    });
    expect(ca.count('/authz/1')).toBe(0);
  });

  test('authorizations that are valid already need no DNS either', async () => {
    ca.on('/order/1', ca.order('pending'));
    ca.on('/authz/1', ca.authorization('valid', { challenges: [] }));
    expect((await ca.advance(created())).step).toEqual({
      at: 'ready',
      orderUrl: ca.orderUrl,
      finalizeUrl: ca.url('/finalize/1'),
    });
  });

  test.each(['expired', 'deactivated', 'revoked'])(
    'an authorization that is %s takes the order with it',
    async (status) => {
      ca.on('/order/1', ca.order('pending'));
      ca.on('/authz/1', ca.authorization(status));
      expect(await problemOf(ca.advance(created()))).toMatchObject(
        lost(`the authorization of a.example.com is ${status}`),
      );
    },
  );

  test('an authorization that failed before is a rejection', async () => {
    ca.on('/order/1', ca.order('pending'));
    const error = { type: acme('dns'), detail: 'SERVFAIL' };
    ca.on('/authz/1', ca.failed(error));
    const problem = { ...error, detail: 'a.example.com: SERVFAIL', retry: 'later' };
    expect((await ca.advance(created())).step).toMatchObject({ at: 'rejected', problem });
  });

  test('a name without a dns-01 challenge cannot be proved', async () => {
    ca.on('/order/1', ca.order('pending'));
    ca.on(
      '/authz/1',
      ca.authorization('pending', {
        challenges: [{ type: 'http-01', url: ca.url('/c'), status: 'pending', token: 'x' }],
      }),
    );
    expect(await problemOf(ca.advance(created()))).toMatchObject({
      type: 'nolapse:challenge-impossible',
      detail: 'a.example.com: the CA offers http-01, and only dns-01 can be answered',
    });
  });

  test.each(['processing', 'valid'])('an order that is %s without a CSR of ours is lost', async (status) => {
    ca.on('/order/1', ca.order(status));
    expect(await problemOf(ca.advance(created()))).toMatchObject(lost(`it is ${status} with a CSR that is not ours`));
  });

  test('an order that is processing our CSR is waited for', async () => {
    ca.on('/order/1', ca.order('processing'));
    expect((await ca.advance(created(), csr)).step).toEqual({ at: 'finalizing', orderUrl: ca.orderUrl });
  });

  test('an order that is not there is lost', async () => {
    ca.on('/order/1', problem('malformed', 404, 'No order for ID 1'));
    expect(await problemOf(ca.advance(created()))).toMatchObject(lost('No order for ID 1'));
  });
});

describe('presented', () => {
  const presented = (n = 1): Step => ({
    at: 'presented',
    orderUrl: ca.orderUrl,
    challenges: Array.from({ length: n }, (_, i) => ca.pending(i + 1)),
  });

  test('answers every challenge and waits as the CA asks', async () => {
    for (const n of [1, 2, 3])
      ca.on(`/challenge/${n}`, { headers: { 'retry-after': String(n) }, body: { status: 'processing' } });
    const before = Date.now();
    const next = await ca.advance(presented(3));
    expect(next.step.at).toBe('answered');
    expect(Date.parse(next.notBefore ?? '') - before).toBeGreaterThanOrEqual(3_000);
    expect(ca.fake.requests.filter(({ path }) => path.startsWith('/challenge')).map(({ payload }) => payload)).toEqual([
      {},
      {},
      {},
    ]);
  });

  test('one that was answered before a crash is not answered wrongly again', async () => {
    ca.on('/challenge/1', problem('malformed', 400, 'authorization must be pending'), { body: { status: 'valid' } });
    expect((await ca.advance(presented())).step.at).toBe('answered');
  });

  test('one that the CA refuses while it still waits for it is told', async () => {
    ca.on('/challenge/1', problem('malformed', 400, 'no'), { body: { status: 'pending' } });
    expect(await problemOf(ca.advance(presented()))).toMatchObject({
      type: acme('malformed'),
      detail: 'no',
      retry: 'never',
    });
  });

  test('a failure of one is told after all were answered', async () => {
    ca.on('/challenge/1', { status: 503, body: 'busy' });
    ca.on('/challenge/2', { body: { status: 'processing' } });
    expect(await problemOf(ca.advance(presented(2)))).toMatchObject({ status: 503, retry: 'later' });
    expect(ca.count('/challenge/2')).toBe(1);
  });

  test('an authorization that expired meanwhile takes the order with it', async () => {
    ca.on('/challenge/1', problem('malformed', 404, 'Expired authorization'));
    expect(await problemOf(ca.advance(presented()))).toMatchObject(lost('Expired authorization'));
  });
});

test.each<[Step]>([
  [{ at: 'issued', chainPem: 'x' }],
  [{ at: 'rejected', problem: { type: 't', detail: 'd', retry: 'never' } }],
  [{ at: 'ready' }],
])('%j is not its turn: nothing is asked', async (step) => {
  expect(await ca.advance(step)).toEqual({ step });
  expect(ca.fake.requests).toEqual([]);
});
