/** The keys of the CA: two roots over one intermediate, new in every process, and the leaves it signs. */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { randomSerial } from '../tls.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR_MS = 365 * 24 * 3_600_000;
const MAX_BACKDATE_MS = 60_000;

export interface LeafRequest {
  readonly publicKey: x509.PublicKey;
  readonly names: readonly string[];
  readonly commonName: string | undefined;
  readonly seconds: number;
}

export interface Leaf {
  readonly pem: string;
  readonly serial: string;
}

const keyPair = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);

/** A public key nobody asked for. */
export const strangersKey = async (): Promise<x509.PublicKey> =>
  new x509.PublicKey(await webcrypto.subtle.exportKey('spki', (await keyPair()).publicKey));

interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

const caUsage = (): x509.Extension =>
  new x509.KeyUsagesExtension(
    x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
    true,
  );

async function makeRoot(name: string, now: number): Promise<Signer> {
  const keys = await keyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name,
    notBefore: new Date(now - YEAR_MS),
    notAfter: new Date(now + 20 * YEAR_MS),
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      caUsage(),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

async function signIntermediate(
  root: Signer,
  {
    subject,
    publicKey,
    now,
  }: { readonly subject: string; readonly publicKey: webcrypto.CryptoKey; readonly now: number },
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer: root.certificate.subject,
    notBefore: new Date(now - YEAR_MS),
    notAfter: new Date(now + 5 * YEAR_MS),
    publicKey,
    signingKey: root.keys.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      caUsage(),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
    ],
  });
}

export interface IssuerPems {
  readonly rootPem: string;
  readonly intermediatePem: string;
  readonly alternateRootPem: string;
  readonly alternateIntermediatePem: string;
}

export class Issuer {
  readonly pems: IssuerPems;
  readonly #intermediate: Signer;
  readonly #authorityKeyId: x509.Extension;

  private constructor(pems: IssuerPems, intermediate: Signer, authorityKeyId: x509.Extension) {
    this.pems = pems;
    this.#intermediate = intermediate;
    this.#authorityKeyId = authorityKeyId;
  }

  /** Names carry a random mark, so that certificates of two processes are never mistaken for each other. */
  static async create(): Promise<Issuer> {
    const now = Date.now();
    const mark = randomBytes(3).toString('hex');
    const [root, alternate, keys] = await Promise.all([
      makeRoot(`CN=Sandbox Root ${mark}`, now),
      makeRoot(`CN=Sandbox Alternate Root ${mark}`, now),
      keyPair(),
    ]);
    const about = { subject: `CN=Sandbox Intermediate ${mark}`, publicKey: keys.publicKey, now };
    const certificate = await signIntermediate(root, about);
    const pems = {
      rootPem: root.certificate.toString('pem'),
      intermediatePem: certificate.toString('pem'),
      alternateRootPem: alternate.certificate.toString('pem'),
      alternateIntermediatePem: (await signIntermediate(alternate, about)).toString('pem'),
    };
    const authorityKeyId = await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey);
    return new Issuer(pems, { certificate, keys }, authorityKeyId);
  }

  /** Begins a little in the past, by at most a hundredth of its life, and lives one second less than asked, as notAfter is inclusive. */
  async issue({ publicKey, names, commonName, seconds }: LeafRequest): Promise<Leaf> {
    const notBefore = Date.now() - Math.min(MAX_BACKDATE_MS, seconds * 10);
    const serialNumber = randomSerial();
    const isRsa = publicKey.algorithm.name.startsWith('RSA');
    const usages = x509.KeyUsageFlags.digitalSignature | (isRsa ? x509.KeyUsageFlags.keyEncipherment : 0);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: commonName === undefined ? '' : `CN=${commonName}`,
      issuer: this.#intermediate.certificate.subject,
      notBefore: new Date(notBefore),
      notAfter: new Date(notBefore + (seconds - 1) * 1_000),
      publicKey,
      signingKey: this.#intermediate.keys.privateKey,
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(usages, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: 'dns' as const, value })),
          commonName === undefined,
        ),
        this.#authorityKeyId,
      ],
    });
    return { pem: certificate.toString('pem'), serial: serialNumber };
  }
}
