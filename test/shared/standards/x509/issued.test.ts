/** What a CA returned is judged against what was asked; each difference is named. */
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IssuanceRequest } from '../../../../shared/contract/certificate.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { checkIssued, isStaging, sameCertificateRequest } from '../../../../shared/standards/x509/issued.ts';
import { publicKeySha256 } from '../../../../shared/standards/x509/key.ts';
import {
  DAY_MS,
  FIXTURE_NOW,
  makeChain,
  makeExpired,
  makeIntermediate,
  makeKey,
  makeLeaf,
  makeRequest,
  makeRoot,
  makeStagingChain,
} from '../../../fixtures/x509.ts';

const key = makeKey();
const { root, intermediate, leaf, chainPem } = await makeChain({ key, dnsNames: ['a.example.com', '*.a.example.com'] });
const request = makeRequest({ dnsNames: ['*.a.example.com', 'a.example.com'] });
const check = (
  pem: string,
  asked: IssuanceRequest = request,
  now: Date = FIXTURE_NOW,
): ReturnType<typeof checkIssued> =>
  checkIssued({ chainPem: pem, request: asked, publicKeySha256: publicKeySha256(key), now });
const stranger = await makeLeaf({ issuer: intermediate, dnsNames: request.dnsNames });
const foreign = await makeIntermediate(await makeRoot(), { commonName: 'Test Intermediate' });
const expired = await makeExpired({ key, issuer: intermediate, dnsNames: request.dnsNames });
const PREFIX = 'the CA returned a certificate that was not asked for: ';

describe('checkIssued', () => {
  test.each([
    ['the chain', chainPem, request],
    ['the chain with its root', chainPem + root.pem, request],
    ['the leaf alone', leaf.pem, request],
    ['a request with a common name that the CA left out', chainPem, { ...request, commonName: 'a.example.com' }],
    ['a request in capitals', chainPem, { ...request, commonName: 'A.Example.com' }],
  ])('has nothing against %s', (_, pem, asked) => {
    expect(check(pem, asked)).toBeUndefined();
  });

  test('has nothing against a common name that the CA took from the names', async () => {
    const promoted = await makeLeaf({
      key,
      issuer: intermediate,
      commonName: 'a.example.com',
      dnsNames: request.dnsNames,
    });
    expect(check(promoted.pem)).toBeUndefined();
  });

  test('compares addresses whatever their spelling', async () => {
    const asked = makeRequest({ dnsNames: [], ipAddresses: ['2001:DB8:0::1', '10.0.0.1'] });
    const made = await makeLeaf({ key, issuer: intermediate, ipAddresses: ['10.0.0.1', '2001:db8::1'] });
    expect(check(made.pem, asked)).toBeUndefined();
  });

  test.each([
    ['1 s before it starts, within the skew', leaf.x509.validFromDate, -1000, undefined],
    [
      '6 min before it starts',
      leaf.x509.validFromDate,
      -360_000,
      `it is not valid before ${leaf.x509.validFromDate.toISOString()}`,
    ],
    ['1 s before it ends', leaf.x509.validToDate, -1000, undefined],
    ['when it ends', leaf.x509.validToDate, 0, `it ended at ${leaf.x509.validToDate.toISOString()}`],
  ])('looks at the time: %s', (_, instant, ms, wrong) => {
    expect(check(chainPem, request, new Date(instant.getTime() + ms))?.detail).toBe(wrong && PREFIX + wrong);
  });

  test('looks at the time of every certificate of the chain', async () => {
    const lapsed = await makeIntermediate(root, { notAfter: new Date(FIXTURE_NOW.getTime() - DAY_MS) });
    const under = await makeLeaf({ key, issuer: lapsed, dnsNames: request.dnsNames });
    expect(check(under.pem + lapsed.pem)?.detail).toBe(
      `${PREFIX}number 2 of its chain (CN=Test Intermediate) ended at 2026-11-23T09:00:00.000Z`,
    );
  });

  test.each([
    ['another key', stranger.pem + intermediate.pem, 'it is for another key than the CSR'],
    [
      'the leaf last',
      intermediate.pem + leaf.pem,
      'the certificate of our key is number 2 of 2 in the chain, it must be the first',
    ],
    [
      'an issuer of the same name with another key',
      leaf.pem + foreign.pem,
      'its chain does not build: number 1 is not signed by number 2 (CN=Test Intermediate)',
    ],
    [
      'the root without the intermediate',
      leaf.pem + root.pem,
      'its chain does not build: number 1 is not signed by number 2 (CN=Test Root)',
    ],
    ['an expired leaf', expired.pem, 'it ended at 2026-11-23T09:00:00.000Z'],
  ])('refuses %s', (_, pem, wrong) => {
    expect(check(pem)).toEqual({ type: 'nolapse:bad-certificate', detail: PREFIX + wrong, retry: 'later' });
  });

  test('refuses a leaf whose signature is not of its issuer, though names and key identifiers fit', () => {
    const forged = Buffer.from(leaf.der);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(check(`${new X509Certificate(forged)}${intermediate.pem}`)?.detail).toBe(
      `${PREFIX}its chain does not build: number 1 is not signed by number 2 (CN=Test Intermediate)`,
    );
  });

  test.each([
    [
      'a name that is missing',
      { dnsNames: ['*.a.example.com', 'a.example.com', 'b.example.com'] },
      'it lacks b.example.com',
    ],
    ['a name too many', { dnsNames: ['a.example.com'] }, 'it holds *.a.example.com, not asked for'],
    [
      'both, of all kinds',
      { dnsNames: ['a.example.com'], ipAddresses: ['10.0.0.1'], uris: ['u:1'], emailAddresses: ['a@b.c'] },
      'it lacks 10.0.0.1, u:1, a@b.c; it holds *.a.example.com, not asked for',
    ],
  ])('names %s', (_, wanted, wrong) => {
    expect(check(chainPem, makeRequest(wanted))?.detail).toBe(PREFIX + wrong);
  });

  test.each([
    ['nothing', '', 'the chain holds no PEM block CERTIFICATE'],
    [
      'no certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      expect.stringMatching(/^the certificate cannot be read: /),
    ],
  ])('refuses %s', (_, pem, detail) => {
    expect(check(pem)).toEqual({ type: 'nolapse:bad-certificate', detail, retry: 'later' });
  });
});

