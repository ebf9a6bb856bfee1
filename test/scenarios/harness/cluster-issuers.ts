/** Issuers inside a cluster, as cert-manager's users have them: one of the CA over ACME, one of a CA in a Secret, one that signs itself. */
import type { KeyPair } from './private-ca.ts';
import { selfSignedPair, tlsSecret } from './tls-secrets.ts';
import type { Manifest, World, WorldCluster } from './world.ts';

const DAY_MS = 86_400_000;

type CertManagerKind = 'Certificate' | 'Issuer' | 'ClusterIssuer';

export const certManager = (kind: CertManagerKind, metadata: Manifest['metadata'], spec: object): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind,
  metadata,
  spec,
});

export const PUBLIC = { name: 'public', kind: 'ClusterIssuer' };
export const PRIVATE = { name: 'private', kind: 'ClusterIssuer' };
/** In the namespace shop. */
export const OWN = { name: 'own', kind: 'Issuer' };

/** The ClusterIssuer `private` of a cluster and its Secret, where cert-manager has it; the CA's pair. */
export async function privateIssuer({ admin, name }: WorldCluster, days: number): Promise<KeyPair> {
  const notAfter = new Date(Date.now() + days * DAY_MS);
  const pair = await selfSignedPair([`CA of ${name}`], { isCA: true, notAfter });
  for (const namespace of ['cert-manager', 'shop', 'lab']) await admin.namespace(namespace);
  await admin.create(tlsSecret({ namespace: 'cert-manager', name: 'private-ca' }, pair));
  await admin.create(certManager('ClusterIssuer', { name: PRIVATE.name }, { ca: { secretName: 'private-ca' } }));
  return pair;
}

/** The ClusterIssuer `public` and the Issuer `own`. */
export async function otherIssuers({ acme }: World, { admin }: WorldCluster): Promise<void> {
  const { directory: server, caPem, profile } = acme;
  const caBundle = Buffer.from(caPem).toString('base64');
  const privateKeySecretRef = { name: 'public-account' };
  const spec = { acme: { server, caBundle, profile, privateKeySecretRef, solvers: [{ dns01: { route53: {} } }] } };
  await admin.create(certManager('ClusterIssuer', { name: PUBLIC.name }, spec));
  await admin.create(certManager('Issuer', { namespace: 'shop', name: OWN.name }, { selfSigned: {} }));
}
