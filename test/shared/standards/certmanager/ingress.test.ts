/** cert-manager's ingress-shim, a row for each sentence of its rules: what triggers it, which issuer it finds, what it makes of the blocks. */
import { describe, expect, test } from 'vitest';
import { certificatesOfIngress } from '../../../../shared/standards/certmanager/ingress.ts';

const TLS = [{ hosts: ['a.b'], secretName: 'a-tls' }];
const ISSUER = { 'cert-manager.io/issuer': 'x' };
const CLUSTER_ISSUER = { 'cert-manager.io/cluster-issuer': 'y' };
const ACME = 'kubernetes.io/tls-acme';
const c = (name: string): string => `cert-manager.io/${name}`;

interface Parts {
  readonly annotations?: Record<string, string>;
  readonly tls?: unknown;
  readonly metadata?: object;
  readonly spec?: object;
}
const ingress = ({ annotations = ISSUER, tls = TLS, metadata = {}, spec = {} }: Parts) => ({
  metadata: { name: 'i', namespace: 'n', annotations, ...metadata },
  spec: { tls, rules: [{ host: 'never.read' }], ...spec },
});
const shim = (parts: Parts) => certificatesOfIngress(ingress(parts));
const summary = (parts: Parts) =>
  shim(parts).certificates.map(({ name, namespace, labels, spec }) => ({ name, namespace, labels, ...spec }));

describe('trigger', () => {
  const TRIGGERED: readonly [string, Record<string, string>][] = [
    ['cert-manager.io/issuer is there', ISSUER],
    ['cert-manager.io/cluster-issuer is there', CLUSTER_ISSUER],
    ['the key is enough, even empty', { 'cert-manager.io/issuer': '' }],
    ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((value): [string, Record<string, string>] => [
      `tls-acme reads as true in Go: ${value}`,
      { [ACME]: value },
    ]),
  ];
  test.each(TRIGGERED)('%s', (_, annotations) => {
    expect(shim({ annotations }).isShimmed).toBe(true);
  });

  const AT = '2026-01-01T00:00:00Z';
  test.each<[string, Parts]>([
    ['without annotations', { annotations: {} }],
    [
      'by issuer-kind and issuer-group alone',
      { annotations: { [c('issuer-kind')]: 'Issuer', [c('issuer-group')]: 'g' } },
    ],
    ...['no', 'yes', 'tRUE', '', '0', 'false'].map((value): [string, Parts] => [
      `by tls-acme: "${value}"`,
      { annotations: { [ACME]: value } },
    ]),
    ['under foreground deletion', { metadata: { deletionTimestamp: AT, finalizers: ['foregroundDeletion'] } }],
    ['while it is being deleted in another way', { metadata: { deletionTimestamp: AT } }],
  ])('asked for nothing: %s', (_, parts) => {
    expect(shim(parts)).toEqual({ isShimmed: false, certificates: [], problems: [], skipped: [] });
  });

  test('asked for nothing: without metadata', () => {
    expect(certificatesOfIngress({}).isShimmed).toBe(false);
  });

  test('an Ingress of any class is read', () => {
    const annotations = { ...ISSUER, 'kubernetes.io/ingress.class': 'any' };
    expect(summary({ annotations, spec: { ingressClassName: 'other' } })).toHaveLength(1);
  });
});

describe('issuer', () => {
  test.each<[string, Record<string, string>, object]>([
    ['issuer means an Issuer', ISSUER, { name: 'x', kind: 'Issuer' }],
    ['cluster-issuer means a ClusterIssuer', CLUSTER_ISSUER, { name: 'y', kind: 'ClusterIssuer' }],
    [
      'issuer-kind changes the kind',
      { ...ISSUER, [c('issuer-kind')]: 'ClusterIssuer' },
      { name: 'x', kind: 'ClusterIssuer' },
    ],
    [
      'an empty kind and group are the defaults',
      { ...ISSUER, [c('issuer-kind')]: '', [c('issuer-group')]: '' },
      { name: 'x', kind: 'Issuer' },
    ],
    ['tls-acme beside an issuer changes nothing', { ...ISSUER, [ACME]: 'true' }, { name: 'x', kind: 'Issuer' }],
  ])('%s', (_, annotations, issuerRef) => {
    expect(summary({ annotations })[0]?.issuerRef).toEqual({ ...issuerRef, group: 'cert-manager.io' });
  });

  const NONE = 'no issuer is named, and Nolapse has no default issuer';
  const both = (b: string, a = 'cluster-issuer'): string => `both ${c(a)} and ${c(b)} are set`;
  test.each<[string, Record<string, string>, string]>([
    ['no name: an empty one', { 'cert-manager.io/issuer': '' }, NONE],
    ['no name: tls-acme without a default issuer', { [ACME]: 'True' }, NONE],
    ['issuer and cluster-issuer', { ...ISSUER, ...CLUSTER_ISSUER }, both('cluster-issuer', 'issuer')],
    [
      'issuer and cluster-issuer, one of them empty',
      { 'cert-manager.io/issuer': '', ...CLUSTER_ISSUER },
      both('cluster-issuer', 'issuer'),
    ],
    ['cluster-issuer and issuer-kind', { ...CLUSTER_ISSUER, [c('issuer-kind')]: 'ClusterIssuer' }, both('issuer-kind')],
    [
      'cluster-issuer and issuer-group',
      { ...CLUSTER_ISSUER, [c('issuer-group')]: 'cert-manager.io' },
      both('issuer-group'),
    ],
    [
      'all that is wrong is said at once',
      { 'cert-manager.io/cluster-issuer': '', [c('issuer-group')]: 'g', [c('issuer-kind')]: 'K' },
      `${NONE}, ${both('issuer-group')}, ${both('issuer-kind')}`,
    ],
  ])('cannot be told: %s', (_, annotations, why) => {
    const problem = `Could not determine issuer for ingress due to bad annotations: ${why}`;
    expect(shim({ annotations })).toEqual({ isShimmed: true, certificates: [], problems: [problem], skipped: [] });
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'a kind that cert-manager has not',
      { [c('issuer-kind')]: 'Other' },
      'spec.issuerRef.kind: "Other" is none of Issuer, ClusterIssuer',
    ],
    [
      'an external issuer, which Nolapse does not run',
      { [c('issuer-group')]: 'g' },
      'spec.issuerRef.group: issuers of the group "g" are not honoured by Nolapse',
    ],
  ])('is refused: %s', (_, annotations, why) => {
    const { certificates, problems } = shim({ annotations: { ...ISSUER, ...annotations } });
    expect([certificates, problems]).toEqual([[], [expect.stringContaining(why)]]);
  });
});

