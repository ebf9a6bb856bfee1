/** Private keys of certificates: makes them, writes them as PEM, names their public half and how WebCrypto signs with them. */
import { createPublicKey, generateKeyPair, hash, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { IssuanceRequest, KeyPolicy } from '../../contract/certificate.ts';
import { ProblemError } from '../../contract/problem.ts';

const generate = promisify(generateKeyPair);
const CURVES: Readonly<Record<number, string>> = { 256: 'P-256', 384: 'P-384' };

/** A new key, made off the main thread. Throws ProblemError `nolapse:key-unsupported` on other sizes than RSA 2048–4096, P-256, P-384. */
export async function generateKey({ algorithm, size }: IssuanceRequest['key']): Promise<KeyObject> {
  if (algorithm === 'Ed25519') return (await generate('ed25519')).privateKey;
  const namedCurve = algorithm === 'ECDSA' ? CURVES[size] : undefined;
  if (namedCurve) return (await generate('ec', { namedCurve })).privateKey;
  if (algorithm === 'RSA' && size >= 2048 && size <= 4096)
    return (await generate('rsa', { modulusLength: size })).privateKey;
  throw new ProblemError({
    type: 'nolapse:key-unsupported',
    detail: `${algorithm} keys of ${size} bits are not made; RSA 2048 to 4096, ECDSA 256 and 384 and Ed25519 are`,
    retry: 'never',
    fix: 'set spec.privateKey.size to one of these',
  });
}

/** PEM as cert-manager writes it: `PKCS1` is SEC1 for ECDSA, and Ed25519 is PKCS#8 always. The caller zeroes the bytes. */
export function keyPem(key: KeyObject, encoding: KeyPolicy['encoding']): Buffer {
  const old = encoding === 'PKCS1' ? OLD_ENCODINGS[key.asymmetricKeyType ?? ''] : undefined;
  return Buffer.from(key.export({ format: 'pem', type: old ?? 'pkcs8' }));
}

const OLD_ENCODINGS: Readonly<Record<string, 'pkcs1' | 'sec1'>> = { rsa: 'pkcs1', ec: 'sec1' };

/** The whole SubjectPublicKeyInfo of a private or public key, DER. */
export const publicKeyInfo = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });

/** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: equals Facts.publicKeySha256 of its certificate. */
export const publicKeySha256 = (key: KeyObject): string => hash('sha256', publicKeyInfo(key), 'hex');

export interface SigningAlgorithm {
  readonly name: string;
  readonly hash?: string;
  readonly namedCurve?: string;
}

/** How a key signs in WebCrypto, with the hash Go and so cert-manager takes for it. Throws ProblemError `nolapse:key-unsupported`. */
export function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  const algorithm =
    asymmetricKeyType === 'ec' ? EC_SIGNING[asymmetricKeyDetails?.namedCurve ?? ''] : SIGNING[asymmetricKeyType ?? ''];
  if (algorithm) return algorithm;
  throw new ProblemError({
    type: 'nolapse:key-unsupported',
    detail: `a key of the kind ${asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType} cannot sign certificates here`,
    retry: 'never',
    fix: 'use an RSA, P-256, P-384, P-521 or Ed25519 key',
  });
}

const SIGNING: Readonly<Record<string, SigningAlgorithm>> = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
};

/** By OpenSSL's names of the curves. */
const EC_SIGNING: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
};
