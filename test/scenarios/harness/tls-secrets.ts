/** Certificates of somebody else, and the TLS Secrets that hold them: what a run finds before it has made anything. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './private-ca.ts';
import type { Manifest } from './world.ts';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface PairOptions {
  /** Default: a day ago. */
  readonly notBefore?: Date;
  /** Default: 90 days after notBefore. */
  readonly notAfter?: Date;
  /** A CA that signs others; default a server certificate. */
  readonly isCA?: boolean;
}

/** A self-signed certificate and its key (P-256, PKCS#8), new at every call. */
export async function selfSignedPair(dnsNames: readonly string[], options: PairOptions = {}): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const notBefore = options.notBefore ?? new Date(Date.now() - DAY_MS);
  const notAfter = options.notAfter ?? new Date(notBefore.getTime() + 90 * DAY_MS);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${dnsNames[0]}`,
    ...{ notBefore, notAfter, keys, signingAlgorithm: ALGORITHM },
    extensions: [
      new x509.BasicConstraintsExtension(options.isCA ?? false, undefined, true),
      ...(options.isCA
        ? [
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
          ]
        : [
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value }))),
          ]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certPem: certificate.toString('pem'), keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
}

/** An RSA certificate for those names, signed by that CA, and its key (PKCS#8). */
export async function signedPair(
  ca: KeyPair,
  dnsNames: readonly string[],
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Buffer.of(1, 0, 1), modulusLength: 2048 };
  const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const pkcs8OfCa = x509.PemConverter.decodeFirst(ca.keyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ notBefore, notAfter, subject: '', publicKey: keys.publicKey, signingAlgorithm: ALGORITHM },
    issuer: new x509.X509Certificate(ca.certPem).subject,
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8OfCa, ALGORITHM, false, ['sign']),
    extensions: [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value })))],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certPem: certificate.toString('pem'), keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The Secret that holds the pair; `metadata` adds labels and annotations. */
export const tlsSecret = (
  at: { readonly namespace: string; readonly name: string },
  pair: KeyPair,
  metadata: Pick<Manifest['metadata'], 'labels' | 'annotations'> = {},
): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...metadata, ...at },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': base64(pair.certPem), 'tls.key': base64(pair.keyPem) },
});
