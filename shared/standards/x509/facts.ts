/** Reads what one X.509 certificate says of itself, with node:crypto and a short walk of its DER. Trusts nothing and verifies nothing. */
import { hash, X509Certificate } from 'node:crypto';
import type { Facts } from '../../contract/certificate.ts';
import { ProblemError, problemOf } from '../../contract/problem.ts';
import { type CertificateParts, certificateParts } from './certificate-parts.ts';

/**
 * The facts of one certificate: PEM text (its first block), DER or PEM bytes, or what node:crypto made of them.
 * Throws ProblemError `nolapse:bad-certificate` when it cannot be read.
 */
export const factsOf = (certificate: X509Certificate | string | Uint8Array): Facts =>
  readable(() => readFacts(certificate instanceof X509Certificate ? certificate : new X509Certificate(certificate)));

/** The certificate as node:crypto knows it; PEM text (its first block), DER or PEM bytes. Throws as factsOf. */
export const readCertificate = (certificate: string | Uint8Array): X509Certificate =>
  readable(() => new X509Certificate(certificate));

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const detail = `the certificate cannot be read: ${problemOf(cause).detail}`;
    throw new ProblemError({ type: 'nolapse:bad-certificate', detail, retry: 'never' }, { cause });
  }
}

function readFacts(certificate: X509Certificate): Facts {
  const { raw } = certificate;
  const parts = certificateParts(raw);
  const subject = attributesOf(certificate.subject);
  const weakHash = WEAK_SIGNATURES[parts.signatureAlgorithm];
  // Where several are given, the last one counts, as in Go and so in cert-manager.
  const commonName = subject.findLast((attribute) => attribute.startsWith('CN='))?.slice(3);
  return {
    serial: parts.serial.toString('hex'),
    sha256: hash('sha256', raw, 'hex'),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    subject: subject.toReversed().join(','),
    issuer: attributesOf(certificate.issuer).toReversed().join(','),
    ...(commonName && { commonName: unescaped(commonName) }),
    ...parts.names,
    isCA: certificate.ca,
    selfSigned: isSelfSigned(parts),
    key: keyOf(certificate),
    publicKeySha256: hash('sha256', parts.publicKeyInfo, 'hex'),
    ...(weakHash && { weakHash }),
  };
}

/** Node writes one relative name a line, several of its attributes joined by ` + `, values escaped as RFC 2253 says. */
const attributesOf = (name: string | undefined): readonly string[] =>
  name ? name.split('\n').flatMap((line) => line.split(' + ')) : [];

/** Undoes `\,` and the like; `\0A` stays, so that a control character is never made. */
const unescaped = (value: string): string => value.replace(/\\([^0-9A-Fa-f])/g, '$1');

/** By names and key identifiers (RFC 5280 §4.2.1.1), as a signature costs more than the rest together. */
const isSelfSigned = ({ issuer, subject, authorityKeyId, subjectKeyId }: CertificateParts): boolean =>
  issuer.equals(subject) && (!authorityKeyId || !subjectKeyId || authorityKeyId.equals(subjectKeyId));

/** With RSA as in RFC 8017 appendix A.2.4, with DSA and ECDSA as in RFC 3279 §2.2. */
const WEAK_SIGNATURES: Readonly<Record<string, Facts['weakHash']>> = {
  '2a864886f70d010102': 'MD2',
  '2a864886f70d010104': 'MD5',
  '2a864886f70d010105': 'SHA-1',
  '2a8648ce380403': 'SHA-1',
  '2a8648ce3d0401': 'SHA-1',
};

/** Those below 256 bits are known so that they can be told of. */
const CURVE_BITS: Readonly<Record<string, number>> = {
  prime192v1: 192,
  secp224r1: 224,
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

function keyOf(certificate: X509Certificate): Facts['key'] {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const size = CURVE_BITS[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'rsa') return { algorithm: 'RSA', size: asymmetricKeyDetails?.modulusLength ?? 0 };
  if (asymmetricKeyType === 'ec' && size) return { algorithm: 'ECDSA', size };
  if (asymmetricKeyType === 'ed25519') return { algorithm: 'Ed25519', size: 0 };
  return { algorithm: 'other', size: 0 };
}
