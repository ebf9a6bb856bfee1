/** Certificate and key as they lie in Secrets: every way in which they can be wrong has its code, and none tells of the key. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { readPair } from '../../../../shared/standards/x509/pair.ts';
import { type KeyKind, type Made, makeChain, makeKey, makeLeaf } from '../../../fixtures/x509.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const { root, intermediate, leaf, chainPem } = await makeChain();
const stranger = await makeLeaf();
const rsa = await makeLeaf({ key: 'RSA-2048' });
const crt = bytes(chainPem);
const key = bytes(leaf.keyPem);
const der = (made: Made): Buffer => made.key.export({ type: 'pkcs8', format: 'der' });
const pemOf = (label: string, body: Buffer): Buffer =>
  bytes(`-----BEGIN ${label}-----\n${body.toString('base64')}\n-----END ${label}-----\n`);

describe('readPair', () => {
  test('reads a whole pair with its chain and CA', () => {
    expect(readPair({ crt, key, ca: bytes(root.pem) })).toEqual({
      chain: [factsOf(leaf.pem), factsOf(intermediate.pem)],
      chainPem,
      ca: factsOf(root.pem),
      keyMatches: true,
    });
  });

  const ec = leaf.key.export({ type: 'sec1', format: 'pem' }).toString();
  test.each([
    ['CRLF', { crt: bytes(chainPem.replaceAll('\n', '\r\n')), key: bytes(leaf.keyPem.replaceAll('\n', '\r\n')) }],
    ['a byte order mark', { crt: bytes(`\uFEFF${chainPem}`), key: bytes(`\uFEFF${leaf.keyPem}`) }],
    [
      'text before the blocks',
      { crt: bytes(`subject=shop\n${chainPem}`), key: bytes(`Bag Attributes\n${leaf.keyPem}`) },
    ],
    ['a SEC1 key', { crt, key: bytes(ec) }],
    [
      'EC PARAMETERS before a SEC1 key',
      { crt, key: bytes(`-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${ec}`) },
    ],
    ['certificate and key in one file', { crt: bytes(leaf.keyPem + chainPem), key: bytes(chainPem + leaf.keyPem) }],
    ['a PKCS#1 key', { crt: bytes(rsa.pem), key: bytes(rsa.key.export({ type: 'pkcs1', format: 'pem' }).toString()) }],
    ['a CA that cannot be read', { crt, key, ca: bytes('no PEM') }],
    ['an empty CA', { crt, key, ca: bytes('') }],
  ])('takes %s', (_, input) => {
    const pair = readPair(input);
    expect(pair).toMatchObject({ keyMatches: true });
    expect(pair).not.toHaveProperty('problem');
    expect(pair).not.toHaveProperty('ca');
    expect(pair.chainPem).toMatch(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n/);
  });

  test.each(['RSA-2048', 'P-256', 'P-384', 'Ed25519'] as const)(
    'takes a pair of the kind %s',
    async (kind: KeyKind) => {
      const made = await makeLeaf({ key: kind });
      expect(readPair({ crt: bytes(made.pem), key: bytes(made.keyPem) })).toMatchObject({ keyMatches: true });
      expect(
        readPair({
          crt: bytes(made.pem),
          key: bytes(makeKey(kind).export({ type: 'pkcs8', format: 'pem' }).toString()),
        }),
      ).toMatchObject({ keyMatches: false, problem: { code: 'key-mismatch' } });
    },
  );

  const encrypted = leaf.key
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const legacy = leaf.key.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  test.each([
    ['nothing at all', {}, 'missing-data', 'tls.crt is missing or empty'],
    ['an empty certificate', { crt: bytes(''), key }, 'missing-data', 'tls.crt is missing or empty'],
    ['a bad certificate and no key', { crt: bytes('x') }, 'missing-data', 'tls.key is missing or empty'],
    [
      'no PEM in the certificate',
      { crt: bytes('x'), key },
      'bad-certificate',
      'tls.crt holds no PEM block CERTIFICATE',
    ],
    ['both bad', { crt: bytes('x'), key: bytes('x') }, 'bad-certificate', 'tls.crt holds no PEM block CERTIFICATE'],
    ['a DER certificate', { crt: leaf.der, key }, 'bad-certificate', 'tls.crt is DER (binary), not PEM'],
    [
      '500 certificates',
      { crt: bytes(leaf.pem.repeat(500)), key },
      'too-many',
      'tls.crt holds 500 certificates, at most 20 are read',
    ],
    [
      '900 kB',
      { crt: Buffer.alloc(900_000, 'x'), key },
      'too-large',
      'tls.crt has 900000 bytes, at most 65536 are read',
    ],
    [
      'a key of 900 kB',
      { crt, key: Buffer.alloc(900_000, 'x') },
      'too-large',
      'tls.key has 900000 bytes, at most 65536 are read',
    ],
    ['a key that is no PEM', { crt, key: bytes('x') }, 'bad-key', 'tls.key holds no whole PEM block of a private key'],
    [
      'a cut key',
      { crt, key: bytes(leaf.keyPem.slice(0, -9)) },
      'bad-key',
      'tls.key holds no whole PEM block of a private key',
    ],
    ['a DER key', { crt, key: der(leaf) }, 'bad-key', 'tls.key is DER (binary), not PEM'],
    ['a certificate for a key', { crt, key: crt }, 'bad-key', 'tls.key holds no whole PEM block of a private key'],
    [
      'an encrypted key',
      { crt, key: bytes(encrypted) },
      'bad-key',
      'tls.key is encrypted with a passphrase; nothing that serves it could open it',
    ],
    [
      'a key encrypted the old way',
      { crt, key: bytes(legacy) },
      'bad-key',
      'tls.key is encrypted with a passphrase; nothing that serves it could open it',
    ],
    [
      'a key of no sense',
      { crt, key: pemOf('PRIVATE KEY', Buffer.from('nonsense')) },
      'bad-key',
      'tls.key holds a block PRIVATE KEY that cannot be read as a private key',
    ],
    [
      'a key under a wrong label',
      { crt, key: pemOf('RSA PRIVATE KEY', der(leaf)) },
      'bad-key',
      'tls.key holds a block RSA PRIVATE KEY that cannot be read as a private key',
    ],
    [
      'the key of another certificate',
      { crt, key: bytes(stranger.keyPem) },
      'key-mismatch',
      'tls.key is the key of another certificate',
    ],
    [
      'an RSA key for an EC certificate',
      { crt, key: bytes(rsa.keyPem) },
      'key-mismatch',
      'tls.key is the key of another certificate',
    ],
    [
      'the intermediate first',
      { crt: bytes(intermediate.pem + leaf.pem), key },
      'key-mismatch',
      'tls.key is the key of another certificate',
    ],
  ])('says of %s what is wrong', (_, input, code, detail) => {
    expect(readPair(input).problem).toEqual({ code, detail });
  });

  test('says which certificate of the chain cannot be read', () => {
    const bad = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(readPair({ crt: bytes(leaf.pem + bad), key })).toEqual({
      chain: [],
      problem: {
        code: 'bad-certificate',
        detail: expect.stringMatching(/^certificate 2 of 2 in tls\.crt: the certificate cannot be read: /),
      },
    });
  });

  test('tells of the certificate although the key is missing or bad', () => {
    for (const bad of [undefined, bytes('x'), bytes(stranger.keyPem)])
      expect(readPair({ crt, key: bad })).toMatchObject({ chain: [factsOf(leaf.pem), {}], chainPem });
  });
});

const jwkParts = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;
const spoilt = (good: KeyObject, part: (typeof jwkParts)[number]): Buffer => {
  const number = Buffer.from(String(good.export({ format: 'jwk' })[part]), 'base64url');
  const whole = good.export({ type: 'pkcs8', format: 'der' });
  const at = whole.indexOf(number);
  expect(at).toBeGreaterThan(0);
  whole[at + number.length - 1] = (whole[at + number.length - 1] ?? 0) ^ 4;
  return pemOf('PRIVATE KEY', whole);
};

const numberOf = (part: string | undefined): bigint =>
  BigInt(`0x${Buffer.from(String(part), 'base64url').toString('hex')}`);
const partOf = (number: bigint): string => {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};

function withPrivateExponentOff(jwk: JsonWebKey): JsonWebKey {
  const d = numberOf(jwk.d) + 2n;
  return { ...jwk, d: partOf(d), dp: partOf(d % (numberOf(jwk.p) - 1n)), dq: partOf(d % (numberOf(jwk.q) - 1n)) };
}

describe('a damaged key', () => {
  test.each(jwkParts)('of RSA is seen in its part %s', (part) => {
    expect(readPair({ crt: bytes(rsa.pem), key: spoilt(rsa.key, part) }).problem).toMatchObject({ code: 'bad-key' });
  });

  test.each([
    ['of another exponent, its parts agreeing with each other', withPrivateExponentOff],
    ['whose first prime is 1', (jwk: JsonWebKey): JsonWebKey => ({ ...jwk, p: 'AQ', q: String(jwk.n) })],
  ])('of RSA is seen: one %s', (_, spoil) => {
    const key = createPrivateKey({ format: 'jwk', key: spoil(rsa.key.export({ format: 'jwk' })) });
    const keyBytes = bytes(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(readPair({ crt: bytes(rsa.pem), key: keyBytes }).problem).toMatchObject({ code: 'bad-key' });
  });

  test('of EC is seen though its public half is untouched', () => {
    expect(readPair({ crt, key: spoilt(leaf.key, 'd') })).toMatchObject({
      keyMatches: false,
      problem: { code: 'bad-key', detail: 'tls.key is damaged: its parts do not belong together' },
    });
  });

  test('is never taken for whole, and its bytes are never told', async () => {
    const made = [leaf, rsa, await makeLeaf({ key: 'Ed25519' })];
    fc.assert(
      fc.property(
        fc.constantFrom(...made),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(254),
        (good, where, change) => {
          const whole = der(good);
          const at = Math.floor(where * whole.length);
          whole[at] = (whole[at] ?? 0) ^ (change + 1);
          const key = pemOf('PRIVATE KEY', whole);
          const { keyMatches, problem } = readPair({ crt: bytes(good.pem), key });
          if (keyMatches) expect(createPrivateKey(key.toString()).equals(good.key)).toBe(true);
          else expect(problem?.code).toMatch(/^(bad-key|key-mismatch)$/);
          expect(problem?.detail ?? '').toMatch(/^(tls\.key (is|holds) [a-zA-Z :;]+)?$/);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is judged for RSA-PSS by what it signs', async () => {
    const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    const { pem, keyPem } = await makeLeaf({ key: privateKey, issuer: root });
    expect(readPair({ crt: bytes(pem), key: bytes(keyPem) })).toMatchObject({ keyMatches: true });
  });
});

test('readPair never throws, whatever the bytes', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(crt, key, bytes(leaf.pem.slice(30)), bytes('-----BEGIN CERTIFICATE-----\n'), leaf.der),
  );
  const input = fc.option(
    fc.array(part, { maxLength: 3 }).map((parts) => Buffer.concat(parts)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(input, input, input, (a, b, c) => {
      const { chain, keyMatches, problem } = readPair({ crt: a, key: b, ca: c });
      expect(problem === undefined).toBe(keyMatches === true);
      if (keyMatches) expect(chain.length).toBeGreaterThan(0);
    }),
  );
});
