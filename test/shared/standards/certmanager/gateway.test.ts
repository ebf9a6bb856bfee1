/** cert-manager's gateway-shim, a row for each sentence of its rules: which listeners it takes, which it passes over, what it makes of them. */
import { describe, expect, test } from 'vitest';
import { certificatesOfGateway } from '../../../../shared/standards/certmanager/gateway.ts';

const ISSUER = { 'cert-manager.io/issuer': 'x' };
const tls = (more: object = {}) => ({
  mode: 'Terminate',
  certificateRefs: [{ group: '', kind: 'Secret', name: 'a-tls' }],
  ...more,
});
const listener = (more: object = {}) => ({
  name: 'https',
  hostname: 'a.b',
  port: 443,
  protocol: 'HTTPS',
  tls: tls(),
  ...more,
});
const ref = (more: object) => tls({ certificateRefs: [{ name: 'a-tls', ...more }] });
const shim = (listeners: readonly object[], annotations: Record<string, string> = ISSUER) =>
  certificatesOfGateway({
    metadata: { name: 'g', namespace: 'n', annotations, labels: { app: 'x' } },
    spec: { listeners },
  });
const asked = (listeners: readonly object[], annotations?: Record<string, string>) =>
  shim(listeners, annotations).certificates.map(({ name, spec }) => [name, ...spec.dnsNames]);

test('a listener is a Certificate by the name of its Secret, in the namespace of the Gateway, with its labels', () => {
  const { certificates, problems, skipped } = shim([listener()]);
  expect([problems, skipped]).toEqual([[], []]);
  expect(certificates).toMatchObject([
    {
      ...{ name: 'a-tls', namespace: 'n', labels: { app: 'x' } },
      spec: {
        secretName: 'a-tls',
        dnsNames: ['a.b'],
        issuerRef: { name: 'x', kind: 'Issuer' },
        usages: ['digital signature', 'key encipherment'],
      },
    },
  ]);
});

describe('listeners', () => {
  const IGNORING = { ...ISSUER, 'cert-manager.io/ignore-tls-listeners': 'other, https' };
  test.each<[string, readonly object[], readonly (readonly string[])[], Record<string, string>?]>([
    [
      'HTTPS and TLS are taken',
      [listener(), listener({ protocol: 'TLS', hostname: 'c.d' })],
      [['a-tls', 'a.b', 'c.d']],
    ],
    [
      'all hosts of one Secret are in one Certificate, once each',
      [listener(), listener(), listener({ hostname: '*.a.b' })],
      [['a-tls', 'a.b', '*.a.b']],
    ],
    [
      'each Secret of a listener is a Certificate',
      [listener({ tls: tls({ certificateRefs: [{ name: 'a' }, { name: 'b' }] }) })],
      [
        ['a', 'a.b'],
        ['b', 'a.b'],
      ],
    ],
    [
      'a group core, and no group and kind, are those of a Secret',
      [listener({ tls: ref({ group: 'core' }) }), listener({ tls: ref({ group: '', kind: '' }), hostname: 'c.d' })],
      [['a-tls', 'a.b', 'c.d']],
    ],
    [
      'a mode that nobody wrote is the one that an API server fills in',
      [listener({ tls: tls({ mode: undefined }) })],
      [['a-tls', 'a.b']],
    ],
    ['its own namespace may be said', [listener({ tls: ref({ namespace: 'n' }) })], [['a-tls', 'a.b']]],
    [
      'other protocols are left alone',
      ['HTTP', 'TCP', 'UDP', 'https'].map((protocol) => listener({ protocol, tls: undefined })),
      [],
    ],
    [
      'Passthrough is left alone, whatever else is missing',
      [listener({ tls: { mode: 'Passthrough' }, hostname: '' })],
      [],
    ],
    [
      'one that an annotation ignores is left alone',
      [listener({ hostname: '' }), listener({ name: 'http', hostname: 'c.d' })],
      [['a-tls', 'c.d']],
      IGNORING,
    ],
    ['that annotation says the whole name', [listener({ name: 'https-2' })], [['a-tls', 'a.b']], IGNORING],
  ])('%s', (_, listeners, expected, annotations) => {
    expect(asked(listeners, annotations)).toEqual(expected);
    expect(shim(listeners, annotations)).toMatchObject({ problems: [], skipped: [] });
  });

  const at = 'spec.listeners[0]';
  const refAt = `${at}.tls.certificateRefs[0]`;
  test.each<[string, object, string]>([
    ['without a hostname', { hostname: undefined }, `${at}.hostname: Required value`],
    ['with an empty hostname', { hostname: '' }, `${at}.hostname: Required value`],
    ['without tls', { tls: undefined }, `${at}.tls: Required value`],
    [
      'without certificateRefs',
      { tls: { mode: 'Terminate', certificateRefs: [] } },
      `${at}.tls.certificateRefs: Required value`,
    ],
    ['of another group', { tls: ref({ group: 'g' }) }, `${refAt}.group: Unsupported value: "g"`],
    ['of another kind', { tls: ref({ kind: 'ConfigMap' }) }, `${refAt}.kind: Unsupported value: "ConfigMap"`],
    [
      'in another namespace, ReferenceGrant or not',
      { tls: ref({ namespace: 'o' }) },
      `${refAt}.namespace: the Secret must be in the namespace of the Gateway`,
    ],
    ['of another mode', { tls: tls({ mode: 'Other' }) }, `${at}.tls.mode: Unsupported value: "Other"`],
    [
      'without hostname and references',
      { hostname: '', tls: { mode: 'Terminate' } },
      `[${at}.hostname: Required value, ${at}.tls.certificateRefs: Required value]`,
    ],
  ])('one %s is passed over, and the others are not', (_, more, why) => {
    const found = shim([listener(more), listener({ hostname: 'c.d' })]);
    expect(found.certificates.map(({ spec }) => spec.dnsNames)).toEqual([['c.d']]);
    expect([found.problems, found.skipped]).toEqual([[], [`Skipped a listener block: ${why}`]]);
  });
});

describe('annotations', () => {
  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['tls-acme never triggers a Gateway', { 'kubernetes.io/tls-acme': 'true' }],
  ])('asked for nothing: %s', (_, annotations) => {
    expect(shim([listener()], annotations)).toEqual({ isShimmed: false, certificates: [], problems: [], skipped: [] });
  });

  test('shape its Certificates as those of an Ingress do', () => {
    const annotations = { 'cert-manager.io/cluster-issuer': 'y', 'cert-manager.io/private-key-algorithm': 'ECDSA' };
    expect(shim([listener()], annotations).certificates[0]?.spec).toMatchObject({
      ...{ issuerRef: { name: 'y', kind: 'ClusterIssuer' }, privateKey: { algorithm: 'ECDSA' } },
    });
  });

  test('that contradict each other leave nothing', () => {
    const { certificates, problems } = shim([listener()], { ...ISSUER, 'cert-manager.io/cluster-issuer': 'y' });
    const why = 'both cert-manager.io/issuer and cert-manager.io/cluster-issuer are set';
    expect([certificates, problems]).toEqual([
      [],
      [`Could not determine issuer for gateway due to bad annotations: ${why}`],
    ]);
  });
});
