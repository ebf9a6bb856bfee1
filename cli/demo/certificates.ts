/** Certificates with a past, for the demo's clusters: of any age, signed by CAs made for one run. */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface Pair {
  readonly certPem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

export interface Signer extends Pair {
  readonly subject: string;
  readonly key: webcrypto.CryptoKey;
}

/** Days are counted from now: a life of `age` so far and `left` to come, negative where it is over. */
export interface Life {
  readonly age: number;
  readonly left: number;
  /** Hex; default: a new one. */
  readonly serial?: string;
  /** Who signs; self-signed without. */
  readonly issuer?: Signer;
}

export interface Maker {
  /** A CA of that common name. */
  authority(commonName: string, life: Life): Promise<Signer>;
  /** A server certificate with its chain up to the root, which is left out. */
  leaf(names: readonly string[], life: Life & { readonly issuer: Signer }): Promise<Pair>;
}

interface Making extends Life {
  readonly now: Date;
  readonly subject: string;
  readonly extensions: readonly x509.Extension[];
}

async function make({ subject, issuer, age, left, now, extensions, serial }: Making): Promise<Signer> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    // positive, and with no zero in front that one reader would show and another would not
    serialNumber: serial ?? `3${randomBytes(15).toString('hex')}a`,
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(now.getTime() - age * DAY_MS),
    notAfter: new Date(now.getTime() + left * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [...extensions],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    subject,
    key: keys.privateKey,
  };
}

const caExtensions = (): readonly x509.Extension[] => [
  new x509.BasicConstraintsExtension(true, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
];

const leafExtensions = (names: readonly string[]): readonly x509.Extension[] => [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
];

export const makerAt = (now: Date): Maker => ({
  authority: (commonName, life) => make({ ...life, now, subject: `CN=${commonName}`, extensions: caExtensions() }),
  leaf: async (names, life) => {
    const made = await make({ ...life, now, subject: `CN=${names[0]}`, extensions: leafExtensions(names) });
    return { certPem: made.certPem + life.issuer.certPem, keyPem: made.keyPem };
  },
});