describe('blocks', () => {
  const hosts = ['a.b'];
  test.each<[string, Parts, readonly object[]]>([
    [
      'one Certificate for each, by the name of its Secret, in the namespace of the Ingress',
      { tls: [...TLS, { hosts: ['c.d'], secretName: 'c-tls' }] },
      [
        { name: 'a-tls', namespace: 'n', secretName: 'a-tls', dnsNames: ['a.b'] },
        { name: 'c-tls', namespace: 'n', secretName: 'c-tls', dnsNames: ['c.d'] },
      ],
    ],
    [
      'hosts are names and addresses, in order; rules are never read',
      { tls: [{ hosts: ['b.b', '10.0.0.1', 'a.b', '::1'], secretName: 's' }] },
      [{ dnsNames: ['b.b', 'a.b'], ipAddresses: ['10.0.0.1', '::1'] }],
    ],
    [
      'a host that is named twice is one name',
      { tls: [{ hosts: ['a.b', 'a.b'], secretName: 's' }] },
      [{ dnsNames: ['a.b'] }],
    ],
    ['no common name unless it is annotated', {}, [expect.not.objectContaining({ commonName: expect.anything() })]],
    [
      'labels are copied, but for the applyset',
      { metadata: { labels: { app: 'x', 'applyset.kubernetes.io/part-of': 'y' } } },
      [{ labels: { app: 'x' } }],
    ],
    ['annotations are not copied', {}, [{ secretTemplate: { labels: {}, annotations: {} } }]],
    ['usages are digital signature and key encipherment', {}, [{ usages: ['digital signature', 'key encipherment'] }]],
    ['no block, no Certificate', { tls: [] }, []],
  ])('%s', (_, parts, expected) => {
    const found = summary(parts);
    expect(found).toHaveLength(expected.length);
    for (const [i, one] of expected.entries())
      expect(found[i]).toEqual('asymmetricMatch' in one ? one : expect.objectContaining(one));
  });

  const required = (path: string): string => `${path}: Required value`;
  test.each<[string, readonly object[], string]>([
    ['without hosts', [{ secretName: 's' }], required('spec.tls[0].hosts')],
    ['with an empty list of hosts', [{ secretName: 's', hosts: [] }], required('spec.tls[0].hosts')],
    ['without a Secret', [{ hosts }], required('spec.tls[0].secretName')],
    ['without both', [{}], `[${required('spec.tls[0].hosts')}, ${required('spec.tls[0].secretName')}]`],
  ])('one %s is passed over, and the others are not', (_, wrong, why) => {
    const { certificates, problems, skipped } = shim({ tls: [...wrong, ...TLS] });
    expect(certificates.map(({ name }) => name)).toEqual(['a-tls']);
    expect([problems, skipped]).toEqual([[], [`Skipped a TLS block: ${why}`]]);
  });

  test.each<[string, readonly object[], string]>([
    ['one Secret in two blocks', [...TLS, ...TLS], '"a-tls"'],
    ['one of them without hosts', [...TLS, { secretName: 'a-tls' }], '"a-tls"'],
    ['no Secret in two blocks', [{ hosts }, { hosts: ['c.d'] }, ...TLS], '""'],
  ])('refused as a whole: %s', (_, tls, name) => {
    const problem = `spec.tls[0].secretName: the Secret ${name} is also named by spec.tls[1].secretName`;
    expect(shim({ tls })).toEqual({ isShimmed: true, certificates: [], problems: [problem], skipped: [] });
  });

  test('with a host that is no name leave nothing', () => {
    const { certificates, problems } = shim({ tls: [{ hosts: ['a_b'], secretName: 's' }, ...TLS] });
    expect([certificates, problems]).toEqual([[], ['spec.dnsNames[0]: "a_b" holds "_", which no DNS name may hold']]);
  });
});
