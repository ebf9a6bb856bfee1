/** A Certificate is read with cert-manager's defaults, and what it gives is taken. */
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../../../shared/standards/certmanager/certificate.ts';
import { KEY_USAGES } from '../../../../shared/standards/certmanager/usages.ts';
import { manifest, SPEC, specOf } from './manifest.ts';

const HOUR = 3_600_000;

test('the least that can be asked gets every default', () => {
  expect(readCertificate(manifest(SPEC))).toEqual({
    certificate: {
      namespace: 'n',
      name: 'c',
      labels: {},
      spec: {
        secretName: 's',
        issuerRef: { name: 'i', kind: 'Issuer', group: 'cert-manager.io' },
        subject: {},
        dnsNames: ['a.b'],
        ipAddresses: [],
        uris: [],
        emailAddresses: [],
        durationMs: 2160 * HOUR,
        isCA: false,
        usages: ['digital signature', 'key encipherment'],
        privateKey: { algorithm: 'RSA', size: 2048, encoding: 'PKCS1' },
        secretTemplate: { labels: {}, annotations: {} },
      },
    },
  });
});

describe('what is given is taken', () => {
  test.each([
    ['a duration', { duration: '720h', renewBefore: '168h' }, { durationMs: 720 * HOUR, renewBeforeMs: 168 * HOUR }],
    ['the shortest duration', { duration: '1h', renewBefore: '5m' }, { durationMs: HOUR, renewBeforeMs: 300_000 }],
    ['a percentage', { renewBeforePercentage: 99 }, { renewBeforePercentage: 99 }],
    [
      'ECDSA by default 256',
      { privateKey: { algorithm: 'ECDSA' } },
      { privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS1' } },
    ],
    [
      'ECDSA 384',
      { privateKey: { algorithm: 'ECDSA', size: 384, encoding: 'PKCS8' } },
      { privateKey: { algorithm: 'ECDSA', size: 384, encoding: 'PKCS8' } },
    ],
    [
      'RSA 4096',
      { privateKey: { size: 4096, rotationPolicy: 'Always' } },
      { privateKey: { algorithm: 'RSA', size: 4096, encoding: 'PKCS1' } },
    ],
    [
      'Ed25519, its size ignored',
      { privateKey: { algorithm: 'Ed25519', size: 521 } },
      { privateKey: { algorithm: 'Ed25519', size: 0, encoding: 'PKCS1' } },
    ],
    [
      'a subject without its empty parts',
      { subject: { organizations: ['A', 'B'], countries: [], serialNumber: '1' } },
      { subject: { organizations: ['A', 'B'], serialNumber: '1' } },
    ],
    ['every usage', { usages: KEY_USAGES }, { usages: KEY_USAGES }],
    [
      'other names',
      { dnsNames: null, uris: ['spiffe://a/b', 'urn:x:y'], emailAddresses: ['a@b.c'], ipAddresses: ['::1'] },
      { dnsNames: [], uris: ['spiffe://a/b', 'urn:x:y'], emailAddresses: ['a@b.c'], ipAddresses: ['::1'] },
    ],
    ['a common name alone', { dnsNames: [], commonName: 'x' }, { commonName: 'x', dnsNames: [] }],
    ['names as written', { dnsNames: ['B.a', 'A.b.'] }, { dnsNames: ['B.a', 'A.b.'] }],
    ['a CA', { isCA: true }, { isCA: true }],
    ['a disabled renewal', { renewal: { policy: 'Disabled' } }, { renewal: { policy: 'Disabled', windows: [] } }],
    [
      'windows',
      {
        renewal: {
          policy: 'RenewBefore',
          windows: [
            { cron: '0 2 * JUL MON-FRI', windowDuration: '2h', timezone: 'Europe/Berlin' },
            { cron: '@daily', windowDuration: '1h' },
          ],
        },
      },
      {
        renewal: {
          policy: 'RenewBefore',
          windows: [
            { cron: '0 2 * JUL MON-FRI', windowDuration: 2 * HOUR, timezone: 'Europe/Berlin' },
            { cron: '@daily', windowDuration: HOUR },
          ],
        },
      },
    ],
    [
      'a template',
      {
        secretTemplate: {
          labels: { a: 'b' },
          annotations: { 'cert-manager.io/allow-direct-injection': 'true', x: 'any text!' },
        },
      },
      {
        secretTemplate: {
          labels: { a: 'b' },
          annotations: { 'cert-manager.io/allow-direct-injection': 'true', x: 'any text!' },
        },
      },
    ],
    [
      'a ClusterIssuer',
      { issuerRef: { name: 'i', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
      { issuerRef: { name: 'i', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
    ],
    ['what has no effect', { revisionHistoryLimit: 3, encodeUsagesInRequest: false }, {}],
    [
      'what is refused but empty',
      { otherNames: [], keystores: {}, literalSubject: '', additionalOutputFormats: null },
      {},
    ],
  ])('%s', (_, more, expected) => {
    expect(specOf(more)).toMatchObject(expected);
  });
});

test('keys of every object are labels like any other, and change nothing', () => {
  const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as object;
  const reading = readCertificate(manifest(SPEC, { name: 'c', labels }));
  expect('certificate' in reading && Object.keys(reading.certificate.labels)).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
