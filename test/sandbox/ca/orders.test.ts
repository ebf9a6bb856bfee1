/** From newOrder to the certificate and after it (RFC 8555 §7.4-7.6): names, reuse, challenges over DNS, CSRs, chains, revocation. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AcmeAnswer, type AcmeSession, challengesOf, dns01Of, makeCsr } from './session.ts';
import { issueChain, startTestCa, type TestCa } from './world.ts';

const urn = (type: string): string => `urn:ietf:params:acme:error:${type}`;
const statuses = (order: AcmeAnswer) => order.body.status;

let ca: TestCa;
let session: AcmeSession;
beforeAll(async () => {
  ca = await startTestCa();
  session = await ca.session();
});
afterAll(() => ca.close());

/** Answers the only challenge of a new order and returns it once decided. */
async function decided(names: readonly string[], own: AcmeSession = session) {
  const order = await own.order(names);
  const [authorization] = await own.authorizations(order);
  if (!authorization) throw new TypeError('no authorization');
  const { url } = dns01Of(authorization);
  await own.post(url, {});
  for (;;) {
    const challenge = (await own.post(url)).body;
    if (challenge.status !== 'processing') return { order: await own.post(String(order.headers.location)), challenge };
  }
}

describe('newOrder', () => {
  test('offers several kinds of challenge for a name and dns-01 alone for a wildcard', async () => {
    const [wildcard, apex] = await session.authorizations(await session.order(['*.example.com', 'example.com']));
    expect(challengesOf(wildcard as AcmeAnswer).map((one) => one.type)).toEqual(['dns-01']);
    expect(wildcard?.body).toMatchObject({ wildcard: true, identifier: { type: 'dns', value: 'example.com' } });
    expect(
      challengesOf(apex as AcmeAnswer)
        .map((one) => one.type)
        .sort(),
    ).toEqual(['dns-01', 'http-01', 'tls-alpn-01']);
    expect(apex?.body).not.toHaveProperty('wildcard');
  });

  test('gives the same open order again, for the same names in any order and case', async () => {
    const first = await session.order(['a.example.com', 'b.example.com']);
    const again = await session.order(['B.example.com', 'a.example.com']);
    expect([again.status, again.headers.location]).toEqual([201, first.headers.location]);
  });

  test.each([
    ['another account', async () => (await ca.session()).order(['again.example.com'])],
    ['another profile', () => session.order(['again.example.com'], { profile: 'tlsserver' })],
    ['other names', () => session.order(['again.example.com', 'b.example.com'])],
  ])('gives a new order for %s', async (_, other) => {
    const first = await session.order(['again.example.com']);
    expect((await other()).headers.location).not.toBe(first.headers.location);
  });

  test('gives a new order once the first has failed', async () => {
    const { order } = await decided(['failed.example.com']);
    expect(statuses(order)).toBe('invalid');
    const next = await session.order(['failed.example.com']);
    expect([statuses(next), next.headers.location]).toEqual([
      'pending',
      expect.not.stringMatching(String(order.headers.location)),
    ]);
  });

  test.each([
    ['an unknown profile', { profile: 'tlsclient' }, 'invalidProfile'],
    ['a beginning', { notBefore: '2026-01-01T00:00:00Z' }, 'malformed'],
  ])('refuses %s', async (_, extra, type) => {
    expect((await session.order(['example.com'], extra)).body.type).toBe(urn(type));
  });
});

