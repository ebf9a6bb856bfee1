/** Makes the certification request (PKCS #10, RFC 2986) for what is asked. Sends nothing and stores nothing. */
import 'reflect-metadata';
import { createPublicKey, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { IssuanceRequest } from '../../contract/certificate.ts';
import { signingAlgorithm } from './key.ts';
import { requestExtensions, subjectOf } from './request-extensions.ts';

/** A CSR as PEM, signed with the key. Throws ProblemError on a key or usage that no certificate can have. */
export async function createCsr(key: KeyObject, request: IssuanceRequest): Promise<string> {
  const algorithm = signingAlgorithm(key);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(request),
    keys: {
      privateKey: key.toCryptoKey(algorithm, false, ['sign']),
      publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
    extensions: [
      ...requestExtensions(request),
      ...(request.isCA ? [new x509.BasicConstraintsExtension(true, undefined, true)] : []),
    ],
  });
  return `${csr.toString('pem')}\n`;
}
