/** What is left of cert-manager's own time: a Certificate at its first revision, and the CertificateRequest of that revision. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { AdminClient } from '../world.ts';
import type { Spec } from './input.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const GROUP = '/apis/cert-manager.io/v1';

async function sent(admin: AdminClient, method: string, path: string, body: object): Promise<void> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await admin.request(method, path, { type, text: JSON.stringify(body) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
}

/** By a key that is in no Secret: as long as the revision is the current one, cert-manager would issue anew. */
export async function leaveFirstRevision(
  admin: AdminClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const certificate = await admin.get({ kind: 'Certificate', namespace, name });
  if (!certificate) throw new Error(`there is no Certificate ${namespace}/${name}`);
  const { dnsNames = [], issuerRef } = certificate.spec as Spec;
  x509.cryptoProvider.set(webcrypto);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value })))],
  });
  const owner = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name, uid: certificate.metadata.uid };
  const at = `${GROUP}/namespaces/${namespace}`;
  await sent(admin, 'POST', `${at}/certificaterequests`, {
    ...{ apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' },
    metadata: {
      ...{ name: `${name}-1`, namespace, ownerReferences: [{ ...owner, controller: true }] },
      annotations: { 'cert-manager.io/certificate-revision': '1' },
    },
    spec: { request: Buffer.from(csr.toString('pem')).toString('base64'), issuerRef },
  });
  await sent(admin, 'PATCH', `${at}/certificates/${name}/status`, { status: { revision: 1 } });
}
