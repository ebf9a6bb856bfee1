/** A certificate and its key as the one JSON document of a secret, in the words of Kubernetes and in those of other consumers. Pure. */
import { X509Certificate } from 'node:crypto';
import { isMark, MARK } from '../../contract/marks.ts';
import type { Bundle } from '../../contract/ports.ts';
import { pemBlocks } from '../../standards/x509/pem.ts';

/**
 * The document. It holds the private key: send it and forget it.
 * `tls.crt` `tls.key` `ca.crt` are as in a Kubernetes Secret; `certificate` is the leaf, `private_key` its key, `chain` the
 * intermediates, `fullchain` both. `ca.crt` is there only where the issuer has one.
 */
export function bundleDocument({ chainPem, caPem, keyPem }: Bundle): string {
  const [certificate = '', ...intermediates] = certificatesOf(chainPem);
  const key = Buffer.from(keyPem).toString();
  return JSON.stringify({
    'tls.crt': chainPem,
    'tls.key': key,
    ...(caPem === undefined ? {} : { 'ca.crt': caPem }),
    certificate,
    private_key: key,
    chain: intermediates.join(''),
    fullchain: chainPem,
  });
}

/** Bytes of the document; Secrets Manager takes MAX_SECRET_BYTES. */
export const bundleSize = (bundle: Bundle): number => Buffer.byteLength(bundleDocument(bundle));

/** SHA-256 of the leaf's DER, lower-case hex. Throws where the chain holds no certificate. */
export const leafSha256 = ({ chainPem }: Bundle): string =>
  new X509Certificate(certificatesOf(chainPem)[0] ?? '').fingerprint256.replaceAll(':', '').toLowerCase();

const certificatesOf = (chainPem: string): readonly string[] =>
  pemBlocks(chainPem)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ text }) => text);

/** Those that say which certificate the value holds; the others say whose the secret is. */
const CONTENT_MARKS: ReadonlySet<string> = new Set([
  MARK.issuance,
  MARK.sha256,
  MARK.serial,
  MARK.notBefore,
  MARK.notAfter,
]);

/** Characters and length that every service takes in a tag's value. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

export type Tags = Readonly<Record<string, string>>;

const picked = (tags: Tags, isMeant: (key: string, value: string) => boolean): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key, value]) => isMeant(key, value)));

/** The marks among the annotations that a tag can hold. Names of certificates do not go into tags: `*` is not allowed there. */
export const tagsOf = (annotations: Tags): Tags =>
  picked(annotations, (key, value) => isMark(key) && TAG_VALUE.test(value));

/** The marks among a secret's tags; without those of its content where they are of another version than the current one. */
export const marksOf = (tags: Tags, { isContentCurrent }: { readonly isContentCurrent: boolean }): Tags =>
  picked(tags, (key) => isMark(key) && (isContentCurrent || !CONTENT_MARKS.has(key)));
