/** Issuers are read with cert-manager's meaning; types, switches and solvers that are not honoured are refused by name. */
import { beforeAll, describe, expect, test } from 'vitest';
import { readIssuer } from '../../../../shared/standards/certmanager/issuer.ts';
import { makeRoot } from '../../../fixtures/x509.ts';
import { linesOf } from './manifest.ts';

const SERVER = 'https://acme.example/dir';
const acme = (more: object, kind = 'ClusterIssuer') => ({
  kind,
  metadata: { name: 'le', namespace: 'n' },
  spec: { acme: { server: SERVER, ...more } },
});
const withSolver = (solver: object) => acme({ solvers: [solver] });
const problemsOf = (manifest: unknown): readonly string[] => {
  const reading = readIssuer(manifest, 'fleet');
  return 'problems' in reading ? linesOf(reading.problems) : [];
};

describe('ids', () => {
  test.each([
    ['ClusterIssuer', 'fleet', undefined, 'fleet/le', undefined],
    ['ClusterIssuer', 'prod', undefined, 'prod/le', undefined],
    ['Issuer', 'prod', undefined, 'prod/n/le', 'n'],
    ['Issuer', 'fleet', 'prod', 'prod/n/le', 'n'],
  ])('a %s of %s in %s is %s', (kind, source, cluster, id, namespace) => {
    const reading = readIssuer(acme({}, kind), source, cluster);
    expect(reading).toMatchObject({ issuer: { id, kind, name: 'le', source } });
    expect('issuer' in reading && reading.issuer.namespace).toBe(namespace);
  });

  test('an Issuer without a namespace is refused', () => {
    expect(problemsOf({ kind: 'Issuer', metadata: { name: 'x' }, spec: { selfSigned: {} } })).toEqual([
      'metadata.namespace: is required',
    ]);
  });
});

describe('the staging server', () => {
  const annotated = (spec: object, value: unknown = 'http://not-checked-here') => ({
    ...{ kind: 'ClusterIssuer', spec },
    metadata: { name: 'le', annotations: { 'nolapse.dev/staging-server': value } },
  });

  test.each([
    ['of an ACME issuer is what its annotation says, checked by whoever uses it', { acme: { server: SERVER } }, true],
    ['of an issuer of another type is none', { selfSigned: {} }, false],
  ])('%s', (_what, spec, isTaken) => {
    const reading = readIssuer(annotated(spec), 'prod');
    const of = 'issuer' in reading ? reading.issuer.spec : {};
    expect('stagingServer' in of && of.stagingServer).toBe(isTaken && 'http://not-checked-here');
  });

  test('that is no text stops no renewal', () => {
    const reading = readIssuer(annotated({ acme: { server: SERVER } }, 7), 'prod');
    expect('issuer' in reading && reading.issuer.spec).toEqual({ type: 'acme', server: SERVER, solvers: [] });
  });

  test('is kept without the password that somebody wrote into it', () => {
    const reading = readIssuer(annotated({ acme: { server: SERVER } }, 'https://me:secret@ca.example/dir'), 'prod');
    expect(JSON.stringify(reading)).not.toContain('secret@');
    expect(JSON.stringify(reading)).toContain('***@ca.example');
  });
});

