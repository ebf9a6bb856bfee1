/** The facts of certificates: what was asked of the generator is what is read, whatever the names, serials and keys. */
import { generateKeyPairSync, hash, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../../shared/contract/problem.ts';
import { factsOf, readCertificate } from '../../../../shared/standards/x509/facts.ts';
import { DAY_MS, FIXTURE_NOW, makeChain, makeKey, makeLeaf, makeRoot } from '../../../fixtures/x509.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const dnsName = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 2, maxLength: 4 }))
  .map(([wildcard, labels]) => (wildcard ? '*.' : '') + labels.join('.'));
const names = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 4 });
const octet = fc.integer({ min: 0, max: 255 });
const hexSerial = fc.uint8Array({ minLength: 1, maxLength: 19 }).filter((octets) => octets[0] !== 0);

/** DER INTEGER content of a positive number. */
const derInteger = (octets: Uint8Array): string =>
  ((octets[0] ?? 0) > 0x7f ? '00' : '') + Buffer.from(octets).toString('hex');

const key = makeKey();

describe('factsOf', () => {
  test('says of any generated certificate what was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          dnsNames: names(dnsName),
          ipAddresses: names(fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))),
          uris: names(fc.webUrl()),
          emailAddresses: names(label.map((user) => `${user}@example.com`)),
          commonName: fc.string({ minLength: 1, maxLength: 64 }).filter((s) => /^[!-~](?:[ -~]*[!-~])?$/.test(s)),
          serial: hexSerial,
          notBefore: fc.date({ min: new Date('1990-01-01'), max: new Date('2080-01-01'), noInvalidDate: true }),
          days: fc.integer({ min: 1, max: 4000 }),
        }),
        async ({ serial, notBefore, days, ...asked }) => {
          const from = new Date(Math.floor(notBefore.getTime() / 1000) * 1000);
          const to = new Date(from.getTime() + days * DAY_MS);
          const { der } = await makeLeaf({
            ...asked,
            key,
            serial: Buffer.from(serial).toString('hex'),
            notBefore: from,
            notAfter: to,
          });
          expect(factsOf(der)).toMatchObject({
            ...asked,
            serial: derInteger(serial),
            sha256: hash('sha256', der, 'hex'),
            notBefore: from.toISOString(),
            notAfter: to.toISOString(),
            isCA: false,
            selfSigned: true,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['RSA-2048', { algorithm: 'RSA', size: 2048 }],
    ['RSA-3072', { algorithm: 'RSA', size: 3072 }],
    ['P-256', { algorithm: 'ECDSA', size: 256 }],
    ['P-384', { algorithm: 'ECDSA', size: 384 }],
    ['Ed25519', { algorithm: 'Ed25519', size: 0 }],
  ] as const)('knows a key of the kind %s', async (kind, expected) => {
    const { pem, x509 } = await makeLeaf({ key: kind });
    expect(factsOf(pem)).toMatchObject({
      key: expected,
      publicKeySha256: hash('sha256', x509.publicKey.export({ type: 'spki', format: 'der' }), 'hex'),
    });
  });

  test.each([
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, { algorithm: 'ECDSA', size: 521 }],
    ['P-224', generateKeyPairSync('ec', { namedCurve: 'P-224' }).privateKey, { algorithm: 'ECDSA', size: 224 }],
    ['P-192', generateKeyPairSync('ec', { namedCurve: 'prime192v1' }).privateKey, { algorithm: 'ECDSA', size: 192 }],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, { algorithm: 'other', size: 0 }],
    ['Ed448', generateKeyPairSync('ed448').privateKey, { algorithm: 'other', size: 0 }],
  ] as const)('knows a key we do not make: %s', async (_, strange, expected) => {
    const issuer = await makeRoot();
    expect(factsOf((await makeLeaf({ key: strange, issuer })).pem).key).toEqual(expected);
  });

  test.each(['RSA-2048', 'P-256'] as const)('knows a signature with SHA-1 and a key of the kind %s', async (kind) => {
    const issuer = await makeRoot({ key: kind });
    expect(factsOf((await makeLeaf({ issuer, hash: 'SHA-1' })).pem).weakHash).toBe('SHA-1');
    expect(factsOf((await makeLeaf({ issuer })).pem)).not.toHaveProperty('weakHash');
  });

  test('tells root, intermediate and leaf apart', async () => {
    const { root, intermediate, leaf } = await makeChain();
    expect([root, intermediate, leaf].map(({ der }) => factsOf(der))).toMatchObject([
      { isCA: true, selfSigned: true, subject: 'CN=Test Root', issuer: 'CN=Test Root' },
      { isCA: true, selfSigned: false, subject: 'CN=Test Intermediate', issuer: 'CN=Test Root' },
      { isCA: false, selfSigned: false, subject: '', issuer: 'CN=Test Intermediate' },
    ]);
  });

  test('does not take a CA that renewed its key under its old name for self-signed', async () => {
    const old = await makeRoot({ commonName: 'Same Name' });
    const { pem } = await makeLeaf({ commonName: 'Same Name', issuer: old, isCA: true });
    expect(factsOf(pem)).toMatchObject({ subject: 'CN=Same Name', issuer: 'CN=Same Name', selfSigned: false });
  });

  test('reads the last of several common names, and writes the name most specific first', async () => {
    const { pem } = await makeLeaf({ subject: 'C=DE, O=Acme\\, Inc., OU=a, CN=first, CN=sec\\+ond' });
    expect(factsOf(pem)).toMatchObject({
      commonName: 'sec+ond',
      subject: 'CN=sec\\+ond,CN=first,OU=a,O=Acme\\, Inc.,C=DE',
    });
  });

  test('has no common name where the subject has none', async () => {
    expect(factsOf((await makeLeaf({ subject: 'O=Acme' })).pem)).not.toHaveProperty('commonName');
  });

  test.each([
    ['a comma that node would quote', { uris: ['spiffe://x/a, DNS:evil.example.com'] }],
    ['an IPv6 address', { ipAddresses: ['2001:db8::1'] }],
    ['the address of all zeros', { ipAddresses: ['::'] }],
  ])('reads %s', async (_, asked) => {
    expect(factsOf((await makeLeaf(asked)).pem)).toMatchObject({ dnsNames: [], ...asked });
  });

  test('shows what no name may hold, so that it can neither pass for a name nor steer a terminal', async () => {
    const { der } = await makeLeaf({ dnsNames: ['good.example.com-evil.example', 'red.example.com'] });
    const forged = Buffer.from(
      der.toString('latin1').replace('com-evil', 'com\0evil').replace('red.', '\x1b[m.'),
      'latin1',
    );
    expect(factsOf(forged).dnsNames).toEqual(['good.example.com\\x00evil.example', '\\x1b[m.example.com']);
  });

  test('shows the octets of an address that is none', async () => {
    const { der } = await makeLeaf({ dnsNames: ['abcde'] });
    const forged = Buffer.from(der.toString('latin1').replace('\x82\x05abcde', '\x87\x05abcde'), 'latin1');
    expect(factsOf(forged)).toMatchObject({ dnsNames: [], ipAddresses: ['\\x6162636465'] });
  });

  test('passes over kinds of names it does not know', async () => {
    const { der } = await makeLeaf({ dnsNames: ['abcde', 'shop.example.com'] });
    const forged = Buffer.from(der.toString('latin1').replace('\x82\x05abcde', '\x88\x05abcde'), 'latin1');
    expect(factsOf(forged).dnsNames).toEqual(['shop.example.com']);
  });

  test('reads PEM text, PEM bytes, DER and the certificate of node:crypto alike', async () => {
    const { pem, der, x509 } = await makeLeaf({ dnsNames: ['a.example.com'] });
    const facts = factsOf(pem);
    expect([Buffer.from(pem), der, new Uint8Array(der), x509].map((input) => factsOf(input))).toEqual(
      Array(4).fill(facts),
    );
    expect(readCertificate(pem)).toBeInstanceOf(X509Certificate);
  });

  test.each([
    ['nothing', ''],
    ['a word', 'certificate'],
    ['PEM of no DER', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['bytes', new Uint8Array([0x30, 0x82, 0xff])],
  ])('refuses %s', (_, input) => {
    expect(() => factsOf(input)).toThrow(
      expect.objectContaining({
        name: 'ProblemError',
        message: expect.stringMatching(/^the certificate cannot be read: ./),
        problem: expect.objectContaining({ type: 'nolapse:bad-certificate', retry: 'never' }),
      }),
    );
  });

  test('of damaged DER either reads facts or throws a ProblemError, nothing else', async () => {
    const { der } = await makeLeaf({ dnsNames: ['a.example.com'], ipAddresses: ['10.0.0.1'], now: FIXTURE_NOW });
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(der.length - 1), octet, (at, value) => {
        const damaged = Buffer.from(der);
        damaged[at] = value;
        try {
          expect(factsOf(damaged).serial).toMatch(/^([0-9a-f]{2})*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
          refused += 1;
        }
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});
