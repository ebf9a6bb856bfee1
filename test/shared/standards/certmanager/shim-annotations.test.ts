/** Every annotation that cert-manager's shim reads, a row each: what it asks for, and what is wrong with it. */
import { describe, expect, test } from 'vitest';
import { certificatesOfIngress } from '../../../../shared/standards/certmanager/ingress.ts';

const HOUR = 3_600_000;
const c = (name: string): string => `cert-manager.io/${name}`;
const shim = (annotations: Record<string, string>) =>
  certificatesOfIngress({
    metadata: { name: 'i', namespace: 'n', annotations: { [c('issuer')]: 'x', ...annotations } },
    spec: { tls: [{ hosts: ['a.b'], secretName: 'a-tls' }] },
  });

describe('the annotation', () => {
  test.each([
    ['common-name', 'a.b', { commonName: 'a.b' }],
    ['alt-names', 'c.b, d.b', { dnsNames: ['a.b', 'c.b', 'd.b'] }],
    ['alt-names', '', { dnsNames: ['a.b'] }],
    ['alt-names', 'a.b,c.b', { dnsNames: ['a.b', 'c.b'] }],
    ['ip-sans', '10.0.0.1,::1', { ipAddresses: ['10.0.0.1', '::1'] }],
    ['ip-sans', '', { ipAddresses: [] }],
    ['email-sans', 'a@b.c,d@b.c', { emailAddresses: ['a@b.c', 'd@b.c'] }],
    ['uri-sans', 'spiffe://never/read', { uris: [] }],
    ['subject-organizations', '"Acme, Inc.",B', { subject: { organizations: ['Acme, Inc.', 'B'] } }],
    ['subject-organizationalunits', 'a', { subject: { organizationalUnits: ['a'] } }],
    ['subject-countries', 'DE', { subject: { countries: ['DE'] } }],
    ['subject-provinces', 'a', { subject: { provinces: ['a'] } }],
    ['subject-localities', 'a', { subject: { localities: ['a'] } }],
    ['subject-postalcodes', 'a', { subject: { postalCodes: ['a'] } }],
    ['subject-streetaddresses', '"Main, 1"', { subject: { streetAddresses: ['Main, 1'] } }],
    ['subject-serialnumber', '42', { subject: { serialNumber: '42' } }],
    ['duration', '168h', { durationMs: 168 * HOUR }],
    ['renew-before', '24h', { renewBeforeMs: 24 * HOUR }],
    ['renew-before-percentage', '20', { renewBeforePercentage: 20 }],
    ['usages', 'server auth, client auth', { usages: ['server auth', 'client auth'] }],
    ['revision-history-limit', '3', {}],
    ['private-key-algorithm', 'RSA', { privateKey: { algorithm: 'RSA', size: 2048 } }],
    ['private-key-algorithm', 'ECDSA', { privateKey: { algorithm: 'ECDSA', size: 256 } }],
    ['private-key-algorithm', 'Ed25519', { privateKey: { algorithm: 'Ed25519' } }],
    ['private-key-encoding', 'PKCS1', { privateKey: { encoding: 'PKCS1' } }],
    ['private-key-encoding', 'PKCS8', { privateKey: { encoding: 'PKCS8' } }],
    ['private-key-size', '4096', { privateKey: { size: 4096 } }],
    ['private-key-rotation-policy', 'Always', {}],
    [
      'secret-template',
      '{"labels":{"a":"b"},"annotations":{"c":"d"}}',
      { secretTemplate: { labels: { a: 'b' }, annotations: { c: 'd' } } },
    ],
    ['ignore-tls-listeners', 'of Gateways only', { dnsNames: ['a.b'] }],
  ])('%s: %s', (name, value, expected) => {
    const { certificates, problems } = shim({ [c(name)]: value });
    expect(problems).toEqual([]);
    expect(certificates[0]?.spec).toMatchObject(expected);
  });

  test('that is one of several adds up', () => {
    const { certificates } = shim({ [c('subject-countries')]: 'DE', [c('subject-localities')]: 'Munich' });
    expect(certificates[0]?.spec.subject).toEqual({ countries: ['DE'], localities: ['Munich'] });
  });

  test.each([
    'acme.cert-manager.io/http01-edit-in-place',
    'acme.cert-manager.io/http01-ingress-class',
    'acme.cert-manager.io/http01-ingress-ingressclassname',
    'acme.cert-manager.io/http01-parentreffallback',
    'cert-manager.io/issue-temporary-certificate',
  ])('%s has nothing to shape: names are proved by DNS-01', (name) => {
    expect(shim({ [name]: 'true' })).toEqual(shim({}));
  });
});