describe('what is given is taken', () => {
  let pem: string;
  beforeAll(async () => {
    pem = (await makeRoot()).pem;
  });

  test('all of an ACME issuer', () => {
    const reading = readIssuer(
      acme({
        email: 'ops@example.com',
        caBundle: Buffer.from(pem + pem).toString('base64'),
        preferredChain: 'ISRG Root X1',
        profile: 'tlsserver',
        privateKeySecretRef: { name: 'key' },
        skipTLSVerify: false,
        externalAccountBinding: { keyID: 'k', keySecretRef: { name: 's', key: 'secret' }, keyAlgorithm: 'HS256' },
        solvers: [
          { http01: { ingress: { ingressClassName: 'nginx', podTemplate: { any: 'thing' } } }, selector: {} },
          {
            dns01: { cnameStrategy: 'None', route53: { region: 'eu-west-1', role: 'r', hostedZoneID: 'Z1' } },
            selector: { dnsZones: ['Example.com.'], dnsNames: ['A.example.com'], matchLabels: { a: 'b' } },
            waitInsteadOfSelfCheck: '60s',
          },
        ],
      }),
      'fleet',
    );
    expect(reading).toEqual({
      issuer: {
        id: 'fleet/le',
        kind: 'ClusterIssuer',
        name: 'le',
        source: 'fleet',
        spec: {
          type: 'acme',
          server: SERVER,
          email: 'ops@example.com',
          caBundle: pem + pem,
          preferredChain: 'ISRG Root X1',
          profile: 'tlsserver',
          externalAccountBinding: { keyId: 'k', keySecret: { name: 's', key: 'secret' } },
          solvers: [
            { type: 'http01' },
            {
              type: 'dns01',
              dnsNames: ['a.example.com'],
              dnsZones: ['example.com'],
              matchLabels: { a: 'b' },
              hostedZoneId: 'Z1',
            },
          ],
        },
      },
    });
  });

  test.each([
    [{ selfSigned: {} }, { type: 'selfSigned', crlDistributionPoints: [] }],
    [
      { selfSigned: { crlDistributionPoints: ['http://a/crl'] } },
      { type: 'selfSigned', crlDistributionPoints: ['http://a/crl'] },
    ],
    [
      { ca: { secretName: 's', ocspServers: ['http://o'], issuingCertificateURLs: ['http://i'] } },
      {
        type: 'ca',
        secretName: 's',
        crlDistributionPoints: [],
        ocspServers: ['http://o'],
        issuingCertificateUrls: ['http://i'],
      },
    ],
    [{ acme: { server: SERVER } }, { type: 'acme', server: SERVER, solvers: [] }],
  ])('%j', (spec, expected) => {
    expect(readIssuer({ kind: 'ClusterIssuer', metadata: { name: 'i' }, spec }, 'a')).toMatchObject({
      issuer: { spec: expected },
    });
  });
});

const LEAVE = 'use an acme, ca or selfSigned issuer, or leave its certificates to cert-manager';
const BASE64 = 'base64 of a PEM file: base64 < ca.pem | tr -d "\\n"';
const NO_KEYS =
  'credentials of a solver are not honoured by Nolapse (remove it: name the zone and its roleArn under spec.zones of the Fleet)';

