/** The ingress-shim, rule by rule: what triggers it, which issuer it finds, what each annotation does, what it refuses. */
import { describe, expect, test } from 'vitest';
import { certificatesOfIngress } from '../../../../shared/standards/certmanager/ingress.ts';

const HOUR = 3_600_000;
const TLS = [{ hosts: ['a.b'], secretName: 'a-tls' }];
const ingress = (annotations: Record<string, string>, tls: unknown = TLS, metadata: object = {}) => ({
  metadata: { name: 'i', namespace: 'n', annotations, ...metadata },
  spec: { tls, rules: [{ host: 'never.read' }] },
});
const withIssuer = (annotations: Record<string, string>) =>
  certificatesOfIngress(ingress({ 'cert-manager.io/issuer': 'x', ...annotations }));
const BAD = 'Could not determine issuer for ingress due to bad annotations: ';
const NONE = 'no issuer is named, and Nolapse has no default issuer';

describe('it asks for nothing', () => {
  test.each([
    ['without annotations', ingress({})],
    ['with tls-acme that is false', ingress({ 'kubernetes.io/tls-acme': 'no' })],
    ['without metadata', {}],
    [
      'under foreground deletion',
      ingress({ 'cert-manager.io/issuer': 'x' }, TLS, { deletionTimestamp: 't', finalizers: ['foregroundDeletion'] }),
    ],
  ])('%s', (_, document) => {
    expect(certificatesOfIngress(document)).toEqual({ certificates: [], problems: [], skipped: [] });
  });
});

describe('the issuer', () => {
  test.each([
    [{ issuer: 'x' }, { name: 'x', kind: 'Issuer', group: 'cert-manager.io' }],
    [{ 'cluster-issuer': 'x' }, { name: 'x', kind: 'ClusterIssuer', group: 'cert-manager.io' }],
    [
      { issuer: 'x', 'issuer-kind': 'ClusterIssuer' },
      { name: 'x', kind: 'ClusterIssuer', group: 'cert-manager.io' },
    ],
  ])('of %j is %j', (annotations, issuerRef) => {
    const prefixed = Object.fromEntries(Object.entries(annotations).map(([k, v]) => [`cert-manager.io/${k}`, v]));
    expect(certificatesOfIngress(ingress(prefixed)).certificates[0]?.spec.issuerRef).toEqual(issuerRef);
  });

  test.each([
    [{ 'cert-manager.io/issuer': '' }, NONE],
    [{ 'kubernetes.io/tls-acme': 'True' }, NONE],
    [
      { 'cert-manager.io/issuer': 'x', 'cert-manager.io/cluster-issuer': 'y' },
      'both cert-manager.io/issuer and cert-manager.io/cluster-issuer are set',
    ],
    [
      { 'cert-manager.io/cluster-issuer': 'y', 'cert-manager.io/issuer-kind': 'K' },
      'both cert-manager.io/cluster-issuer and cert-manager.io/issuer-kind are set',
    ],
    [
      { 'cert-manager.io/cluster-issuer': 'y', 'cert-manager.io/issuer-group': 'g' },
      'both cert-manager.io/cluster-issuer and cert-manager.io/issuer-group are set',
    ],
  ])('of %j cannot be told', (annotations, why) => {
    const answer = { certificates: [], problems: [`${BAD}${why}`], skipped: [] };
    expect(certificatesOfIngress(ingress(annotations as Record<string, string>))).toEqual(answer);
  });
});

describe('the tls blocks', () => {
  const shim = (tls: unknown, metadata: object = {}) =>
    certificatesOfIngress(ingress({ 'cert-manager.io/issuer': 'x' }, tls, metadata));

  test('are one Certificate each, hosts in order, addresses apart, rules never read', () => {
    const { certificates, problems } = shim(
      [
        { hosts: ['b.b', '10.0.0.1', 'a.b'], secretName: 's1' },
        { hosts: ['c.b'], secretName: 's2' },
      ],
      { labels: { app: 'x', 'applyset.kubernetes.io/part-of': 'y' } },
    );
    expect(problems).toEqual([]);
    expect(
      certificates.map(({ name, namespace, labels, spec }) => ({ name, namespace, labels, secret: spec.secretName })),
    ).toEqual([
      { name: 's1', namespace: 'n', labels: { app: 'x' }, secret: 's1' },
      { name: 's2', namespace: 'n', labels: { app: 'x' }, secret: 's2' },
    ]);
    expect(certificates[0]?.spec).toMatchObject({ dnsNames: ['b.b', 'a.b'], ipAddresses: ['10.0.0.1'] });
    expect(certificates[0]?.spec.commonName).toBeUndefined();
  });

  test('without hosts or Secret are passed over and named', () => {
    const { certificates, skipped } = shim([{ secretName: 's' }, { hosts: ['a.b'] }, ...TLS]);
    expect(certificates.map(({ name }) => name)).toEqual(['a-tls']);
    expect(skipped).toEqual([
      'Skipped a TLS block: spec.tls[0].hosts: Required value',
      'Skipped a TLS block: spec.tls[1].secretName: Required value',
    ]);
  });

  test('that name one Secret twice leave nothing', () => {
    expect(shim([...TLS, ...TLS])).toEqual({
      certificates: [],
      problems: ['the Secret a-tls is named by two tls blocks'],
      skipped: [],
    });
  });

  test('with a host that is no name leave nothing', () => {
    expect(shim([{ hosts: ['a_b'], secretName: 's' }, ...TLS]).problems).toEqual([
      'spec.dnsNames[0]: "a_b" holds "_", which no DNS name may hold',
    ]);
  });
});

