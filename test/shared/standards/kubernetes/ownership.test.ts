/** Whose a place is, row by row. */
import { describe, expect, test } from 'vitest';
import type { FieldManager, Observation, Ownership } from '../../../../shared/contract/observation.ts';
import { ownershipOf } from '../../../../shared/standards/kubernetes/ownership.ts';

const US = { fleet: 'acme', installation: 'here', certificate: 'prod/shop/shop' };
const PAIR = ['tls.crt', 'tls.key'];

const by = (manager: string, dataKeys: readonly string[] = PAIR): FieldManager => ({
  manager,
  operation: 'Apply',
  dataKeys,
});

const seen = (parts: Partial<Observation> = {}): Observation => ({
  place: 'prod/shop/shop-tls',
  uid: 'u',
  version: '1',
  type: 'kubernetes.io/tls',
  immutable: false,
  chain: [],
  managers: [by('kubectl-create')],
  owners: [],
  labels: {},
  annotations: {},
  ...parts,
});

const marks = (fleet: string, installation?: string): Record<string, string> => ({
  'nolapse.dev/fleet': fleet,
  ...(installation && { 'nolapse.dev/installation': installation }),
});
const named = (name: string): Record<string, string> => ({ 'cert-manager.io/certificate-name': name });
const certManager = [by('cert-manager-certificates-issuing')];
const inStore = { place: 'secretsmanager/shop', type: 'secretsmanager', managers: [] };
const owned = (owner: string): Ownership => ({ is: 'owned', owner });
const adoptable = (who: string): Ownership => ({ is: 'adoptable', by: who });
const OPAQUE = 'the Secret is of type Opaque, which cannot be changed; a certificate needs kubernetes.io/tls';

type Row = readonly [string, Partial<Observation>, Ownership];

const OURS: readonly Row[] = [
  ['our mark', { annotations: marks('acme', 'here') }, { is: 'ours' }],
  ['our mark beside an owner', { annotations: marks('acme', 'here'), owners: ['Thing/x'] }, { is: 'ours' }],
  [
    'our mark of another installation',
    { annotations: marks('acme', 'there') },
    { is: 'other-installation', installation: 'there' },
  ],
  ['our mark of nobody', { annotations: marks('acme') }, { is: 'other-installation', installation: 'unknown' }],
  ['our manager without a mark', { managers: [by('nolapse-acme')] }, adoptable('nolapse-acme')],
  ['the mark of another fleet', { annotations: marks('rival', 'here') }, owned('the Nolapse fleet rival')],
  ['the manager of another fleet', { managers: [by('nolapse-rival')] }, owned('the Nolapse fleet rival')],
  ['a rival that owns no data', { managers: [by('nolapse-rival', []), by('kubectl')] }, adoptable('kubectl')],
  [
    'a mark on an immutable Secret',
    { annotations: marks('acme', 'here'), immutable: true },
    { is: 'unwritable', why: 'the Secret is immutable' },
  ],
  ['an immutable Secret', { immutable: true }, { is: 'unwritable', why: 'the Secret is immutable' }],
  ['an Opaque Secret', { type: 'Opaque' }, { is: 'unwritable', why: OPAQUE }],
];

const CERT_MANAGER: readonly Row[] = [
  ['another Certificate', { annotations: named('other'), managers: certManager }, owned('Certificate other')],
  ['the Certificate we serve', { annotations: named('shop'), managers: certManager }, adoptable('cert-manager')],
  ['a Certificate as owner', { owners: ['Certificate/other'] }, owned('Certificate other')],
  ['the Certificate we serve as owner', { owners: ['Certificate/shop'] }, adoptable('cert-manager')],
  ['an annotation that was copied', { annotations: named('other') }, adoptable('kubectl-create')],
  [
    'the same name in another namespace',
    { place: 'prod/billing/shop-tls', annotations: named('shop'), managers: certManager },
    owned('Certificate shop'),
  ],
  [
    'the Certificate we serve under Argo CD',
    { annotations: named('shop'), managers: certManager, labels: { 'argocd.argoproj.io/instance': 'x' } },
    adoptable('cert-manager'),
  ],
];

const TOOLS: readonly Row[] = [
  [
    'External Secrets by label',
    { labels: { 'reconcile.external-secrets.io/managed': 'true' } },
    owned('External Secrets'),
  ],
  [
    'External Secrets by manager',
    { managers: [by('externalsecrets.external-secrets.io/shop')] },
    owned('External Secrets'),
  ],
  ['Argo CD by annotation', { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }, owned('Argo CD')],
  ['Argo CD by manager', { managers: [by('argocd-controller')] }, owned('Argo CD')],
  ['Argo CD on labels alone', { managers: [by('argocd-controller', []), by('kubectl')] }, adoptable('kubectl')],
  ['Flux by label', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }, owned('Flux')],
  ['Flux by manager', { managers: [by('kustomize-controller')] }, owned('Flux')],
  ['Helm by annotation', { annotations: { 'meta.helm.sh/release-name': 'x' } }, owned('Helm')],
  ['Helm by label', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, owned('Helm')],
  ['a reflected copy', { annotations: { 'reflector.v1.k8s.emberstack.com/reflects': 'a/b' } }, owned('Reflector')],
  ['any other owner', { owners: ['SealedSecret/shop'] }, owned('SealedSecret shop')],
];

const OTHERS: readonly Row[] = [
  ['kubectl', {}, adoptable('kubectl-create')],
  ['two managers of the pair', { managers: [by('a'), by('b', ['tls.key']), by('c', ['x'])] }, adoptable('a, b')],
  ['a manager of other data', { managers: [by('terraform', ['x'])] }, adoptable('terraform')],
  ['nobody known', { managers: [] }, adoptable('unknown')],
  ['a store', inStore, adoptable('unknown')],
  ['our mark in a store', { ...inStore, annotations: marks('acme', 'here') }, { is: 'ours' }],
  ['a service in a store', { ...inStore, annotations: { 'secretsmanager/owning-service': 'rds' } }, owned('rds')],
];

describe('ownership', () => {
  test('of nothing is absent', () => {
    expect(ownershipOf(undefined, US)).toEqual({ is: 'absent' });
  });

  test.each([...OURS, ...CERT_MANAGER, ...TOOLS, ...OTHERS])('of %s', (_, parts, ownership) => {
    expect(ownershipOf(seen(parts), US)).toEqual(ownership);
  });

  test('of a Certificate that is gone goes to whoever consents', () => {
    const asked: string[] = [];
    const gone = (name: string): boolean => {
      asked.push(name);
      return false;
    };
    const annotated = seen({ annotations: named('other'), managers: certManager });
    expect(ownershipOf(annotated, US, gone)).toEqual(adoptable('cert-manager-certificates-issuing'));
    expect(ownershipOf(seen({ owners: ['Certificate/other'] }), US, gone)).toEqual(adoptable('kubectl-create'));
    expect(asked).toEqual(['other', 'other']);
  });
});
