/** The account: its key is kept before it is registered, there is never a second one, and what the CA says of it is told. */
import { createHmac, createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AcmeOptions } from '../../../../shared/adapters/acme/acme-authorities.ts';
import type { AcmeIssuerSpec } from '../../../../shared/contract/fleet.ts';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { keys } from '../../../../shared/contract/records.ts';
import type { Account } from '../../../../shared/contract/rows.ts';
import { type FakeCa, type FakeRequest, startFakeCa } from './fake-ca.ts';
import { type AcmeWorld, attemptAt, makeAcmeWorld, problemOf, request, unseal } from './world.ts';

const acme = (type: string): string => `urn:ietf:params:acme:error:${type}`;
const eab = { keyId: 'kid-1', keySecret: { name: 'eab', key: 'hmac' } };
const HMAC = Buffer.from('a secret of the CA').toString('base64url');
let ca: FakeCa;
const worlds: AcmeWorld[] = [];

beforeEach(async () => {
  ca = await startFakeCa();
  ca.on('/new-account', () => ({ status: 201, headers: { location: `${ca.origin}/account/1` }, body: {} }));
  ca.on('/account/1', { body: {} });
  ca.on('/new-order', ({ payload }) => ({
    status: 201,
    headers: { location: `${ca.origin}/order/1` },
    body: { status: 'pending', ...(payload as object), authorizations: [], finalize: `${ca.origin}/finalize/1` },
  }));
});
afterEach(async () => {
  for (const one of worlds.splice(0)) one.close();
  await ca.close();
});

function world(spec: Partial<AcmeIssuerSpec> = {}, options: Partial<AcmeOptions> = {}): AcmeWorld {
  const made = makeAcmeWorld({ directory: ca.directory, tlsCaPem: ca.tlsCaPem, spec, options });
  worlds.push(made);
  return made;
}

const order = (of: AcmeWorld, process = of.restart()) =>
  of.authority({}, process).advance(attemptAt({ at: 'intent' }), request('a.example.com'));
const asked = (path: string): readonly FakeRequest[] => ca.requests.filter((one) => one.path === path);
const rowOf = (of: AcmeWorld, keyId?: string) => of.records.get<Account>(keys.account(ca.directory, keyId));

describe('the key', () => {
  test('is stored, sealed for this account, before newAccount is sent', async () => {
    const one = world({ email: 'ops@example.com' });
    const told: [boolean, number][] = [];
    one.records.onPut = (row) => told.push([(row.body as Account).url !== undefined, asked('/new-account').length]);
    await order(one);
    expect(told).toEqual([
      [false, 0],
      [true, 1],
    ]);
    const row = await rowOf(one);
    const account = keys.account(ca.directory).pk.slice('ACCOUNT#'.length);
    expect(row?.body).toMatchObject({
      directory: ca.directory,
      url: `${ca.origin}/account/1`,
      contact: ['mailto:ops@example.com'],
    });
    const pem = Buffer.from(await unseal(row?.body.sealedKey ?? '', { fleet: 'acme', account })).toString();
    const jwk = asked('/new-account')[0]?.header.jwk;
    expect(createPublicKey(pem).export({ format: 'jwk' })).toEqual(jwk);
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256' });
  });

  test('that cannot be opened any more is replaced, and its loss is said', async () => {
    const lost = new Set<string>();
    const said: string[] = [];
    const one = world(
      {},
      {
        announce: (line) => void said.push(line),
        unseal: async (sealed, context) => {
          if (!lost.has(sealed)) return unseal(sealed, context);
          throw new ProblemError({ type: 'nolapse:seal-broken', detail: 'no', retry: 'never' });
        },
      },
    );
    await order(one);
    const first = (await rowOf(one))?.body.sealedKey ?? '';
    lost.add(first);
    const row = await rowOf(one);
    // as a newer version has left it
    if (row) await one.records.put({ ...row, body: { ...row.body, future: 1 } as Account });
    await order(one);
    expect((await rowOf(one))?.body).toMatchObject({ future: 1 });
    expect(asked('/new-account')).toHaveLength(2);
    expect((await rowOf(one))?.body.sealedKey).not.toBe(first);
    expect(said).toEqual([expect.stringContaining('a new account is registered')]);
  });

  test('that was stored before a crash is registered by the next run, not replaced', async () => {
    const one = world();
    ca.on(
      '/new-account',
      { instead: 'reset' },
      { status: 200, headers: { location: `${ca.origin}/account/1` }, body: {} },
    );
    expect(await problemOf(order(one))).toMatchObject({ type: 'nolapse:unreachable' });
    expect((await rowOf(one))?.body.url).toBeUndefined();
    await order(one);
    const jwks = asked('/new-account').map(({ header }) => header.jwk);
    expect(jwks).toHaveLength(2);
    expect(jwks[0]).toEqual(jwks[1]);
  });

  test('of another worker who was first is used', async () => {
    const one = world();
    await Promise.all([order(one, one.restart()), order(one, one.restart())]);
    const jwks = new Set(asked('/new-account').map(({ header }) => JSON.stringify(header.jwk)));
    expect([jwks.size, one.records.rows.size]).toEqual([1, 1]);
  });

  test('is asked for once by all orders of a run', async () => {
    const one = world();
    const process = one.restart();
    await Promise.all(Array.from({ length: 10 }, () => order(one, process)));
    expect([asked('/dir'), asked('/new-account'), asked('/new-order')].map(({ length }) => length)).toEqual([1, 1, 10]);
  });
});

