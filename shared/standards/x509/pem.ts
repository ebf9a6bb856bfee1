/** Splits PEM text (RFC 7468) into its blocks, line by line and within limits. Decodes nothing and trusts no label. */
import { MAX_CHAIN, MAX_PEM_BYTES } from '../../contract/limits.ts';
import type { PairProblem } from '../../contract/observation.ts';

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY` … */
  readonly label: string;
  /** The block alone, lines ended by \n. */
  readonly text: string;
  /** Whether its END line is there. */
  readonly ended: boolean;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/** The blocks in order; a byte order mark and text between them are passed over. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  const close = (ended: boolean): void => {
    if (open) blocks.push({ label: open.label, text: `${open.lines.join('\n')}\n`, ended });
    open = undefined;
  };
  for (const raw of text.replace(/^(?:\uFEFF|\xEF\xBB\xBF)/, '').split(/\r\n|\n|\r/)) {
    const line = raw.trimEnd();
    if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
      close(false);
      open = { label: line.slice(BEGIN.length, -DASHES.length), lines: [] };
    }
    open?.lines.push(line);
    if (open && line === `${END}${open.label}${DASHES}`) close(true);
  }
  close(false);
  return blocks;
}

export type CertificateBlocks =
  | { readonly pems: readonly string[] }
  | { readonly problem: PairProblem & { readonly code: 'bad-certificate' | 'too-large' | 'too-many' } };

/** The CERTIFICATE blocks of PEM bytes, at least one; `what` names the input in problems (`tls.crt`). */
export function certificateBlocks(bytes: Uint8Array, what: string): CertificateBlocks {
  const count = countOf(bytes, `${BEGIN}CERTIFICATE${DASHES}`);
  if (count > MAX_CHAIN)
    return {
      problem: { code: 'too-many', detail: `${what} holds ${count} certificates, at most ${MAX_CHAIN} are read` },
    };
  const tooLarge = sizeProblem(bytes, what);
  if (tooLarge) return { problem: tooLarge };
  const blocks = pemBlocks(pemText(bytes)).filter(({ label }) => label === 'CERTIFICATE');
  const bad = (detail: string): CertificateBlocks => ({ problem: { code: 'bad-certificate', detail } });
  const cut = blocks.findIndex(({ ended }) => !ended);
  if (cut >= 0) return bad(`certificate ${cut + 1} of ${blocks.length} in ${what} has no END line`);
  if (blocks.length === 0)
    return bad(looksLikeDer(bytes) ? `${what} is DER (binary), not PEM` : `${what} holds no PEM block CERTIFICATE`);
  return { pems: blocks.map(({ text }) => text) };
}

/** Bytes beyond the limit are not looked at. */
export const sizeProblem = (
  bytes: Uint8Array,
  what: string,
): (PairProblem & { readonly code: 'too-large' }) | undefined =>
  bytes.length > MAX_PEM_BYTES
    ? { code: 'too-large', detail: `${what} has ${bytes.length} bytes, at most ${MAX_PEM_BYTES} are read` }
    : undefined;

/** latin1: every byte is one character, so nothing is guessed and nothing is lost. */
export const pemText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** An ASN.1 SEQUENCE where PEM text should start. */
export const looksLikeDer = (bytes: Uint8Array): boolean => bytes[0] === 0x30;

/** A search of bytes, so that a bundle of any size is counted and none is parsed. */
function countOf(bytes: Uint8Array, text: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf(text); at >= 0; at = buffer.indexOf(text, at + text.length)) count += 1;
  return count;
}
