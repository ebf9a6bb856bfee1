/** How the CA takes requests: who may sign what and how (RFC 8555 §6), accounts, external account bindings. */
import { FlattenedSign } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AcmeSession, accountKey, type KeyPair, type Wrong } from './session.ts';
import { startTestCa, type TestCa } from './world.ts';

const EAB_KEY = Buffer.alloc(32, 7).toString('base64url');
const urn = (type: string): string => `urn:ietf:params:acme:error:${type}`;

let ca: TestCa;
let session: AcmeSession;
beforeAll(async () => {
  ca = await startTestCa({ requireEab: false, eabKeys: { 'kid-1': EAB_KEY } });
  session = await ca.session();
});
afterAll(() => ca.close());

async function binding(key: KeyPair, url: string, { kid = 'kid-1', secret = EAB_KEY } = {}): Promise<object> {
  return new FlattenedSign(new TextEncoder().encode(JSON.stringify(key.jwk)))
    .setProtectedHeader({ alg: 'HS256', kid, url } as never)
    .sign(Buffer.from(secret, 'base64url'));
}

describe('the directory', () => {
  test('names its resources by the host that was asked, and its profiles', async () => {
    const { body, headers } = await session.get('/dir');
    const { origin } = session;
    expect(body).toMatchObject({
      newNonce: `${origin}/nonce`,
      newAccount: `${origin}/account`,
      newOrder: `${origin}/order`,
      revokeCert: `${origin}/revoke`,
      meta: {
        termsOfService: 'https://sandbox-ca.test/terms',
        caaIdentities: ['sandbox-ca.test'],
        externalAccountRequired: false,
        profiles: { classic: '90 days', tlsserver: '45 days, no common name', shortlived: '160 hours' },
      },
    });
    expect(headers.link).toBe(`<${origin}/dir>;rel="index"`);
  });

  test('nonces come by HEAD with 200 and by GET with 204, each another', async () => {
    const answers = [await session.get('/nonce', 'HEAD'), await session.get('/nonce')];
    expect(answers.map((one) => one.status)).toEqual([200, 204]);
    expect(new Set(answers.map((one) => one.headers['replay-nonce'])).size).toBe(2);
  });
});

