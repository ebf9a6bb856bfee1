/** Every kind of owner that a Secret can have: how it comes to be, what is said of it, and whether consent opens it. */
import { selfSignedPair, tlsSecret } from './tls-secrets.ts';
import type { AdminClient, Manifest, World } from './world.ts';

export const NAMESPACE = 'shop';

export interface Owner {
  readonly name: string;
  /** Labels and annotations on the Secret. */
  readonly metadata?: Pick<Manifest['metadata'], 'labels' | 'annotations'>;
  readonly change?: (secret: Manifest) => Manifest;
  readonly make: (admin: AdminClient, secret: Manifest) => Promise<unknown>;
  /** `severity code` of all findings about it. */
  readonly findings: readonly string[];
  /** In the message of one of them. */
  readonly says: RegExp;
  readonly ownership: 'adoptable' | 'owned' | 'other-installation' | 'unwritable';
}

const create: Owner['make'] = (admin, secret) => admin.create(secret);
const applyAs =
  (manager: string): Owner['make'] =>
  (admin, secret) =>
    admin.apply(secret, { manager });

/** `severity code` of what is said where consent changes nothing. */
export const REFUSED = ['high destination-refused'];
const ADOPTABLE = ['info adoptable'];

export const owners: readonly Owner[] = [
  {
    name: 'made-by-kubectl-create',
    make: create,
    findings: ADOPTABLE,
    says: /was made by kubectl-create, so fleet\/made-by-kubectl-create is not delivered there without consent/,
    ownership: 'adoptable',
  },
  {
    name: 'applied-client-side',
    make: (admin, secret) => admin.applyClientSide(secret),
    findings: ['info adoptable', 'warning key-in-annotation'],
    says: /was made by kubectl-client-side-apply/,
    ownership: 'adoptable',
  },
  {
    name: 'applied-server-side',
    make: applyAs('terraform'),
    findings: ADOPTABLE,
    says: /was made by terraform/,
    ownership: 'adoptable',
  },
  {
    name: 'of-external-secrets',
    metadata: { labels: { 'reconcile.external-secrets.io/managed': 'true' } },
    make: applyAs('externalsecrets.external-secrets.io'),
    findings: REFUSED,
    says: /External Secrets owns it and would write again/,
    ownership: 'owned',
  },
  {
    name: 'of-argo-cd',
    metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Secret:shop/of-argo-cd' } },
    make: create,
    findings: REFUSED,
    says: /Argo CD owns it and would write again/,
    ownership: 'owned',
  },
  {
    name: 'of-helm',
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shop' },
    },
    make: (admin, secret) => admin.create(secret, 'helm'),
    findings: REFUSED,
    says: /Helm owns it and would write again/,
    ownership: 'owned',
  },
  {
    name: 'marked-by-another-fleet',
    metadata: { annotations: { 'nolapse.dev/fleet': 'other', 'nolapse.dev/installation': 'theirs' } },
    make: applyAs('nolapse-other'),
    findings: REFUSED,
    says: /the Nolapse fleet other owns it/,
    ownership: 'owned',
  },
  {
    name: 'written-by-another-fleet',
    make: applyAs('nolapse-other'),
    findings: REFUSED,
    says: /the Nolapse fleet other owns it/,
    ownership: 'owned',
  },
  {
    name: 'of-another-installation',
    metadata: { annotations: { 'nolapse.dev/fleet': 'world', 'nolapse.dev/installation': 'elsewhere' } },
    make: applyAs('nolapse-world'),
    findings: REFUSED,
    says: /another installation of this fleet \(elsewhere\) delivers there/,
    ownership: 'other-installation',
  },
  {
    name: 'of-a-live-certificate',
    metadata: { annotations: { 'cert-manager.io/certificate-name': 'theirs' } },
    make: async (admin, secret) => {
      await admin.create({
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'theirs', namespace: NAMESPACE },
        spec: { secretName: secret.metadata.name, dnsNames: ['theirs.example.org'], issuerRef: { name: 'absent' } },
      });
      await admin.apply(secret, { manager: 'cert-manager-certificates-issuing' });
    },
    findings: REFUSED,
    says: /Certificate theirs owns it and would write again/,
    ownership: 'owned',
  },
  {
    name: 'immutable',
    change: (secret) => ({ ...secret, immutable: true }),
    make: create,
    findings: REFUSED,
    says: /the Secret is immutable/,
    ownership: 'unwritable',
  },
  {
    name: 'opaque',
    change: (secret) => ({ ...secret, type: 'Opaque' }),
    make: create,
    findings: REFUSED,
    says: /the Secret is of type Opaque, which cannot be changed/,
    ownership: 'unwritable',
  },
];

/** A Secret of each owner in `east`. */
export async function makeSecrets(world: World): Promise<void> {
  const [{ admin }] = world.clusters;
  await admin.namespace(NAMESPACE);
  for (const { name, metadata, change = (secret: Manifest) => secret, make } of owners) {
    const pair = await selfSignedPair([`${name}.${world.zone.name}`]);
    await make(admin, change(tlsSecret({ namespace: NAMESPACE, name }, pair, metadata)));
  }
}
