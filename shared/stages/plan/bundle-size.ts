/** How large a Secrets Manager value would get, before anything is ordered for it. Pure. */
import type { IssuanceRequest } from '../../contract/certificate.ts';
import type { Issued } from '../../contract/rows.ts';

/** Everything in a leaf but its names and key: issuer, extensions, timestamps of CT logs, signature. */
const LEAF_BYTES = 1_500;
/** Two intermediates, where nothing is known. */
const CHAIN_PEM_BYTES = 4_000;
const PEM_OVERHEAD = 1.37;
const KEY_PEM_BYTES: Readonly<Record<IssuanceRequest['key']['algorithm'], (size: number) => number>> = {
  RSA: (size) => size * 0.85,
  ECDSA: () => 400,
  Ed25519: () => 150,
};

/** Bytes of the JSON document, estimated from above: the leaf is in it three times, its chain three times, its key twice. */
export function estimatedBundleBytes(request: IssuanceRequest, current: Issued | undefined): number {
  const { dnsNames, ipAddresses, uris, emailAddresses, key } = request;
  const names = [...dnsNames, ...ipAddresses, ...uris, ...emailAddresses];
  const leaf = (LEAF_BYTES + key.size / 4 + names.reduce((sum, name) => sum + name.length + 4, 0)) * PEM_OVERHEAD;
  const chain = Math.max(current?.chainPem.length ?? 0, CHAIN_PEM_BYTES);
  return Math.ceil(3 * leaf + 3 * chain + 2 * KEY_PEM_BYTES[key.algorithm](key.size));
}