describe('a request is refused', () => {
  const cases: readonly [string, string, Wrong, number, string, RegExp][] = [
    ['without nonce', '/order', { header: { nonce: undefined } }, 400, 'badNonce', /"undefined"$/],
    ['with an invented nonce', '/order', { header: { nonce: 'made-up' } }, 400, 'badNonce', /"made-up"$/],
    ['for another URL', '/order', { header: { url: 'https://other.test/order' } }, 400, 'malformed', /url.*incorrect/],
    [
      'with both keys',
      '/order',
      { header: { jwk: { kty: 'EC' } } },
      400,
      'malformed',
      /^JWS header must have exactly one/,
    ],
    [
      'with neither key',
      '/order',
      { header: { kid: undefined } },
      400,
      'malformed',
      /^JWS header must have exactly one/,
    ],
    ['as JSON', '/order', { contentType: 'application/json' }, 415, 'malformed', /Content-Type/],
    ['with PUT for a resource', '/order', { method: 'PUT' }, 405, 'malformed', /^Method not allowed$/],
    ['for a page that is none', '/nowhere', {}, 404, 'malformed', /^Page not found$/],
    ['with the URL of an account to register', '/account', {}, 400, 'malformed', /^No embedded JWK/],
  ];
  test.each(cases)('%s', async (_, path, wrong, status, type, detail) => {
    const answer = await session.post(path, {}, wrong);
    expect(answer).toMatchObject({ status, body: { type: urn(type), detail: expect.stringMatching(detail), status } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('from an account that does not exist', async () => {
    const kid = `${session.origin}/account/nobody`;
    const answer = await session.post('/order', {}, { header: { kid } });
    expect(answer.body).toMatchObject({ type: urn('accountDoesNotExist'), detail: 'Account "nobody" not found' });
  });

  test('signed by another key than its account’s', async () => {
    const stranger = new AcmeSession({ ...ca.ready, key: await accountKey() });
    stranger.kid = session.kid;
    expect((await stranger.order(['example.com'])).body).toMatchObject({ detail: 'JWS verification error' });
  });

  test('when its nonce is used again', async () => {
    const header = { nonce: await session.nonce() };
    expect((await session.order(['example.com'])).status).toBe(201);
    expect((await session.post(String(session.kid), undefined, { header })).status).toBe(200);
    const again = await session.post(String(session.kid), undefined, { header });
    expect(again.body.type).toBe(urn('badNonce'));
    expect(again.headers['replay-nonce']).toEqual(expect.any(String));
  });
});

describe('accounts', () => {
  test.each(['RS256', 'ES256', 'ES384', 'ES512'])('sign with %s', async (alg) => {
    const own = await AcmeSession.open({ ...ca.ready, key: await accountKey(alg) });
    expect((await own.order(['example.com'])).status).toBe(201);
  });

  test('do not sign with Ed25519: the answer tells what is taken', async () => {
    const own = new AcmeSession({ ...ca.ready, key: await accountKey('EdDSA') });
    expect((await own.register()).body).toMatchObject({
      type: urn('badSignatureAlgorithm'),
      algorithms: ['RS256', 'ES256', 'ES384', 'ES512'],
    });
  });

  test('are found again by their key', async () => {
    const own = await ca.session({ contact: ['mailto:a@example.com'] });
    const kid = own.kid;
    expect((await own.register({ onlyReturnExisting: true })).status).toBe(200);
    const again = await own.register();
    expect([again.status, own.kid, again.body.contact]).toEqual([200, kid, ['mailto:a@example.com']]);
  });

  test.each([
    ['that is only looked for', { onlyReturnExisting: true }, 400, 'accountDoesNotExist'],
    ['without the terms', { termsOfServiceAgreed: false }, 400, 'malformed'],
    ['with a contact that is no mail address', { contact: ['tel:1'] }, 400, 'invalidContact'],
  ])('a new one %s is refused', async (_, registration, status, type) => {
    const own = new AcmeSession({ ...ca.ready, key: await accountKey() });
    const answer = await own.register(registration);
    expect([answer.status, answer.body.type]).toEqual([status, urn(type)]);
  });

  test('change their contact and are closed for good', async () => {
    const own = await ca.session();
    const changed = await own.post(String(own.kid), { contact: ['mailto:b@example.com'] });
    expect(changed.body.contact).toEqual(['mailto:b@example.com']);
    expect((await own.post(String(own.kid), { status: 'deactivated' })).body.status).toBe('deactivated');
    expect(await own.order(['example.com'])).toMatchObject({ status: 403, body: { type: urn('unauthorized') } });
  });

  test('one is not shown to another', async () => {
    const other = await ca.session();
    expect((await other.post(String(session.kid))).body.type).toBe(urn('unauthorized'));
    const order = await session.order(['private.example.com']);
    expect(await other.post(String(order.headers.location))).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/^No order for ID /) },
    });
  });
});

describe('external account bindings', () => {
  test.each([
    ['with a good binding', {}, 201, undefined],
    ['with an unknown key id', { kid: 'kid-2' }, 403, urn('unauthorized')],
    ['with a wrong secret', { secret: Buffer.alloc(32, 8).toString('base64url') }, 403, urn('unauthorized')],
  ])('an account %s', async (_, options, status, type) => {
    const key = await accountKey();
    const own = new AcmeSession({ ...ca.ready, key });
    const answer = await own.register({ externalAccountBinding: await binding(key, `${own.origin}/account`, options) });
    expect([answer.status, answer.body.type]).toEqual([status, type]);
  });

  test('one made for another key, or for another URL, is refused', async () => {
    const own = new AcmeSession({ ...ca.ready, key: await accountKey() });
    const url = `${own.origin}/account`;
    const bindings = [await binding(await accountKey(), url), await binding(own.key, 'https://other.test/')];
    for (const externalAccountBinding of bindings)
      expect(await own.register({ externalAccountBinding })).toMatchObject({
        status: 400,
        body: { type: urn('malformed') },
      });
  });

  test('where one is required, none is refused', async () => {
    const strict = await startTestCa({ requireEab: true, eabKeys: { 'kid-1': EAB_KEY } });
    const own = new AcmeSession({ ...strict.ready, key: await accountKey() });
    expect((await own.register()).body.type).toBe(urn('externalAccountRequired'));
    const externalAccountBinding = await binding(own.key, `${own.origin}/account`);
    expect((await own.register({ externalAccountBinding })).status).toBe(201);
    expect((await own.get('/dir')).body.meta).toMatchObject({ externalAccountRequired: true });
    await strict.close();
  });
});
