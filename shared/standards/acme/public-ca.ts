/** Directories of CAs that browsers trust, and what the Baseline Requirements of the CA/Browser Forum make all of them refuse. */
import type { IssuanceRequest } from '../../contract/certificate.ts';

const HOSTS = /(^|\.)(letsencrypt\.org|pki\.goog|zerossl\.com|buypass\.com|ssl\.com|digicert\.com|sectigo\.com)$/;

/** Whether the directory is one of theirs, tests of theirs included. */
export const isPublicCa = (server: string): boolean => HOSTS.test(URL.parse(server)?.hostname ?? '');

/**
 * Why no public CA would certify this key, or undefined. Requirements for TLS §6.1.5: RSA and ECDSA alone; Let's Encrypt takes of these
 * RSA 2048, 3072 and 4096, P-256 and P-384 (letsencrypt.org/docs/integration-guide), which are all that we make. A private ACME server
 * may take what it likes, and cert-manager leaves the question to the CA.
 */
export const whyNotPublic = ({ algorithm }: IssuanceRequest['key']): string | undefined =>
  algorithm === 'Ed25519'
    ? 'privateKey.algorithm: no public CA certifies an Ed25519 key, only ECDSA and RSA'
    : undefined;
