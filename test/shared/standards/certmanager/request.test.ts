/** The same wish has the same id, however it is written; another wish has another. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../shared/contract/fleet.ts';
import { issuanceIdOf, requestOf, whyNotByAcme } from '../../../../shared/standards/certmanager/request.ts';
import { specOf } from './manifest.ts';

const ACME: Issuer = {
  id: 'fleet/le',
  kind: 'ClusterIssuer',
  name: 'le',
  source: 'fleet',
  spec: { type: 'acme', server: 'https://a.b/dir', profile: 'short', solvers: [] },
};
const CA: Issuer = {
  ...ACME,
  id: 'fleet/ca',
  spec: { type: 'ca', secretName: 's', crlDistributionPoints: [], ocspServers: [], issuingCertificateUrls: [] },
};
const idOf = (more: object, issuer = CA, domain = 'prod'): string =>
  issuanceIdOf(requestOf(specOf(more), issuer), domain);

test('requestOf is canonical, sorted and unique, and holds what the CA is told', () => {
  const more = {
    dnsNames: ['B.example.com.', 'a.example.com', 'b.example.com', '*.example.com'],
    commonName: 'B.Example.com',
    ipAddresses: ['2001:DB8:0::1', '10.0.0.1', '2001:db8::1'],
    usages: ['server auth', 'digital signature', 'server auth'],
    privateKey: { algorithm: 'ECDSA', encoding: 'PKCS8' },
  };
  expect(requestOf(specOf(more), ACME)).toEqual({
    issuer: 'fleet/le',
    profile: 'short',
    commonName: 'b.example.com',
    subject: {},
    dnsNames: ['*.example.com', 'a.example.com', 'b.example.com'],
    ipAddresses: ['10.0.0.1', '2001:db8::1'],
    uris: [],
    emailAddresses: [],
    durationMs: 7_776_000_000,
    isCA: false,
    usages: ['digital signature', 'server auth'],
    key: { algorithm: 'ECDSA', size: 256 },
  });
  expect(requestOf(specOf({ commonName: 'My CA' }), CA)).toMatchObject({ commonName: 'My CA' });
});

describe('issuanceIdOf', () => {
  test('is twenty hex digits and never changes', () => {
    expect(idOf({})).toMatch(/^[0-9a-f]{20}$/);
    expect(idOf({})).toBe('473da7ca2ea13e80e84e');
  });

  test('does not depend on order, spelling or repetition of names', () => {
    const names = fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (dnsNames, picks) => {
        const shuffled = dnsNames
          .map((name) => ({ name: name.toUpperCase(), at: picks.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ name }) => name);
        expect(idOf({ dnsNames: [...shuffled, ...dnsNames] })).toBe(idOf({ dnsNames }));
      }),
    );
  });

  test.each([
    ['where it is stored', { secretName: 'other' }],
    ['when it is renewed', { renewBefore: '24h' }],
    ['how the key is written', { privateKey: { encoding: 'PKCS8' } }],
    ['the template', { secretTemplate: { labels: { a: 'b' } } }],
    ['the order of usages', { usages: ['key encipherment', 'digital signature'] }],
  ])('does not depend on %s', (_, more) => {
    expect(idOf(more)).toBe(idOf({}));
  });

  test.each([
    ['a name', { dnsNames: ['a.b', 'c.b'] }],
    ['a common name', { commonName: 'a.b' }],
    ['a subject', { subject: { organizations: ['x'] } }],
    ['the duration', { duration: '24h' }],
    ['the usages', { usages: ['server auth'] }],
    ['the key', { privateKey: { algorithm: 'ECDSA' } }],
    ['isCA', { isCA: true }],
    ['an address', { ipAddresses: ['10.0.0.1'] }],
  ])('depends on %s', (_, more) => {
    expect(idOf(more)).not.toBe(idOf({}));
  });

  test('depends on the issuer, its profile and the trust domain', () => {
    const other = { ...ACME, spec: { ...ACME.spec, profile: 'long' } } as Issuer;
    const ids = [idOf({}), idOf({}, ACME), idOf({}, other), idOf({}, CA, 'edge')];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('whyNotByAcme', () => {
  test.each([
    ['DNS names', {}, undefined],
    ['a common name among them', { commonName: 'A.b' }, undefined],
    ['a subject, which the CA leaves out', { subject: { countries: ['DE'] } }, undefined],
    ['another common name', { commonName: 'x.y' }, 'commonName: "x.y" must also be one of dnsNames'],
    ['a CA', { isCA: true }, 'isCA: an ACME server issues no CA certificates'],
    ['a URI', { uris: ['spiffe://a/b'] }, 'uris: an ACME server certifies DNS names only'],
    ['a mail address', { emailAddresses: ['a@b.c'] }, 'emailAddresses: an ACME server certifies DNS names only'],
    ['an address', { ipAddresses: ['::1'] }, 'ipAddresses: an address cannot be validated by DNS-01 (RFC 8738 §4)'],
    ['no DNS name', { dnsNames: [], commonName: 'a' }, 'dnsNames: an ACME order needs at least one'],
  ])('of %s', (_, more, why) => {
    expect(whyNotByAcme(requestOf(specOf(more), ACME), { server: 'https://a.b/dir' })).toBe(why);
  });

  test.each([
    ['https://acme-v02.api.letsencrypt.org/directory', 'Ed25519', true],
    ['https://acme-staging-v02.api.letsencrypt.org/directory', 'Ed25519', true],
    ['https://dv.acme-v02.api.pki.goog/directory', 'Ed25519', true],
    ['https://acme-v02.api.letsencrypt.org/directory', 'ECDSA', false],
    ['https://acme-v02.api.letsencrypt.org/directory', 'RSA', false],
    ['https://step-ca.corp.example/acme/acme/directory', 'Ed25519', false],
    ['https://notletsencrypt.org/directory', 'Ed25519', false],
  ])('asked of %s with a key of %s', (server, algorithm, isRefused) => {
    const why = whyNotByAcme(requestOf(specOf({ privateKey: { algorithm } }), ACME), { server });
    expect(why).toBe(
      isRefused ? 'privateKey.algorithm: no public CA certifies an Ed25519 key, only ECDSA and RSA' : undefined,
    );
  });
});