describe('a challenge', () => {
  test.each([
    [
      'no such name',
      {},
      'dns',
      'DNS problem: NXDOMAIN looking up TXT for _acme-challenge.NAME - check that a DNS record exists for this domain',
    ],
    ['another value', ['other'], 'unauthorized', 'Incorrect TXT record "other" found at _acme-challenge.NAME'],
    [
      'several others',
      ['b', 'a'],
      'unauthorized',
      'Incorrect TXT record "b" (and 1 more) found at _acme-challenge.NAME',
    ],
  ] as const)('fails with %s, and the order with it', async (what, values, type, detail) => {
    const name = `${what.replace(/ /g, '-')}.example.com`;
    if (Array.isArray(values)) await ca.present({ [name]: values });
    const { order, challenge } = await decided([name]);
    expect(challenge).toMatchObject({
      status: 'invalid',
      error: { type: urn(type), detail: detail.replace('NAME', name) },
    });
    expect(statuses(order)).toBe('invalid');
  });

  test('fails with a name outside all zones', async () => {
    const { challenge } = await decided(['www.example.org']);
    expect(challenge.error).toMatchObject({
      type: urn('dns'),
      detail: 'DNS problem: REFUSED looking up TXT for _acme-challenge.www.example.org',
    });
  });

  test('fails when one name server does not answer, and cannot be tried again', async () => {
    const half = await startTestCa();
    const lone = await startTestCa({ nameServers: [half.nameServers[0] ?? '', '127.0.0.1:1'] });
    const own = await lone.session();
    const { order, challenge } = await decided(['example.com'], own);
    expect(challenge.error).toMatchObject({ type: urn('dns') });
    const [authorization] = await own.authorizations(order);
    const again = await own.post(dns01Of(authorization as AcmeAnswer).url, {});
    expect(again.body.detail).toBe('Unable to update challenge :: authorization must be pending');
    await Promise.all([half.close(), lone.close()]);
  });

  test('fails when DNS is down', async () => {
    const dark = await startTestCa({ dnsTimeoutMs: 200 });
    await dark.fault({ kind: 'dns-down' });
    const { challenge } = await decided(['example.com'], await dark.session());
    expect(challenge.error).toMatchObject({
      type: urn('dns'),
      detail: 'DNS problem: query timed out looking up TXT for _acme-challenge.example.com',
    });
    await dark.close();
  });

  test('is found among values that only fit into an answer over TCP', async () => {
    const [authorization] = await session.authorizations(await session.order(['crowd.example.com']));
    const own = dns01Of(authorization as AcmeAnswer);
    const others = Array.from({ length: 30 }, (_, n) => String(n).padStart(43, 'v'));
    await ca.present({ 'crowd.example.com': [...others, await session.dnsValue(own.token)] });
    expect(statuses((await decided(['crowd.example.com'])).order)).toBe('ready');
  });

  test('of another kind than dns-01 is never met', async () => {
    const [authorization] = await session.authorizations(await session.order(['web.example.com']));
    const http = challengesOf(authorization as AcmeAnswer).find((one) => one.type === 'http-01');
    await session.post(String(http?.url), {});
    await expect
      .poll(async () => (await session.post(String(http?.url))).body.error)
      .toMatchObject({ type: urn('connection') });
  });

  test('that was met counts again where the CA reuses authorizations', async () => {
    for (const authzReuse of [false, true]) {
      const other = await startTestCa({ authzReuse });
      const own = await other.session();
      await issueChain(other, own, ['example.com']);
      expect(statuses(await own.order(['example.com']))).toBe(authzReuse ? 'ready' : 'pending');
      expect(statuses(await own.order(['*.example.com']))).toBe('pending');
      await other.close();
    }
  });

  test('an authorization given up makes its order invalid', async () => {
    const order = await session.order(['given-up.example.com']);
    const [url] = order.body.authorizations as string[];
    expect((await session.post(String(url), { status: 'deactivated' })).body.status).toBe('deactivated');
    expect(statuses(await session.post(String(order.headers.location)))).toBe('invalid');
  });
});

