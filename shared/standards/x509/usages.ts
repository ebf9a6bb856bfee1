/** cert-manager's usage names as bits of KeyUsage and identifiers of ExtendedKeyUsage (RFC 5280 §4.2.1.3, §4.2.1.12). */
import { ProblemError } from '../../contract/problem.ts';

/** KeyUsage bits as numbers: bit 0 of the standard is 1. */
const KEY_USAGE_BITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    signing: 1,
    'digital signature': 1,
    'content commitment': 2,
    'key encipherment': 4,
    'data encipherment': 8,
    'key agreement': 16,
    'cert sign': 32,
    'crl sign': 64,
    'encipher only': 128,
    'decipher only': 256,
  }),
);

const EXTENDED_KEY_USAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    any: '2.5.29.37.0',
    'server auth': '1.3.6.1.5.5.7.3.1',
    'client auth': '1.3.6.1.5.5.7.3.2',
    'code signing': '1.3.6.1.5.5.7.3.3',
    'email protection': '1.3.6.1.5.5.7.3.4',
    's/mime': '1.3.6.1.5.5.7.3.4',
    'ipsec end system': '1.3.6.1.5.5.7.3.5',
    'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
    'ipsec user': '1.3.6.1.5.5.7.3.7',
    timestamping: '1.3.6.1.5.5.7.3.8',
    'ocsp signing': '1.3.6.1.5.5.7.3.9',
    'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
    'netscape sgc': '2.16.840.1.113730.4.1',
  }),
);

const DEFAULT_BITS = 1 | 4;
const CERT_SIGN = 32;

export interface Usages {
  readonly keyUsageBits: number;
  /** Object identifiers, unique; empty = no such extension. */
  readonly extended: readonly string[];
}

/** No usage at all means digital signature and key encipherment; a CA signs certificates whatever is listed. Throws ProblemError on an unknown name. */
export function usagesOf(request: { readonly usages: readonly string[]; readonly isCA: boolean }): Usages {
  let bits = request.usages.length === 0 ? DEFAULT_BITS : 0;
  const extended = new Set<string>();
  for (const usage of request.usages) {
    const identifier = EXTENDED_KEY_USAGES.get(usage);
    const bit = KEY_USAGE_BITS.get(usage);
    if (identifier) extended.add(identifier);
    else if (bit) bits |= bit;
    else throw unknownUsage(usage);
  }
  return { keyUsageBits: request.isCA ? bits | CERT_SIGN : bits, extended: [...extended] };
}

const unknownUsage = (usage: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:usage-unknown',
    detail: `${JSON.stringify(usage)} is no key usage of cert-manager.io/v1`,
    retry: 'never',
    fix: `use ${[...KEY_USAGE_BITS.keys(), ...EXTENDED_KEY_USAGES.keys()].join(', ')}`,
  });
