/** As many TLS Secrets as are asked for, as a public CA leaves them: a leaf of its own and an intermediate in each, over fifty namespaces. */
import 'reflect-metadata';
import { createHash, generateKeyPairSync, KeyObject, sign, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Manifest } from '../scenarios/harness/world.ts';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DIGITS = 6;
export const NAMESPACES = Array.from({ length: 50 }, (_, n) => `team-${n}`);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

interface Ca {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function intermediate(): Promise<Ca> {
  const [root, keys] = [await newKeys(), await newKeys()];
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: 'C=US, O=Example Trust, CN=E7', issuer: 'C=US, O=Example Research Group, CN=Example Root X1' },
    notBefore: new Date(Date.now() - 100 * DAY_MS),
    notAfter: new Date(Date.now() + 2000 * DAY_MS),
    ...{ publicKey: keys.publicKey, signingKey: root.privateKey, signingAlgorithm: ALGORITHM },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  return { certificate, keys };
}

/** What is another in each certificate, always as long. */
interface Own {
  readonly name: string;
  readonly serial: Buffer;
  /** The point of the key: the last 65 bytes of its SubjectPublicKeyInfo. */
  readonly point: Buffer;
  readonly keyId: Buffer;
  readonly notBefore: Buffer;
  readonly notAfter: Buffer;
}

const PARTS = ['serial', 'point', 'keyId', 'notBefore', 'notAfter'] as const;
const START = Date.now() - 20 * DAY_MS;
const beginOf = (n: number): Date => new Date(START - (n % 40) * 3_600_000 - n * 1000);

/** UTCTime (RFC 5280 §4.1.2.5.1). */
const utcTime = (at: Date): Buffer => Buffer.from(`${at.toISOString().slice(2, 19).replace(/\D/g, '')}Z`);

const ownOf = (n: number, spki: Buffer): Own => ({
  name: `service-${String(n).padStart(DIGITS, '0')}`,
  serial: Buffer.from((0x0a00_0000_0000 + n).toString(16).padStart(16, '1'), 'hex'),
  point: spki.subarray(-65),
  keyId: createHash('sha1').update(spki.subarray(-65)).digest(),
  notBefore: utcTime(beginOf(n)),
  notAfter: utcTime(new Date(beginOf(n).getTime() + 90 * DAY_MS)),
});

async function templateOf(ca: Ca): Promise<{ readonly tbs: Buffer; readonly own: Own }> {
  const keys = await newKeys();
  const own = ownOf(0, Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey)));
  const notBefore = beginOf(0);
  const names = [`${own.name}.example.com`, `www.${own.name}.example.com`];
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: own.serial.toString('hex'),
    ...{ subject: `CN=${names[0]}`, issuer: ca.certificate.subject, notBefore },
    notAfter: new Date(notBefore.getTime() + 90 * DAY_MS),
    ...{ publicKey: keys.publicKey, signingKey: ca.keys.privateKey, signingAlgorithm: ALGORITHM },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
    ],
  });
  const der = Buffer.from(leaf.rawData);
  // SEQUENCE { SEQUENCE tbs, …}, both with lengths of two bytes
  return { tbs: der.subarray(4, 8 + der.readUInt16BE(6)), own };
}

/** Every place where the one stands, as long as the other. */
function overwrite(bytes: Buffer, before: Buffer, after: Buffer): void {
  for (let at = bytes.indexOf(before); at >= 0; at = bytes.indexOf(before, at + after.length)) after.copy(bytes, at);
}

const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

function signed(tbs: Buffer, key: KeyObject): Buffer {
  const signature = sign('sha256', tbs, key);
  const bits = Buffer.concat([Buffer.from([0x03, signature.length + 1, 0]), signature]);
  const content = Buffer.concat([tbs, ECDSA_WITH_SHA256, bits]);
  const head = Buffer.from([0x30, 0x82, 0, 0]);
  head.writeUInt16BE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** The n-th Secret, with a key of its own at each call: what is equal in all of them compresses to nothing. */
export async function secretMaker(): Promise<(n: number) => Manifest> {
  x509.cryptoProvider.set(webcrypto);
  const ca = await intermediate();
  const [chain, caKey] = [`${ca.certificate.toString('pem')}\n`, KeyObject.from(ca.keys.privateKey)];
  const template = await templateOf(ca);
  return (n) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = ownOf(n, publicKey.export({ type: 'spki', format: 'der' }));
    const tbs = Buffer.from(template.tbs);
    overwrite(tbs, Buffer.from(template.own.name), Buffer.from(own.name));
    for (const part of PARTS) overwrite(tbs, template.own[part], own[part]);
    const namespace = NAMESPACES[n % NAMESPACES.length] ?? '';
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: `${own.name}-tls`, labels: { app: own.name, team: namespace } },
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': base64(pemOf(signed(tbs, caKey)) + chain),
        'tls.key': base64(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      },
    };
  };
}