describe('finalize', () => {
  test('waits until the order is ready', async () => {
    const order = await session.order(['early.example.com']);
    const { csr } = await makeCsr(['early.example.com']);
    expect(await session.post(String(order.body.finalize), { csr })).toMatchObject({
      status: 403,
      body: { type: urn('orderNotReady'), detail: 'Order\'s status ("pending") is not acceptable for finalization' },
    });
  });

  test('answers processing with Retry-After, and only once', async () => {
    const order = await ca.readyOrder(session, ['once.example.com']);
    const { csr } = await makeCsr(['once.example.com']);
    const first = await session.post(String(order.body.finalize), { csr });
    expect([statuses(first), first.headers['retry-after']]).toEqual(['processing', '1']);
    expect((await session.post(String(order.body.finalize), { csr })).body.type).toBe(urn('orderNotReady'));
  });

  const rsa = (modulusLength: number) => ({
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  });
  const ec = (namedCurve: string) => ({ name: 'ECDSA', namedCurve, hash: 'SHA-256' });

  test.each([
    ['P-256', ec('P-256')],
    ['P-384', ec('P-384')],
    ['RSA 2048', rsa(2_048)],
  ])('signs a key of %s', async (what, algorithm) => {
    const name = `${what.toLowerCase().replace(' ', '-')}.example.com`;
    const { csr, spki } = await makeCsr([name], algorithm);
    const done = await ca.finalize(session, await ca.readyOrder(session, [name]), csr);
    const certificate = new X509Certificate((await session.post(String(done.body.certificate))).text);
    expect(certificate.publicKey.equals(createPublicKey({ key: spki, format: 'der', type: 'spki' }))).toBe(true);
  });

  test.each([
    ['Ed25519', () => makeCsr(['bad.example.com'], { name: 'Ed25519' }), /unsupported key type Ed25519$/],
    ['P-521', () => makeCsr(['bad.example.com'], ec('P-521')), /ECDSA curve P-521 not allowed$/],
    ['RSA 1024', () => makeCsr(['bad.example.com'], rsa(1_024)), /key size not supported: 1024$/],
    [
      'a name more',
      () => makeCsr(['bad.example.com', 'more.example.com']),
      /does not specify same identifiers as Order/,
    ],
    ['no name', () => makeCsr([]), /does not specify same identifiers as Order/],
    ['no CSR at all', async () => ({ csr: 'AAAA' }), /^Error parsing certificate request/],
    [
      'a broken signature',
      async () => ({ csr: broken((await makeCsr(['bad.example.com'])).csr) }),
      /invalid signature on CSR$/,
    ],
  ] as const)('refuses a CSR with %s', async (_, make, detail) => {
    const order = await ca.readyOrder(session, ['bad.example.com']);
    const { csr } = await make();
    const answer = await session.post(String(order.body.finalize), { csr });
    expect(answer.body).toMatchObject({ type: urn('badCSR'), detail: expect.stringMatching(detail) });
  });
});

/** The names in a CSR changed after it was signed. */
function broken(csr: string): string {
  const der = Buffer.from(csr, 'base64url');
  der.write('d', der.indexOf('bad.example.com'));
  return der.toString('base64url');
}

describe('a certificate', () => {
  test('has an alternate chain to another root over the same leaf', async () => {
    const done = await ca.finalize(
      session,
      await ca.readyOrder(session, ['alt.example.com']),
      (await makeCsr(['alt.example.com'])).csr,
    );
    const usual = await session.post(String(done.body.certificate));
    const [link] =
      [usual.headers.link]
        .flat()
        .join(', ')
        .match(/https:[^>]+(?=>;rel="alternate")/) ?? [];
    const other = await session.post(String(link));
    const [leaf, intermediate] = other.text.split(/(?=-----BEGIN)/);
    expect(usual.text.startsWith(String(leaf))).toBe(true);
    const root = new X509Certificate(ca.ready.alternateRootPem);
    expect(new X509Certificate(String(intermediate)).verify(root.publicKey)).toBe(true);
    expect((await (await ca.session()).post(String(done.body.certificate))).status).toBe(404);
  });

  test.each([
    ['classic', {}, 90 * 86_400, 'CN=life.example.com'],
    ['tlsserver', {}, 45 * 86_400, undefined],
    ['classic', { certificateSeconds: 60 }, 60, 'CN=life.example.com'],
  ])(
    'of profile %s %o lives as long as said, and begins a little in the past',
    async (profile, config, seconds, subject) => {
      const other = await startTestCa(config);
      const own = await other.session();
      const order = await other.readyOrder(own, ['life.example.com'], { profile });
      const done = await other.finalize(own, order, (await makeCsr(['life.example.com'])).csr);
      const leaf = new X509Certificate((await own.post(String(done.body.certificate))).text);
      expect(leaf.validToDate.getTime() - leaf.validFromDate.getTime()).toBe((seconds - 1) * 1_000);
      expect(leaf.validFromDate.getTime()).toBeLessThanOrEqual(Date.now());
      expect(leaf.validToDate.getTime()).toBeGreaterThan(Date.now() + seconds * 900);
      expect(leaf.subject).toBe(subject);
      await other.close();
    },
  );

  test('is revoked once, by its own account only, and for a reason that exists', async () => {
    const chain = await issueChain(ca, session, ['revoked.example.com']);
    const certificate = new X509Certificate(chain).raw.toString('base64url');
    const by = async (own: AcmeSession, extra: object = {}) =>
      (await own.post('/revoke', { certificate, ...extra })).body.type;
    expect(await by(await ca.session())).toBe(urn('unauthorized'));
    expect(await by(session, { reason: 7 })).toBe(urn('badRevocationReason'));
    expect(await by(session, { reason: 4 })).toBe(undefined);
    expect(await by(session)).toBe(urn('alreadyRevoked'));
  });
});
