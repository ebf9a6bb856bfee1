/** The text that a sealed key is stored as, in both worlds: AES-256-GCM under a data key of its own, which whoever keeps the master key wraps. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ProblemError } from '../contract/problem.ts';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2: 96 bits, random; each data key seals one text, so no pair repeats. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a text is bound to: its fields, and the same as bytes. */
export interface Bound {
  readonly context: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

export interface DataKey {
  /** 32 bytes; zeroed by whoever asked for it. */
  readonly plain: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** A new data key, wrapped so that it opens for the same context only. */
export type MakeDataKey = (bound: Bound) => Promise<DataKey>;

/** Opens a wrapped data key; what it throws means that the text cannot be opened, and a ProblemError that it is not the text's fault. */
export type OpenDataKey = (wrapped: Uint8Array, bound: Bound) => Promise<Uint8Array>;

/** For masters that wrap what they are given. */
export const randomDataKey = (): Uint8Array => randomBytes(KEY_BYTES);

/** nonce | ciphertext | tag */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws on any other key or context, and on damage. The caller zeroes what it gets. */
export function decrypt(key: Uint8Array, box: Uint8Array, context: Uint8Array): Uint8Array {
  const nonce = box.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(context);
  const opened = decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.setAuthTag(box.subarray(-TAG_BYTES)).final();
    return opened;
  } catch (error) {
    opened.fill(0);
    throw error;
  }
}

/** The same bytes for one context, whatever the order in which its fields were written. */
function boundTo(context: object): Bound {
  const fields = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  const sorted = Object.fromEntries(fields);
  return { context: sorted, bytes: Buffer.from(JSON.stringify(sorted)) };
}

/** `v1.<wrapped data key>.<nonce, ciphertext, tag>`, both base64url. */
export async function sealText(plain: Uint8Array, context: object, make: MakeDataKey): Promise<string> {
  const bound = boundTo(context);
  const dataKey = await make(bound);
  try {
    const parts = [dataKey.wrapped, encrypt(dataKey.plain, plain, bound.bytes)];
    return [VERSION, ...parts.map((part) => Buffer.from(part).toString('base64url'))].join('.');
  } finally {
    dataKey.plain.fill(0);
  }
}

/** Node's decoder passes over what is not base64url: the text must be exactly what those bytes are written as. */
function bytesOf(part: string): Uint8Array {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new Error('it is not base64url');
  return bytes;
}

const sealBroken = (cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'nolapse:seal-broken',
      detail: 'a sealed key cannot be opened: it was sealed under another key or for something else, or it is damaged',
      retry: 'never',
      fix: 'bring back the sealing key that it was sealed under, or renew the certificate with --force to make a new key',
    },
    { cause },
  );

/**
 * Throws ProblemError `nolapse:seal-broken` when the text is no such text, or was sealed for another context or under another key; else what
 * `open` throws as ProblemError.
 */
export async function unsealText(text: string, context: object, open: OpenDataKey): Promise<Uint8Array> {
  const bound = boundTo(context);
  const [version, wrapped, box, ...more] = text.split('.');
  if (version !== VERSION || !wrapped || !box || more.length > 0) throw sealBroken(new Error('it is no v1 text'));
  let dataKey: Uint8Array | undefined;
  try {
    dataKey = await open(bytesOf(wrapped), bound);
    return decrypt(dataKey, bytesOf(box), bound.bytes);
  } catch (error) {
    throw error instanceof ProblemError ? error : sealBroken(error);
  } finally {
    dataKey?.fill(0);
  }
}
