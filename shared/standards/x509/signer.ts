/** Judges whether a CA's certificate and key may sign now; signs nothing. */
import 'reflect-metadata';
import type { KeyObject, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ProblemError } from '../../contract/problem.ts';
import { certificateParts } from './certificate-parts.ts';
import { certificatesOf, pathFrom } from './chain.ts';
import { factsOf } from './facts.ts';
import { readPair } from './pair.ts';
import { readPrivateKey } from './private-key.ts';

/** What a CA with less than this left signs would lapse before it is looked at again. */
const MIN_LEFT_MS = 3_600_000;

export interface Signer {
  readonly key: KeyObject;
  /** The CA's certificate and those above it that are known. */
  readonly path: readonly X509Certificate[];
  /** The CA's subject, octet for octet. */
  readonly name: x509.Name;
  /** Hex of its subject key identifier. */
  readonly keyId?: string;
  /** The soonest end among `path`. */
  readonly endsAt: Date;
}

export interface CaPair {
  readonly caChainPem: Uint8Array;
  readonly caKeyPem: Uint8Array;
  /** Where they were read, for messages. */
  readonly secretName: string;
  /** Whether a CA is to be signed. */
  readonly isCA: boolean;
  readonly now: Date;
}

/** Throws ProblemError `nolapse:ca-unusable` or `nolapse:ca-expired`, both retry later: somebody may replace the CA at any time. */
export function signerOf({ caChainPem, caKeyPem, secretName, isCA, now }: CaPair): Signer {
  const { chain, chainPem, problem } = readPair({ crt: caChainPem, key: caKeyPem });
  const read = readPrivateKey(caKeyPem, 'tls.key');
  if (!chainPem || problem || 'problem' in read)
    throw unusable(
      `the CA Secret ${secretName} cannot be used: ${problem?.detail}`,
      'put the certificate of the CA and its own key, as PEM, into tls.crt and tls.key',
    );
  const [certificate, ...pool] = certificatesOf(chainPem);
  if (!certificate || !chain[0]?.isCA)
    throw unusable(
      `the certificate in the CA Secret ${secretName} (${chain[0]?.subject}) is not a CA`,
      'put a certificate made with isCA: true into it',
    );
  const path = pathFrom(certificate, pool);
  for (const one of path) refuseTooShort(one, secretName, now);
  if (isCA) path.forEach(refuseTooDeep);
  const { subjectKeyId } = certificateParts(certificate.raw);
  return {
    key: read.key,
    path,
    name: new x509.X509Certificate(certificate.raw).subjectName,
    ...(subjectKeyId && { keyId: subjectKeyId.toString('hex') }),
    endsAt: new Date(Math.min(...path.map(({ validToDate }) => validToDate.getTime()))),
  };
}

const unusable = (detail: string, fix: string): ProblemError =>
  new ProblemError({ type: 'nolapse:ca-unusable', detail, retry: 'later', fix });

function refuseTooShort(certificate: X509Certificate, secretName: string, now: Date): void {
  const { subject, notBefore, notAfter } = factsOf(certificate);
  const which = `the CA ${subject} in the Secret ${secretName}`;
  if (Date.parse(notBefore) > now.getTime())
    throw unusable(`${which} is not valid before ${notBefore}`, 'check the clock, or replace the CA');
  const leftMs = Date.parse(notAfter) - now.getTime();
  if (leftMs >= MIN_LEFT_MS) return;
  throw new ProblemError({
    type: 'nolapse:ca-expired',
    detail: `${which} ${leftMs > 0 ? 'ends' : 'ended'} at ${notAfter}; it signs only with an hour or more left`,
    retry: 'later',
    fix: 'renew the CA and put its new certificate and key into the Secret',
  });
}

/** RFC 5280 §4.2.1.9: how many CAs may stand below; `depth` is how many do already. */
function refuseTooDeep(certificate: X509Certificate, depth: number): void {
  const limit = new x509.X509Certificate(certificate.raw).getExtension(x509.BasicConstraintsExtension)?.pathLength;
  if (limit === undefined || limit > depth) return;
  throw unusable(
    `the CA ${factsOf(certificate).subject} allows ${limit} CAs below it, and this would be number ${depth + 1}`,
    'ask for a certificate without isCA, or use a CA with a longer path length',
  );
}