describe('what is wrong or not honoured is refused by name', () => {
  test.each([
    ['no spec', {}, 'spec: is required (choose one of acme, ca, selfSigned)'],
    ['no type', { other: 1 }, 'spec: has no issuer type (choose one of acme, ca, selfSigned)'],
    [
      'two types',
      { ca: { secretName: 's' }, selfSigned: {} },
      'spec: has ca and selfSigned; an issuer is exactly one of them',
    ],
    ['Vault', { vault: { server: 'x' } }, `spec.vault: issuers of type vault are not honoured by Nolapse (${LEAVE})`],
    ['Venafi', { venafi: { zone: 'x' } }, `spec.venafi: issuers of type venafi are not honoured by Nolapse (${LEAVE})`],
    ['a CA without Secret', { ca: { ocspServers: [] } }, 'spec.ca.secretName: is required'],
    [
      'a CRL that is no URL',
      { ca: { secretName: 's', crlDistributionPoints: ['x'] } },
      'spec.ca.crlDistributionPoints[0]: "x" is no URL',
    ],
  ])('%s', (_, spec, problem) => {
    expect(problemsOf({ kind: 'ClusterIssuer', metadata: { name: 'i' }, spec })).toEqual([problem]);
  });

  test.each([
    ['no server', { server: '' }, 'spec.acme.server: is required'],
    [
      'a server that is no URL',
      { server: 'acme' },
      'spec.acme.server: "acme" is no URL (e.g. https://acme-v02.api.letsencrypt.org/directory)',
    ],
    ['a server without TLS', { server: 'http://a.b/dir' }, 'spec.acme.server: "http://a.b/dir" is not an https URL'],
    [
      'a server with a password',
      { server: 'https://u:p@a.b/dir' },
      'spec.acme.server: holds a user or password (use externalAccountBinding)',
    ],
    [
      'a mail address that is none',
      { email: 'ops' },
      'spec.acme.email: "ops" is no plain e-mail address (user@example.com)',
    ],
    [
      'skipTLSVerify',
      { skipTLSVerify: true },
      'spec.acme.skipTLSVerify: is not honoured by Nolapse (give the CA’s roots in caBundle)',
    ],
    [
      'disableAccountKeyGeneration',
      { disableAccountKeyGeneration: true },
      'spec.acme.disableAccountKeyGeneration: is not honoured by Nolapse (remove it: Nolapse makes and keeps its own account key)',
    ],
    [
      'enableDurationFeature',
      { enableDurationFeature: true },
      'spec.acme.enableDurationFeature: is not honoured by Nolapse (remove it: the CA decides the lifetime)',
    ],
    [
      'a caBundle in PEM',
      { caBundle: '-----BEGIN CERTIFICATE-----' },
      `spec.acme.caBundle: is PEM text; the API takes it in base64 (${BASE64})`,
    ],
    ['a caBundle that is not base64', { caBundle: 'a b!' }, `spec.acme.caBundle: is not base64 (${BASE64})`],
    [
      'a caBundle without certificates',
      { caBundle: 'AAAA' },
      `spec.acme.caBundle: holds no PEM certificate (${BASE64})`,
    ],
    [
      'a caBundle with a broken certificate',
      { caBundle: Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----').toString('base64') },
      `spec.acme.caBundle: certificate 1 of 1 cannot be read (${BASE64})`,
    ],
    [
      'a binding without key',
      { externalAccountBinding: { keyID: 'k', keySecretRef: { name: 's' } } },
      'spec.acme.externalAccountBinding.keySecretRef.key: is required',
    ],
  ])('%s', (_, more, problem) => {
    expect(problemsOf(acme(more))).toEqual([problem]);
  });

  test.each([
    ['neither', {}, 'has neither dns01 nor http01 (add dns01: { route53: {} })'],
    ['both', { dns01: { route53: {} }, http01: {} }, 'has dns01 and http01; a solver is exactly one of them'],
    ['no provider', { dns01: {} }, '.dns01: has no provider (add route53: {})'],
    [
      'Cloudflare',
      { dns01: { cloudflare: {} } },
      '.dns01.cloudflare: DNS-01 by cloudflare is not honoured by Nolapse (use route53)',
    ],
    [
      'a webhook',
      { dns01: { webhook: { groupName: 'x' } } },
      '.dns01.webhook: DNS-01 by webhook is not honoured by Nolapse (use route53)',
    ],
    [
      'Follow',
      { dns01: { cnameStrategy: 'Follow', route53: {} } },
      '.dns01.cnameStrategy: Follow is not honoured by Nolapse (list the zone that the CNAME leads to, and ask for its names directly)',
    ],
    ['an access key', { dns01: { route53: { accessKeyID: 'AKIA' } } }, `.dns01.route53.accessKeyID: ${NO_KEYS}`],
    [
      'a secret key',
      { dns01: { route53: { secretAccessKeySecretRef: { name: 's' } } } },
      `.dns01.route53.secretAccessKeySecretRef: ${NO_KEYS}`,
    ],
    ['web identity', { dns01: { route53: { auth: { kubernetes: {} } } } }, `.dns01.route53.auth: ${NO_KEYS}`],
    [
      'a selector that is no list',
      { http01: {}, selector: { dnsNames: 'a' } },
      '.selector.dnsNames: expected a list, found a string',
    ],
  ])('a solver with %s', (_, solver, problem) => {
    const path = problem.startsWith('.') ? 'spec.acme.solvers[0]' : 'spec.acme.solvers[0]: ';
    expect(problemsOf(withSolver(solver))).toEqual([`${path}${problem}`]);
  });
});

test('all problems of an issuer come at once', () => {
  expect(
    problemsOf({ kind: 'Issuer', metadata: { name: 'A b', namespace: 'n' }, spec: { acme: { email: 'x' } } }),
  ).toEqual([
    'metadata.name: "A b" is no DNS-1123 subdomain: a-z, 0-9, inner hyphens and dots',
    'spec.acme.email: "x" is no plain e-mail address (user@example.com)',
    'spec.acme.server: is required',
  ]);
});
