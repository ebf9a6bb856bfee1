/** A certificate authority of this process and one leaf for loopback, so that sandbox servers speak TLS that a client can verify. */
import 'reflect-metadata';
import { randomBytes, randomInt, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface LoopbackTls {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A serial number as RFC 5280 §4.1.2.2 wants it: positive, at most 20 octets. */
export const randomSerial = (): string =>
  randomInt(0x01, 0x80).toString(16).padStart(2, '0') + randomBytes(15).toString('hex');

const keyPair = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

let made: Promise<LoopbackTls> | undefined;

async function make(): Promise<LoopbackTls> {
  const [caKeys, leafKeys] = await Promise.all([keyPair(), keyPair()]);
  const now = Date.now();
  const validity = { notBefore: new Date(now - HOUR), notAfter: new Date(now + 365 * DAY) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: randomSerial(),
    name: `CN=Sandbox TLS ${randomBytes(3).toString('hex')}`,
    keys: caKeys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: randomSerial(),
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: leafKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  return { caPem: ca.toString('pem'), certPem: leaf.toString('pem'), keyPem: await privatePem(leafKeys.privateKey) };
}

/** The leaf for localhost, 127.0.0.1 and ::1 and the root it leads to: the same for every caller of this process, new in each. */
export function makeTls(): Promise<LoopbackTls> {
  made ??= make();
  return made;
}
