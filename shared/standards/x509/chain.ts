/** Orders certificates into a chain by who signed whom. Decides nothing about trust or time. */
import type { X509Certificate } from 'node:crypto';
import { ProblemError } from '../../contract/problem.ts';
import { readCertificate } from './facts.ts';
import { certificateBlocks } from './pem.ts';

/** The certificates of a PEM text. Throws ProblemError `nolapse:bad-certificate` where one cannot be read, or there are none or too many. */
export function certificatesOf(chainPem: string): readonly X509Certificate[] {
  const blocks = certificateBlocks(Buffer.from(chainPem), 'the chain');
  if ('problem' in blocks)
    throw new ProblemError({ type: 'nolapse:bad-certificate', detail: blocks.problem.detail, retry: 'never' });
  return blocks.pems.map(readCertificate);
}

/** By names, key identifiers and the signature itself. */
export const isIssuedBy = (subject: X509Certificate, issuer: X509Certificate): boolean =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey);

const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

const has = (all: readonly X509Certificate[], one: X509Certificate): boolean =>
  all.some((other) => other.raw.equals(one.raw));

/** Upwards from `first`, each the issuer of the one before it, as far as the pool goes; ends at a root. */
export function pathFrom(first: X509Certificate, pool: readonly X509Certificate[]): readonly X509Certificate[] {
  const path = [first];
  for (let last: X509Certificate | undefined = first; last && !isSelfSigned(last); ) {
    const subject: X509Certificate = last;
    last = pool.find((issuer) => !has(path, issuer) && isIssuedBy(subject, issuer));
    if (last) path.push(last);
  }
  return path;
}

/** Every certificate as PEM, without self-signed ones but the first. */
export const withoutRoot = (path: readonly X509Certificate[]): string =>
  path
    .filter((certificate, i) => i === 0 || !isSelfSigned(certificate))
    .map(String)
    .join('');

/**
 * Leaf first, each followed by its issuer; a self-signed root and doubles are omitted, unless the leaf is the root itself.
 * What does not connect is kept at the end, so that whoever checks the chain sees it. Throws as certificatesOf.
 */
export function orderedChain(chainPem: string): string {
  const certificates = certificatesOf(chainPem).filter((one, i, all) => !has(all.slice(0, i), one));
  const ends = certificates.filter((one) => !certificates.some((other) => other !== one && other.checkIssued(one)));
  const leaf = ends.find(({ ca }) => !ca) ?? ends[0];
  const path = leaf ? pathFrom(leaf, certificates) : [];
  return withoutRoot([...path, ...certificates.filter((one) => !has(path, one))]);
}