const full = {
  dnsNames: ['a.example.com', 'b.example.com'],
  ipAddresses: ['10.0.0.1', '2001:db8::1'],
  uris: ['spiffe://x/y'],
  emailAddresses: ['a@b.c'],
};
const asked = makeRequest({ ...full, commonName: 'a.example.com' });
const facts = factsOf((await makeLeaf({ ...full, commonName: 'a.example.com', key })).pem);

describe('sameCertificateRequest', () => {
  test('holds for a certificate made of the request, in any order of names', async () => {
    const names = fc.shuffledSubarray(full.dnsNames, { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(names, async (dnsNames) => {
        const { pem } = await makeLeaf({ ...full, dnsNames, commonName: 'a.example.com', key });
        expect(sameCertificateRequest(factsOf(pem), asked)).toEqual({ same: true });
      }),
      { numRuns: 5 },
    );
  });

  test('holds where the CA moved names between common name and DNS names', async () => {
    const { pem } = await makeLeaf({ ...full, key });
    expect(sameCertificateRequest(factsOf(pem), asked)).toEqual({ same: true });
  });

  test.each<[string, Partial<IssuanceRequest>]>([
    ['spec.privateKey.algorithm', { key: { algorithm: 'RSA', size: 2048 } }],
    ['spec.privateKey.size', { key: { algorithm: 'ECDSA', size: 384 } }],
    ['spec.commonName', { commonName: 'c.example.com' }],
    ['spec.commonName', { dnsNames: ['b.example.com'], commonName: 'b.example.com' }],
    ['spec.dnsNames', { dnsNames: ['a.example.com'] }],
    ['spec.dnsNames', { dnsNames: ['a.example.com', 'b.example.com', 'c.example.com'] }],
    ['spec.ipAddresses', { ipAddresses: ['10.0.0.1'] }],
    ['spec.uris', { uris: [] }],
    ['spec.emailAddresses', { emailAddresses: ['a@b.c', 'd@b.c'] }],
    ['spec.isCA', { isCA: true }],
  ])('names the field %s', (field, wanted) => {
    expect(sameCertificateRequest(facts, { ...asked, ...wanted })).toEqual({ same: false, field });
  });
});

describe('isStaging', () => {
  test('is true of a chain of the staging environment, of its leaf alone, and of its name before 2021', async () => {
    const staging = await makeStagingChain();
    const fake = await makeLeaf({ issuer: await makeRoot({ commonName: 'Fake LE Intermediate X1' }) });
    expect(isStaging([factsOf(staging.leaf.pem), factsOf(staging.intermediate.pem)])).toBe(true);
    expect(isStaging([factsOf(staging.leaf.pem)])).toBe(true);
    expect(isStaging([factsOf(fake.pem)])).toBe(true);
  });

  test.each(['Pebble Intermediate CA 3b3b3b', 'R12', 'Staging', 'Not so Fake Leaves'])(
    'is false of %s',
    async (commonName) => {
      expect(isStaging([factsOf((await makeLeaf({ issuer: await makeRoot({ commonName }) })).pem)])).toBe(false);
    },
  );

  test('is false of nothing', () => {
    expect(isStaging([])).toBe(false);
  });
});