describe('the annotation', () => {
  const c = (name: string): string => `cert-manager.io/${name}`;
  test.each([
    ['common-name', 'a.b', { commonName: 'a.b' }],
    ['alt-names', 'c.b, d.b', { dnsNames: ['a.b', 'c.b', 'd.b'] }],
    ['alt-names', '', { dnsNames: ['a.b'] }],
    ['ip-sans', '10.0.0.1,::1', { ipAddresses: ['10.0.0.1', '::1'] }],
    ['email-sans', 'a@b.c', { emailAddresses: ['a@b.c'] }],
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
    ['private-key-algorithm', 'ECDSA', { privateKey: { algorithm: 'ECDSA', size: 256 } }],
    ['private-key-encoding', 'PKCS8', { privateKey: { encoding: 'PKCS8' } }],
    ['private-key-size', '4096', { privateKey: { size: 4096 } }],
    ['private-key-rotation-policy', 'Always', {}],
    [
      'secret-template',
      '{"labels":{"a":"b"},"annotations":{"c":"d"}}',
      { secretTemplate: { labels: { a: 'b' }, annotations: { c: 'd' } } },
    ],
  ])('%s: %s', (name, value, expected) => {
    const { certificates, problems } = withIssuer({ [c(name)]: value });
    expect(problems).toEqual([]);
    expect(certificates[0]?.spec).toMatchObject(expected);
  });

  test('that shapes HTTP-01 changes nothing, several of a kind add up', () => {
    const { certificates } = withIssuer({
      'acme.cert-manager.io/http01-edit-in-place': 'true',
      [c('subject-countries')]: 'DE',
      [c('subject-localities')]: 'Munich',
    });
    expect(certificates[0]?.spec.subject).toEqual({ countries: ['DE'], localities: ['Munich'] });
  });

  test.each([
    ['duration', '7 days', 'spec.duration: "7 days" is no duration: unknown unit " days" (h, m, s, ms)'],
    ['renew-before-percentage', 'x', 'annotation cert-manager.io/renew-before-percentage: "x" is no whole number'],
    ['usages', 'server auth,', 'annotation cert-manager.io/usages: has an empty item'],
    [
      'subject-organizations',
      '"a',
      'annotation cert-manager.io/subject-organizations: "\\"a" is no list of comma separated values',
    ],
    ['secret-template', '[]', 'annotation cert-manager.io/secret-template: is no JSON object'],
    ['secret-template', '{"x":1}', 'annotation cert-manager.io/secret-template: has the unknown field x'],
    [
      'secret-template',
      '{"annotations":{"cert-manager.io/x":"y"}}',
      'spec.secretTemplate.annotations.cert-manager.io/x: cert-manager.io/* is written by the controller alone',
    ],
    [
      'private-key-rotation-policy',
      'Never',
      'spec.privateKey.rotationPolicy: Never is not honoured by Nolapse (use Always: every certificate gets a new key)',
    ],
    ['revision-history-limit', '0', 'spec.revisionHistoryLimit: 0 is less than 1'],
  ])('%s: %s leaves no Certificate at all', (name, value, problem) => {
    expect(withIssuer({ [c(name)]: value })).toEqual({ certificates: [], problems: [problem], skipped: [] });
  });

  test('secret-template that is no JSON says what the parser says', () => {
    expect(withIssuer({ [c('secret-template')]: '{' }).problems[0]).toMatch(
      /^annotation cert-manager\.io\/secret-template: is no JSON: /,
    );
  });
});
