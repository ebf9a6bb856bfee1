/** Judges a certificate and its key as they lie in a Secret. Never throws: whatever is wrong with them is said, without key material. */
import type { X509Certificate } from 'node:crypto';
import type { Facts } from '../../contract/certificate.ts';
import type { PairProblem } from '../../contract/observation.ts';
import { problemOf } from '../../contract/problem.ts';
import { factsOf, readCertificate } from './facts.ts';
import { certificateBlocks } from './pem.ts';
import { type KeyReading, keyVerdict, readPrivateKey } from './private-key.ts';

/** The bytes of `tls.crt`, `tls.key` and `ca.crt`. */
export interface PairInput {
  readonly crt?: Uint8Array | undefined;
  readonly key?: Uint8Array | undefined;
  readonly ca?: Uint8Array | undefined;
  /** Facts by PEM, of what stands above leaves: whoever reads many pairs reads it once. */
  readonly known?: Map<string, Facts> | undefined;
}

export interface Pair {
  /** As found, leaf first; empty where there is none or one of them cannot be read. */
  readonly chain: readonly Facts[];
  /** The certificates of `chain`, each as PEM, nothing between them. */
  readonly chainPem?: string;
  /** The first certificate of `ca.crt`, which is told but never needed: absent where it cannot be read. */
  readonly ca?: Facts;
  /** Absent where one of the two cannot be read. */
  readonly keyMatches?: boolean;
  /** The first of: something missing, the certificate, the key, the two together. */
  readonly problem?: PairProblem;
}

/** Reads the pair. The caller drops (and zeroes) the bytes of the key in the same tick. */
export function readPair({ crt, key, ca, known }: PairInput): Pair {
  const certificates = readChain(crt, 'tls.crt', known);
  const keyRead = key?.length ? readPrivateKey(key, 'tls.key') : { problem: missing('tls.key') };
  const authority = ca?.length ? readChain(ca, 'ca.crt') : undefined;
  return {
    ...('leaf' in certificates
      ? { chain: certificates.chain, chainPem: certificates.chainPem, ...together(certificates.leaf, keyRead) }
      : { chain: [], problem: firstOf(certificates.problem, keyRead) }),
    ...(authority && 'leaf' in authority && authority.chain[0] && { ca: authority.chain[0] }),
  };
}

/** The certificates of a `caBundle`; none where it cannot be read. */
export function readAuthorities(bytes: Uint8Array): readonly Facts[] {
  const read = readChain(bytes, 'caBundle');
  return 'leaf' in read ? read.chain : [];
}

type ChainReading =
  | { readonly leaf: X509Certificate; readonly chain: readonly Facts[]; readonly chainPem: string }
  | { readonly problem: PairProblem };

const missing = (what: string): PairProblem => ({ code: 'missing-data', detail: `${what} is missing or empty` });

function readChain(bytes: Uint8Array | undefined, what: string, known?: Map<string, Facts>): ChainReading {
  if (!bytes?.length) return { problem: missing(what) };
  const blocks = certificateBlocks(bytes, what);
  if ('problem' in blocks) return blocks;
  const chain: Facts[] = [];
  let leaf: X509Certificate | undefined;
  for (const pem of blocks.pems) {
    try {
      if (leaf) chain.push(factsAbove(pem, known));
      else {
        leaf = readCertificate(pem);
        chain.push(factsOf(leaf));
      }
    } catch (error) {
      const which = `certificate ${chain.length + 1} of ${blocks.pems.length} in ${what}`;
      return { problem: { code: 'bad-certificate', detail: `${which}: ${problemOf(error).detail}` } };
    }
  }
  return leaf ? { leaf, chain, chainPem: blocks.pems.join('') } : { problem: missing(what) };
}

function factsAbove(pem: string, known?: Map<string, Facts>): Facts {
  const facts = known?.get(pem) ?? factsOf(pem);
  known?.set(pem, facts);
  return facts;
}

/** Data that is missing comes first: it is what the reader can see. */
const firstOf = (problem: PairProblem, key: KeyReading): PairProblem =>
  problem.code !== 'missing-data' && 'problem' in key && key.problem.code === 'missing-data' ? key.problem : problem;

function together(leaf: X509Certificate, key: KeyReading): Pick<Pair, 'keyMatches' | 'problem'> {
  if ('problem' in key) return { problem: key.problem };
  const verdict = keyVerdict(leaf, key.key);
  if (verdict === 'matches') return { keyMatches: true };
  return verdict === 'damaged'
    ? {
        keyMatches: false,
        problem: { code: 'bad-key', detail: 'tls.key is damaged: its parts do not belong together' },
      }
    : { keyMatches: false, problem: { code: 'key-mismatch', detail: 'tls.key is the key of another certificate' } };
}