describe('leaves no Certificate at all, because it is malformed', () => {
  const a = (name: string, why: string): string => `annotation ${c(name)}: ${why}`;
  test.each([
    ['duration', '7 days', 'spec.duration: "7 days" is no duration: unknown unit " days" (h, m, s, ms)'],
    ['duration', '', a('duration', 'is empty')],
    ['duration', '30m', 'spec.duration: 30m is less than 1h'],
    ['renew-before', '', a('renew-before', 'is empty')],
    ['renew-before', '1m', 'spec.renewBefore: renewal 1m before expiry is less than 5m'],
    ['renew-before-percentage', 'x', a('renew-before-percentage', '"x" is no whole number')],
    ['renew-before-percentage', '', a('renew-before-percentage', '"" is no whole number')],
    ['usages', 'server auth,', a('usages', 'has an empty item')],
    ['usages', '', a('usages', 'has an empty item')],
    ['revision-history-limit', '0', 'spec.revisionHistoryLimit: 0 is less than 1'],
    ['private-key-algorithm', 'DSA', 'spec.privateKey.algorithm: "DSA" is none of RSA, ECDSA, Ed25519'],
    ['private-key-algorithm', '', a('private-key-algorithm', 'is empty')],
    ['private-key-encoding', 'DER', 'spec.privateKey.encoding: "DER" is none of PKCS1, PKCS8'],
    ['private-key-encoding', '', a('private-key-encoding', 'is empty')],
    ['private-key-size', '', a('private-key-size', '"" is no whole number')],
    ['private-key-size', '1024', 'spec.privateKey.size: 1024 is no size of an RSA key (use 2048, 3072 or 4096)'],
    ['private-key-rotation-policy', 'x', 'spec.privateKey.rotationPolicy: "x" is none of Always, Never'],
    ['private-key-rotation-policy', '', a('private-key-rotation-policy', 'is empty')],
    ['email-sans', '', a('email-sans', 'is empty')],
    ['ip-sans', 'a.b', 'spec.ipAddresses[0]: "a.b" is no IP address'],
    ['common-name', 'x'.repeat(65), 'spec.commonName: has 65 bytes, at most 64 (leave it out: clients read dnsNames)'],
    ['subject-organizations', '', a('subject-organizations', 'is empty')],
    ['subject-organizations', '"a', a('subject-organizations', '"\\"a" is no list of comma separated values')],
    ['secret-template', '[]', a('secret-template', 'is no JSON object')],
    ['secret-template', '{"x":1}', a('secret-template', 'has the unknown field x')],
    [
      'secret-template',
      '{"annotations":{"cert-manager.io/allow-direct-injection":"true"}}',
      a('secret-template', 'must not have the annotation cert-manager.io/allow-direct-injection'),
    ],
  ])('%s: %s', (name, value, problem) => {
    expect(shim({ [c(name)]: value })).toEqual({ isShimmed: true, certificates: [], problems: [problem], skipped: [] });
  });

  test.each([
    ['email-sans', 'a@b.c, d@b.c', /^spec\.emailAddresses\[1\]: " d@b\.c"/],
    ['usages', 'serving', /^spec\.usages\[0\]: "serving" is no key usage of cert-manager/],
    ['secret-template', '{', /^annotation cert-manager\.io\/secret-template: is no JSON: /],
  ])('%s: %s, in words of its reader', (name, value, problem) => {
    const { certificates, problems } = shim({ [c(name)]: value });
    expect([certificates, problems]).toEqual([[], [expect.stringMatching(problem)]]);
  });

  test.each([
    ['private-key-rotation-policy', 'Never', 'Never is not honoured by Nolapse'],
    ['private-key-size', '8192', 'RSA 8192 is not honoured by Nolapse'],
  ])('nor is what Nolapse does not honour: %s: %s', (name, value, why) => {
    const { certificates, problems } = shim({ [c(name)]: value });
    expect([certificates, problems]).toEqual([[], [expect.stringContaining(why)]]);
  });
});
