/** Keys: what is made is what was asked, and is written as cert-manager writes it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import {
  generateKey,
  keyPem,
  publicKeyInfo,
  publicKeySha256,
  signingAlgorithm,
} from '../../../../shared/standards/x509/key.ts';
import { makeLeaf } from '../../../fixtures/x509.ts';

const kinds = [
  [{ algorithm: 'RSA', size: 2048 }, 'RSA PRIVATE KEY'],
  [{ algorithm: 'RSA', size: 3072 }, 'RSA PRIVATE KEY'],
  [{ algorithm: 'ECDSA', size: 256 }, 'EC PRIVATE KEY'],
  [{ algorithm: 'ECDSA', size: 384 }, 'EC PRIVATE KEY'],
  [{ algorithm: 'Ed25519', size: 0 }, 'PRIVATE KEY'],
] as const;

describe.each(kinds)('a key of the kind %o', (asked, oldLabel) => {
  test('is made as asked, and named as its certificate names it', async () => {
    const key = await generateKey(asked);
    const facts = factsOf((await makeLeaf({ key })).pem);
    expect(facts.key).toEqual(asked);
    expect(publicKeySha256(key)).toBe(facts.publicKeySha256);
    expect(publicKeyInfo(createPublicKey(key))).toEqual(publicKeyInfo(key));
  });

  test('is written and read back in both encodings', async () => {
    const key = await generateKey(asked);
    const [pkcs1, pkcs8] = [keyPem(key, 'PKCS1').toString(), keyPem(key, 'PKCS8').toString()];
    expect(pkcs1).toMatch(new RegExp(`^-----BEGIN ${oldLabel}-----\n`));
    expect(pkcs8).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect([pkcs1, pkcs8].every((pem) => createPrivateKey(pem).equals(key))).toBe(true);
  });

  test('is new each time', async () => {
    expect((await generateKey(asked)).equals(await generateKey(asked))).toBe(false);
  });
});

test.each([
  ['RSA', 1024],
  ['RSA', 8192],
  ['ECDSA', 521],
  ['ECDSA', 0],
] as const)('a key of the kind %s %i is refused', async (algorithm, size) => {
  await expect(generateKey({ algorithm, size })).rejects.toMatchObject({
    name: 'ProblemError',
    message: `${algorithm} keys of ${size} bits are not made; RSA 2048 to 4096, ECDSA 256 and 384 and Ed25519 are`,
    problem: { type: 'nolapse:key-unsupported', retry: 'never' },
  });
});

describe('signingAlgorithm', () => {
  test.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
    [
      'P-256',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    ],
    [
      'P-384',
      generateKeyPairSync('ec', { namedCurve: 'P-384' }),
      { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
    ],
    [
      'P-521',
      generateKeyPairSync('ec', { namedCurve: 'P-521' }),
      { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
    ],
    ['Ed25519', generateKeyPairSync('ed25519'), { name: 'Ed25519' }],
  ])('of %s', (_, { privateKey }, expected) => {
    expect(signingAlgorithm(privateKey)).toEqual(expected);
  });

  test.each([
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['x25519', generateKeyPairSync('x25519')],
  ])('refuses %s', (kind, { privateKey }) => {
    expect(() => signingAlgorithm(privateKey)).toThrow(
      expect.objectContaining({
        name: 'ProblemError',
        message: `a key of the kind ${kind} cannot sign certificates here`,
        problem: expect.objectContaining({ type: 'nolapse:key-unsupported', retry: 'never' }),
      }),
    );
  });
});
