/** Client certificates of the cluster's users, from an authority of this process. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { randomSerial } from '../tls.ts';
import type { TokenUser } from './access.ts';
import type { ClientCertificate } from './config.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface ClientAuthority {
  readonly caPem: string;
  readonly clients: readonly ClientCertificate[];
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);

async function clientOf(
  { user, groups }: TokenUser,
  ca: { readonly certificate: x509.X509Certificate; readonly keys: webcrypto.CryptoKeyPair },
): Promise<ClientCertificate> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.Name([{ CN: [user] }, ...groups.map((group) => ({ O: [group] }))]).toString(),
    issuer: ca.certificate.subject,
    serialNumber: randomSerial(),
    notBefore: ca.certificate.notBefore,
    notAfter: ca.certificate.notAfter,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { user, certPem: certificate.toString('pem'), keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

export async function makeClients(users: readonly TokenUser[]): Promise<ClientAuthority> {
  const keys = await newKeys();
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Sandbox clients',
    serialNumber: randomSerial(),
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 365 * DAY_MS),
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const clients = await Promise.all(users.map((user) => clientOf(user, { certificate, keys })));
  return { caPem: certificate.toString('pem'), clients };
}
