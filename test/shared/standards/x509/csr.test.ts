/** CSRs read back with another parser: what was asked is what the CA is told. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import { createCsr } from '../../../../shared/standards/x509/csr.ts';
import { generateKey, publicKeyInfo } from '../../../../shared/standards/x509/key.ts';
import { makeRequest } from '../../../fixtures/x509.ts';

const readCsr = async (wanted: Parameters<typeof makeRequest>[0]): Promise<x509.Pkcs10CertificateRequest> => {
  const request = makeRequest(wanted);
  return new x509.Pkcs10CertificateRequest(await createCsr(await generateKey(request.key), request));
};
const find = <T extends x509.Extension>(
  csr: x509.Pkcs10CertificateRequest,
  type: abstract new (...a: never[]) => T,
): T | undefined => csr.extensions.find((extension): extension is T => extension instanceof type);

describe('createCsr', () => {
  test.each([
    [{ algorithm: 'RSA', size: 2048 }],
    [{ algorithm: 'ECDSA', size: 256 }],
    [{ algorithm: 'ECDSA', size: 384 }],
    [{ algorithm: 'Ed25519', size: 0 }],
  ] as const)('signs with a key of the kind %o', async (kind) => {
    const key = await generateKey(kind);
    const csr = new x509.Pkcs10CertificateRequest(await createCsr(key, makeRequest({ key: kind })));
    expect(await csr.verify()).toBe(true);
    expect(Buffer.from(csr.publicKey.rawData)).toEqual(publicKeyInfo(key));
  });

  test('names everything that was asked', async () => {
    const csr = await readCsr({
      commonName: 'shop.example.com',
      dnsNames: ['shop.example.com', '*.shop.example.com'],
      ipAddresses: ['10.0.0.1', '2001:db8::1'],
      uris: ['spiffe://example.com/shop'],
      emailAddresses: ['ops@example.com'],
    });
    expect(find(csr, x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: 'dns', value: 'shop.example.com' },
      { type: 'dns', value: '*.shop.example.com' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'url', value: 'spiffe://example.com/shop' },
      { type: 'email', value: 'ops@example.com' },
    ]);
    expect(csr.subject).toBe('CN=shop.example.com');
  });

  test.each([
    ['critical without a subject', {}, true],
    ['critical with empty lists for a subject', { subject: { organizations: [] } }, true],
    ['not critical with a common name', { commonName: 'shop.example.com' }, false],
    ['not critical with an organization', { subject: { organizations: ['Acme'] } }, false],
  ])('makes the names %s', async (_, wanted, critical) => {
    expect(find(await readCsr(wanted), x509.SubjectAlternativeNameExtension)?.critical).toBe(critical);
  });

  test('has no names extension where only a common name is asked for', async () => {
    expect(
      find(await readCsr({ commonName: 'me', dnsNames: [] }), x509.SubjectAlternativeNameExtension),
    ).toBeUndefined();
  });

  test('writes every part of the subject, as it is', async () => {
    const csr = await readCsr({
      commonName: '#a, "b"\\',
      subject: {
        countries: ['DE'],
        organizations: ['Acme, Inc.', 'Müller & Söhne'],
        organizationalUnits: ['a+b'],
        localities: ['Köln'],
        provinces: ['NRW'],
        streetAddresses: ['Weg 1'],
        postalCodes: ['50667'],
        serialNumber: '007',
      },
    });
    const values = csr.subjectName
      .toJSON()
      .flatMap((name) => Object.entries(name).flatMap(([type, all]) => all.map((v) => `${type}=${v}`)));
    expect(values).toEqual([
      'C=DE',
      'O=Acme, Inc.',
      'O=Müller & Söhne',
      'OU=a+b',
      'L=Köln',
      'ST=NRW',
      '2.5.4.9=Weg 1',
      '2.5.4.17=50667',
      'CN=#a, "b"\\',
      '2.5.4.5=007',
    ]);
  });

  test.each([
    ['a server', { usages: ['digital signature', 'server auth'] }, 1, ['1.3.6.1.5.5.7.3.1'], undefined],
    ['a CA', { isCA: true, usages: ['cert sign'] }, 32, undefined, true],
    ['extended usages alone', { usages: ['client auth'] }, undefined, ['1.3.6.1.5.5.7.3.2'], undefined],
  ])('asks for the usages of %s', async (_, wanted, bits, extended, ca) => {
    const csr = await readCsr(wanted);
    expect(find(csr, x509.KeyUsagesExtension)?.usages).toBe(bits);
    expect(find(csr, x509.ExtendedKeyUsageExtension)?.usages).toEqual(extended);
    expect(find(csr, x509.BasicConstraintsExtension)?.ca).toBe(ca);
  });
});