describe('what is registered', () => {
  test('agrees to the terms and has no contact where there is none', async () => {
    await order(world());
    expect(asked('/new-account')[0]?.payload).toEqual({ termsOfServiceAgreed: true });
  });

  test('another mail address is told to the CA once', async () => {
    const one = world({ email: 'old@example.com' });
    await order(one);
    const other = makeAcmeWorld({ directory: ca.directory, tlsCaPem: ca.tlsCaPem, spec: { email: 'new@example.com' } });
    worlds.push(other);
    for (const [address, row] of one.records.rows) other.records.rows.set(address, row);
    await order(other);
    await order(other);
    expect(asked('/account/1').map(({ payload }) => payload)).toEqual([{ contact: ['mailto:new@example.com'] }]);
    expect((await rowOf(other))?.body.contact).toEqual(['mailto:new@example.com']);
  });

  test('an external account binding is signed with the key of the Secret (RFC 8555 §7.3.4)', async () => {
    const refs: unknown[] = [];
    const readSecret: AcmeOptions['readSecret'] = async (ref) => {
      refs.push(ref);
      return Buffer.from(`${HMAC}\n`);
    };
    const one = world({ externalAccountBinding: eab }, { readSecret });
    await order(one);
    expect(refs).toEqual([{ from: 'fleet', name: 'eab', key: 'hmac' }]);
    const [sent] = asked('/new-account');
    const jws =
      (sent?.payload as { externalAccountBinding?: Record<string, string> } | undefined)?.externalAccountBinding ?? {};
    const signed = `${jws.protected}.${jws.payload}`;
    expect(jws.signature).toBe(createHmac('sha256', Buffer.from(HMAC, 'base64url')).update(signed).digest('base64url'));
    const part = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
    expect(part(jws.protected)).toEqual({ alg: 'HS256', kid: 'kid-1', url: `${ca.origin}/new-account` });
    expect(part(jws.payload)).toEqual(sent?.header.jwk);
    expect((await rowOf(one, 'kid-1'))?.body.eabKeyId).toBe('kid-1');
    expect(await rowOf(one)).toBeUndefined();
  });
});

describe('what cannot be used', () => {
  test('a CA that binds accounts is not asked without a binding', async () => {
    ca.on('/dir', () => ({
      body: {
        newNonce: `${ca.origin}/nonce`,
        newAccount: `${ca.origin}/new-account`,
        newOrder: `${ca.origin}/new-order`,
        meta: { externalAccountRequired: true },
      },
    }));
    expect(await problemOf(order(world()))).toMatchObject({ type: acme('externalAccountRequired'), retry: 'never' });
    expect(asked('/new-account')).toEqual([]);
  });

  test('a binding key that is no base64url text is refused without showing it', async () => {
    const one = world({ externalAccountBinding: eab }, { readSecret: async () => Buffer.from('not a key!') });
    const problem = await problemOf(order(one));
    expect(problem).toMatchObject({ type: 'nolapse:eab-key', retry: 'never' });
    expect(JSON.stringify(problem)).not.toContain('not a key!');
  });

  test.each([
    ['is not known', 400, { type: acme('accountDoesNotExist'), detail: 'Account "1" not found' }],
    ['was deactivated', 403, { type: acme('unauthorized'), detail: 'Account is not valid, has status "deactivated"' }],
  ])('an account that %s ends the attempt, and no second one is made', async (_, status, body) => {
    ca.on('/new-order', { status, body });
    const one = world();
    const problem = await problemOf(order(one));
    expect(problem).toMatchObject({ type: body.type, detail: body.detail, retry: 'never' });
    expect(problem.fix).toContain('delete its ACCOUNT row');
    await problemOf(order(one));
    expect(asked('/new-account')).toHaveLength(1);
  });

  test.each([
    ['a page', { body: '<html>', headers: { 'content-type': 'text/html' } }, 'nolapse:not-a-directory'],
    ['nothing', { status: 404, body: 'Not Found' }, 'about:blank'],
  ])('a server that answers %s as directory is told as such', async (_, answer, type) => {
    ca.on('/dir', answer);
    const problem = await problemOf(order(world()));
    expect(problem).toMatchObject({ type, retry: 'never' });
    expect(problem.fix).toContain('spec.acme.server');
  });

  test('an account without a URL is an answer that cannot be used', async () => {
    ca.on('/new-account', { status: 201, body: {} });
    expect(await problemOf(order(world()))).toMatchObject({ type: 'nolapse:strange-answer', retry: 'later' });
  });

  test('a failure to open is not kept: the next order tries again', async () => {
    ca.on('/dir', { status: 503, body: 'down' }, () => ({
      body: {
        newNonce: `${ca.origin}/nonce`,
        newAccount: `${ca.origin}/new-account`,
        newOrder: `${ca.origin}/new-order`,
      },
    }));
    const one = world();
    const process = one.restart();
    expect(await problemOf(order(one, process))).toMatchObject({ status: 503, retry: 'later' });
    expect((await order(one, process)).step.at).toBe('created');
  });
});

test('requests are signed by the account key with its URL as key id', async () => {
  const one = world();
  await order(one);
  expect(asked('/new-order')[0]?.header).toMatchObject({
    alg: 'ES256',
    kid: `${ca.origin}/account/1`,
    url: `${ca.origin}/new-order`,
  });
});

test('scope names the directory host and the account without asking the CA', () => {
  const one = world({ externalAccountBinding: eab });
  const account = keys.account(ca.directory, 'kid-1').pk.slice('ACCOUNT#'.length);
  expect(one.authority().scope).toEqual({ directoryHost: new URL(ca.directory).host, account });
  expect(ca.requests).toEqual([]);
});
