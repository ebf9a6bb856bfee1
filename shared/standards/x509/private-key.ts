/** Reads a private key out of PEM bytes and says whether it belongs to a certificate. What it says of a key never holds a part of it. */
import { createPrivateKey, type KeyObject, sign, verify, type X509Certificate } from 'node:crypto';
import type { PairProblem } from '../../contract/observation.ts';
import { looksLikeDer, pemBlocks, pemText, sizeProblem } from './pem.ts';

export type KeyReading = { readonly key: KeyObject } | { readonly problem: PairProblem };

const bad = (detail: string): KeyReading => ({ problem: { code: 'bad-key', detail } });

/** The first private key in PKCS#1, SEC1 or PKCS#8 PEM; `what` names the input in problems (`tls.key`). */
export function readPrivateKey(bytes: Uint8Array, what: string): KeyReading {
  const tooLarge = sizeProblem(bytes, what);
  if (tooLarge) return { problem: tooLarge };
  const block = pemBlocks(pemText(bytes)).find(({ label, ended }) => ended && label.endsWith('PRIVATE KEY'));
  if (!block)
    return bad(
      looksLikeDer(bytes) ? `${what} is DER (binary), not PEM` : `${what} holds no whole PEM block of a private key`,
    );
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.text.includes('\nProc-Type: 4,ENCRYPTED'))
    return bad(`${what} is encrypted with a passphrase; nothing that serves it could open it`);
  try {
    return { key: createPrivateKey(block.text) };
  } catch {
    // What OpenSSL says of a key is dropped: an error must not carry any of its bytes.
    return bad(`${what} holds a block ${block.label} that cannot be read as a private key`);
  }
}

export type KeyVerdict = 'matches' | 'of-another-certificate' | 'damaged';

/** Whether the private key is whole and is the one of this certificate. The public half in a key file proves nothing: it is used. */
export function keyVerdict(certificate: X509Certificate, key: KeyObject): KeyVerdict {
  if (!certificate.checkPrivateKey(key)) return 'of-another-certificate';
  const whole = key.asymmetricKeyType === 'rsa' ? isWholeRsa(key) : signsFor(certificate, key);
  return whole ? 'matches' : 'damaged';
}

/** RFC 8017 §3.2, as Go checks it before it serves with a key; a signature would not show a damaged part, as OpenSSL works around it. */
function isWholeRsa(key: KeyObject): boolean {
  const jwk = key.export({ format: 'jwk' });
  const [n, e, d, p, q, dp, dq, qi] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((part) =>
    BigInt(`0x0${Buffer.from(String(part), 'base64url').toString('hex')}`),
  ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  if (p < 2n || q < 2n || p * q !== n) return false;
  const [p1, q1] = [p - 1n, q - 1n];
  return (e * d) % p1 === 1n && (e * d) % q1 === 1n && dp === d % p1 && dq === d % q1 && (qi * q) % p === 1n;
}

const PROBE = Buffer.from('nolapse');

function signsFor(certificate: X509Certificate, key: KeyObject): boolean {
  const digest = key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'rsa-pss' ? 'sha256' : null;
  try {
    return verify(digest, PROBE, certificate.publicKey, sign(digest, PROBE, key));
  } catch {
    // A key that cannot sign is not whole; why is not worth its bytes in an error.
    return false;
  }
}
