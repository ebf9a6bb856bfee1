/** Certificates of a private CA: what was asked, within the life of the CA, and refused where the CA cannot sign. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IssuanceRequest } from '../../../../shared/contract/certificate.ts';
import { certificateParts } from '../../../../shared/standards/x509/certificate-parts.ts';
import { createCsr } from '../../../../shared/standards/x509/csr.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { checkIssued, sameCertificateRequest } from '../../../../shared/standards/x509/issued.ts';
import { generateKey, publicKeySha256 } from '../../../../shared/standards/x509/key.ts';
import { type LeafToSign, type Signed, signLeaf } from '../../../../shared/standards/x509/sign.ts';
import {
  DAY_MS,
  FIXTURE_NOW,
  type Made,
  makeIntermediate,
  makeKey,
  makeLeaf,
  makeRequest,
  makeRoot,
} from '../../../fixtures/x509.ts';

const HOUR_MS = 3_600_000;
const now = FIXTURE_NOW;
const later = (ms: number): Date => new Date(now.getTime() + ms);
const spec = {
  type: 'ca',
  secretName: 'ca-pair',
  crlDistributionPoints: [],
  ocspServers: [],
  issuingCertificateUrls: [],
} as const;
const key = makeKey();
const root = await makeRoot();

const sign = async (
  ca: readonly Made[],
  wanted: Partial<IssuanceRequest> = {},
  rest: Partial<LeafToSign> = {},
): Promise<Signed> => {
  const request = makeRequest(wanted);
  return signLeaf({
    caChainPem: Buffer.from(ca.map(({ pem }) => pem).join('')),
    caKeyPem: Buffer.from(ca[0]?.keyPem ?? ''),
    csrPem: await createCsr(key, request),
    request,
    spec,
    now,
    ...rest,
  });
};
const extensionsOf = (pem: string): x509.X509Certificate => new x509.X509Certificate(pem);

describe('signLeaf', () => {
  test.each(['RSA-2048', 'P-256', 'P-384', 'Ed25519'] as const)(
    'signs what was asked with a CA of the kind %s',
    async (kind) => {
      const ca = await makeRoot({ key: kind });
      for (const asked of [
        { algorithm: 'RSA', size: 2048 },
        { algorithm: 'ECDSA', size: 384 },
        { algorithm: 'Ed25519', size: 0 },
      ] as const) {
        const request = makeRequest({
          key: asked,
          commonName: 'me',
          ipAddresses: ['10.0.0.1'],
          subject: { organizations: ['Acme, Inc.'] },
        });
        const own = await generateKey(asked);
        const { chainPem, caPem } = await sign([ca], request, { csrPem: await createCsr(own, request) });
        expect(
          checkIssued({ chainPem: chainPem + caPem, request, publicKeySha256: publicKeySha256(own), now }),
        ).toBeUndefined();
        expect(sameCertificateRequest(factsOf(chainPem), request)).toEqual({ same: true });
        expect(factsOf(chainPem)).toMatchObject({ subject: 'CN=me,O=Acme\\, Inc.', selfSigned: false });
      }
    },
  );

  test('never signs beyond the end of a CA above, whatever is asked', async () => {
    const lifeMs = fc.integer({ min: HOUR_MS / 1000, max: 4000 * 86_400 }).map((seconds) => seconds * 1000);
    const caKey = makeKey();
    await fc.assert(
      fc.asyncProperty(lifeMs, lifeMs, lifeMs, async (durationMs, upperMs, lowerMs) => {
        const upper = await makeRoot({ key: caKey, notAfter: later(upperMs) });
        const lower = await makeIntermediate(upper, { notAfter: later(lowerMs) });
        const { notBefore, notAfter, serial } = factsOf((await sign([lower, upper], { durationMs })).chainPem);
        expect(notBefore).toBe(now.toISOString());
        expect(Date.parse(notAfter)).toBe(now.getTime() + Math.min(durationMs, upperMs, lowerMs));
        expect(BigInt(`0x${serial}`)).toBeGreaterThan(0n);
        expect(serial).toMatch(/^(00)?([0-7][0-9a-f])([0-9a-f]{2}){0,15}$/);
      }),
      { numRuns: 25 },
    );
  });

  test('gives every certificate a serial of its own', async () => {
    const serials = await Promise.all(
      Array.from({ length: 8 }, async () => factsOf((await sign([root])).chainPem).serial),
    );
    expect(new Set(serials).size).toBe(8);
  });

  test.each([
    ['a root', (): Made[] => [root], 1, 'Test Root'],
    ['an intermediate and its root', (): Made[] => [lower, upper, root], 3, 'Test Root'],
    ['an intermediate alone', (): Made[] => [lower], 2, 'Lower'],
    [
      'issuers in disorder, doubled, with a stranger among them',
      (): Made[] => [lower, root, stranger, upper, upper],
      3,
      'Test Root',
    ],
  ])('omits the root from the chain and names the topmost as CA: %s', async (_, ca, length, top) => {
    const { chainPem, caPem } = await sign(ca());
    expect(chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(length);
    expect(factsOf(caPem).subject).toBe(`CN=${top}`);
  });

  test('writes identifiers, constraints, usages and the URLs of the issuer', async () => {
    const urls = {
      crlDistributionPoints: ['http://crl.example/1'],
      ocspServers: ['http://ocsp.example'],
      issuingCertificateUrls: ['http://ca.example'],
    };
    const certificate = extensionsOf((await sign([root], {}, { spec: { ...spec, ...urls } })).chainPem);
    const ca = extensionsOf(root.pem);
    expect(certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
      ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    );
    expect(certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId).toMatch(/^[0-9a-f]{40}$/);
    expect(certificate.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: false, critical: true });
    expect(certificate.getExtension(x509.KeyUsagesExtension)).toMatchObject({ usages: 5, critical: true });
    expect(certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual(['1.3.6.1.5.5.7.3.1']);
    const access = certificate.getExtension(x509.AuthorityInfoAccessExtension);
    expect([access?.ocsp, access?.caIssuers].map((all) => all?.map(({ value }) => value))).toEqual([
      ['http://ocsp.example'],
      ['http://ca.example'],
    ]);
    const [point] = certificate.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
    expect(point?.distributionPoint?.fullName?.map((name) => name.uniformResourceIdentifier)).toEqual([
      'http://crl.example/1',
    ]);
  });

  test.each([
    ['OCSP alone', { ocspServers: ['http://ocsp.example'] }, 1, 0],
    ['issuing certificates alone', { issuingCertificateUrls: ['http://ca.example'] }, 0, 1],
  ])('writes %s', async (_, urls, ocsp, issuers) => {
    const access = extensionsOf((await sign([root], {}, { spec: { ...spec, ...urls } })).chainPem).getExtension(
      x509.AuthorityInfoAccessExtension,
    );
    expect([access?.ocsp.length, access?.caIssuers.length]).toEqual([ocsp, issuers]);
  });

  test('signs a CA below a CA', async () => {
    const { chainPem } = await sign([root], { isCA: true, commonName: 'Sub', dnsNames: [], usages: [] });
    expect(factsOf(chainPem)).toMatchObject({ isCA: true, subject: 'CN=Sub' });
    expect(extensionsOf(chainPem).getExtension(x509.KeyUsagesExtension)?.usages).toBe(37);
  });

  test('copies the subject of the CA octet for octet, whatever its string types', async () => {
    const odd = await makeRoot({
      subject: [{ '2.5.4.10': [{ bmpString: 'Bmp' }] }, { '2.5.4.3': [{ ia5String: 'ia5' }] }],
    });
    const { chainPem } = await sign([odd]);
    expect(new X509Certificate(chainPem).checkIssued(odd.x509)).toBe(true);
    expect(certificateParts(new X509Certificate(chainPem).raw).issuer).toEqual(certificateParts(odd.der).subject);
  });

  test('signs for a CA without a key identifier', async () => {
    const bare = await makeRoot({ withoutKeyIds: true });
    const certificate = extensionsOf((await sign([bare])).chainPem);
    expect(certificate.getExtension(x509.AuthorityKeyIdentifierExtension)).toBeNull();
  });

  test('writes dates after 2049 as they are', async () => {
    const ancient = await makeRoot({ notAfter: new Date('2090-01-01T00:00:00Z') });
    expect(factsOf((await sign([ancient], { durationMs: 30_000 * DAY_MS })).chainPem).notAfter).toBe(
      '2090-01-01T00:00:00.000Z',
    );
  });
});

const upper = await makeIntermediate(root, { commonName: 'Upper' });
const lower = await makeIntermediate(upper, { commonName: 'Lower' });
const stranger = await makeRoot({ commonName: 'Stranger' });

describe('signLeaf refuses', () => {
  test.each([
    [
      'a key of another CA',
      async () => sign([root], {}, { caKeyPem: Buffer.from(stranger.keyPem) }),
      'nolapse:ca-unusable',
      'the CA Secret ca-pair cannot be used: tls.key is the key of another certificate',
    ],
    [
      'no certificate',
      async () => sign([root], {}, { caChainPem: new Uint8Array() }),
      'nolapse:ca-unusable',
      'the CA Secret ca-pair cannot be used: tls.crt is missing or empty',
    ],
    [
      'a leaf for a CA',
      async () => sign([await makeLeaf({ commonName: 'leaf' })]),
      'nolapse:ca-unusable',
      'the certificate in the CA Secret ca-pair (CN=leaf) is not a CA',
    ],
    [
      'a CA not valid yet',
      async () => sign([await makeRoot({ notBefore: later(1000) })]),
      'nolapse:ca-unusable',
      'the CA CN=Test Root in the Secret ca-pair is not valid before 2026-11-24T09:00:01.000Z',
    ],
    [
      'a CA that has ended',
      async () => sign([await makeRoot({ notAfter: now })]),
      'nolapse:ca-expired',
      'the CA CN=Test Root in the Secret ca-pair ended at 2026-11-24T09:00:00.000Z; it signs only with an hour or more left',
    ],
    [
      'a CA with less than an hour left',
      async () => sign([await makeRoot({ notAfter: later(HOUR_MS - 1000) })]),
      'nolapse:ca-expired',
      'the CA CN=Test Root in the Secret ca-pair ends at 2026-11-24T09:59:59.000Z; it signs only with an hour or more left',
    ],
    [
      'a CA whose own CA has ended',
      async () => {
        const old = await makeRoot({ commonName: 'Old', notAfter: now });
        return sign([await makeIntermediate(old), old]);
      },
      'nolapse:ca-expired',
      'the CA CN=Old in the Secret ca-pair ended at 2026-11-24T09:00:00.000Z; it signs only with an hour or more left',
    ],
    [
      'a CA below a CA that allows none',
      async () => sign([await makeRoot({ commonName: 'Short', pathLength: 0 })], { isCA: true }),
      'nolapse:ca-unusable',
      'the CA CN=Short allows 0 CAs below it, and this would be number 1',
    ],
  ])('%s', async (_, signing, type, message) => {
    await expect(signing()).rejects.toMatchObject({
      name: 'ProblemError',
      message,
      problem: { type, retry: 'later', fix: expect.any(String) },
    });
  });

  test('nothing where the CA allows one CA below it, or a leaf is asked for', async () => {
    const one = await makeRoot({ commonName: 'One', pathLength: 1 });
    expect(factsOf((await sign([one], { isCA: true })).chainPem).isCA).toBe(true);
    expect(factsOf((await sign([await makeRoot({ commonName: 'None', pathLength: 0 })])).chainPem).isCA).toBe(false);
  });

  test.each([
    ['no CSR', async (csr: string) => csr.slice(0, 30), 'the CSR cannot be read'],
    ['a CSR of another signature', spoiltCsr, 'the CSR is not signed with its own key'],
  ])('%s', async (_, spoil, message) => {
    const csrPem = await spoil(await createCsr(key, makeRequest()));
    await expect(sign([root], {}, { csrPem })).rejects.toMatchObject({
      name: 'ProblemError',
      message,
      problem: { type: 'nolapse:bad-csr', retry: 'never' },
    });
  });
});

/** Another name of the same length inside, so that the signature no longer fits. */
async function spoiltCsr(csr: string): Promise<string> {
  const der = Buffer.from(new x509.Pkcs10CertificateRequest(csr).rawData);
  der.write('evil', der.indexOf('shop'));
  return new x509.Pkcs10CertificateRequest(der).toString('pem');
}
