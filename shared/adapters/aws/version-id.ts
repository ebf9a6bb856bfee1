/** The version id of a certificate in Secrets Manager: a look without the value tells whether it is the current one. */
import { createHash } from 'node:crypto';

/** A namespace of ours (RFC 9562 §5.5), so that no other use of UUIDv5 makes the same ids. */
const NAMESPACE = Buffer.from('6d0c61d2c6f54c2f9e4ad9a2b1d1f0a7', 'hex');

/** UUIDv5 of a leaf's SHA-256 (lower-case hex), for ClientRequestToken. */
export function versionIdOf(sha256: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(sha256).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
