/** What a certificate signing request asks for, and why the CA would refuse it (RFC 8555 §7.4, badCSR). */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { refused } from './problem.ts';

export interface Csr {
  readonly publicKey: x509.PublicKey;
  /** Lower case, sorted, each once: SAN and common name. */
  readonly names: readonly string[];
  readonly commonName: string | undefined;
}

const RSA_BITS = [2_048, 3_072, 4_096];
const CURVES = ['P-256', 'P-384'];

function decode(encoded: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(encoded, 'base64url'));
  } catch {
    throw refused('badCSR', 'Error parsing certificate request: it is not a DER encoded PKCS #10 request');
  }
}

function checkKey(key: x509.PublicKey): void {
  const algorithm = key.algorithm as {
    readonly name: string;
    readonly modulusLength?: number;
    readonly namedCurve?: string;
  };
  if (algorithm.modulusLength !== undefined) {
    if (RSA_BITS.includes(algorithm.modulusLength)) return;
    throw refused('badCSR', `invalid public key in CSR: key size not supported: ${algorithm.modulusLength}`);
  }
  if (CURVES.includes(algorithm.namedCurve ?? '')) return;
  const what = algorithm.namedCurve
    ? `ECDSA curve ${algorithm.namedCurve} not allowed`
    : `unsupported key type ${algorithm.name}`;
  throw refused('badCSR', `invalid public key in CSR: ${what}`);
}

function alternativeNames(csr: x509.Pkcs10CertificateRequest): readonly string[] {
  const extension = csr.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
  const items = extension?.names.items ?? [];
  const foreign = items.find((item) => item.type !== 'dns');
  if (foreign) throw refused('badCSR', `CSR contains a name of type ${foreign.type}; only DNS names are issued for`);
  return items.map((item) => item.value.toLowerCase());
}

/** Reads and checks it: well-formed, signed by its own key, a key this CA signs. `encoded` is base64url of the DER. */
export async function readCsr(encoded: string): Promise<Csr> {
  const csr = decode(encoded);
  checkKey(csr.publicKey);
  if (!(await csr.verify())) throw refused('badCSR', 'Error finalizing order :: invalid signature on CSR');
  const commonName = csr.subjectName.getField('CN')[0]?.toLowerCase();
  const names = [...new Set([...alternativeNames(csr), ...(commonName === undefined ? [] : [commonName])])].sort();
  return { publicKey: csr.publicKey, names, commonName };
}
