/** Certificates signed with their own key: what was asked, and a CA that can sign. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import { createCsr } from '../../../../shared/standards/x509/csr.ts';
import { factsOf } from '../../../../shared/standards/x509/facts.ts';
import { checkIssued } from '../../../../shared/standards/x509/issued.ts';
import { generateKey, keyPem, publicKeySha256 } from '../../../../shared/standards/x509/key.ts';
import { selfSign, signLeaf } from '../../../../shared/standards/x509/sign.ts';
import { FIXTURE_NOW, makeKey, makeRequest } from '../../../fixtures/x509.ts';

const now = FIXTURE_NOW;
const key = makeKey();

describe('selfSign', () => {
  const selfSpec = { type: 'selfSigned', crlDistributionPoints: [] } as const;

  test.each([
    [{ algorithm: 'RSA', size: 2048 }],
    [{ algorithm: 'ECDSA', size: 256 }],
    [{ algorithm: 'Ed25519', size: 0 }],
  ] as const)('makes a certificate of its own key: %o', async (asked) => {
    const own = await generateKey(asked);
    const request = makeRequest({ key: asked, commonName: 'me', subject: { organizations: ['Acme'] } });
    const pem = await selfSign(own, request, { spec: selfSpec, now });
    expect(checkIssued({ chainPem: pem, request, publicKeySha256: publicKeySha256(own), now })).toBeUndefined();
    expect(factsOf(pem)).toMatchObject({
      subject: 'CN=me,O=Acme',
      issuer: 'CN=me,O=Acme',
      selfSigned: true,
      notBefore: now.toISOString(),
      notAfter: new Date(now.getTime() + request.durationMs).toISOString(),
    });
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  test('makes a CA that can sign', async () => {
    const pem = await selfSign(key, makeRequest({ isCA: true, commonName: 'New CA' }), {
      spec: { ...selfSpec, crlDistributionPoints: ['http://crl.example/1'] },
      now,
    });
    const request = makeRequest();
    const signed = await signLeaf({
      caChainPem: Buffer.from(pem),
      caKeyPem: keyPem(key, 'PKCS8'),
      csrPem: await createCsr(makeKey(), request),
      request,
      spec: { type: 'ca', secretName: 'ca', crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] },
      now,
    });
    expect(factsOf(signed.chainPem).issuer).toBe('CN=New CA');
    expect(new x509.X509Certificate(pem).getExtension(x509.CRLDistributionPointsExtension)).not.toBeNull();
  });

  test('makes one without a subject', async () => {
    expect(factsOf(await selfSign(key, makeRequest(), { spec: selfSpec, now }))).toMatchObject({
      subject: '',
      issuer: '',
      selfSigned: true,
    });
  });
});
