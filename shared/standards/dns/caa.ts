/** CAA: which CAs a domain lets issue, and by whom and how (RFC 8659; `accounturi` and `validationmethods`: RFC 8657). Asks nobody. */
import type { DnsRecord } from '../../contract/dns-answers.ts';

export type CaaRecord = Extract<DnsRecord, { type: 'CAA' }>;

/** The names that are asked for the records of `name`, in order; the first that has any decides (RFC 8659 §3). A wildcard is its domain's. */
export function caaPath(name: string): readonly string[] {
  const labels = name.replace(/^\*\./, '').split('.');
  return labels.map((_, i) => labels.slice(i).join('.'));
}

/** Who wants to issue. */
export interface Issuing {
  /** `caaIdentities` of the CA's directory. */
  readonly identities: readonly string[];
  /** Of the account; absent = it is not registered yet. */
  readonly accountUrl?: string;
  /** As RFC 8657 §4 names them. */
  readonly method: string;
}

export type CaaVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly why: string;
      /** The record whose addition allows it, as zone files have it; absent = no addition helps. */
      readonly add?: string;
    };

const CRITICAL = 0x80;
const KNOWN: ReadonlySet<string> = new Set([
  'issue',
  'issuewild',
  'iodef',
  'issuemail',
  'contactemail',
  'contactphone',
]);

interface Property {
  /** Empty = nobody. */
  readonly issuer: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `issuer-domain; tag=value; …` (RFC 8659 §4.2). Undefined = malformed, which lets nobody issue. */
function propertyOf(value: string): Property | undefined {
  const [issuer = '', ...rest] = value.split(';').map((part) => part.trim());
  const pairs = rest
    .filter((part) => part !== '')
    .map((part) => /^([a-z0-9-]+)\s*=\s*([\x21-\x3a\x3c-\x7e]*)$/i.exec(part));
  if (pairs.includes(null) || !/^([a-z0-9-]+(\.[a-z0-9-]+)*)?\.?$/i.test(issuer)) return undefined;
  const parameters = new Map(pairs.map((pair) => [pair?.[1]?.toLowerCase() ?? '', pair?.[2] ?? '']));
  return { issuer: issuer.toLowerCase().replace(/\.$/, ''), parameters };
}

function whyNot({ parameters }: Property, { accountUrl, method }: Issuing): string | undefined {
  const account = parameters.get('accounturi');
  if (account !== undefined && account !== accountUrl)
    return `it is for the account ${account}, and ours is ${accountUrl ?? 'not registered yet'}`;
  const methods = parameters.get('validationmethods');
  if (methods !== undefined && !methods.toLowerCase().split(',').includes(method))
    return `it allows validation by ${methods || 'nothing'}, and ours is by ${method}`;
  return undefined;
}

/**
 * Whether records of the domain `at` let a CA issue for `name`. No records at all, or none of a tag that counts, allow everybody. `issuewild`
 * stands before `issue` for wildcards (RFC 8659 §4.3), and a critical property that nobody knows forbids (§4.1).
 */
export function judgeCaa(
  name: string,
  { at, records }: { at: string; records: readonly CaaRecord[] },
  who: Issuing,
): CaaVerdict {
  const isWild = name.startsWith('*.');
  const tagged = (tag: string): readonly CaaRecord[] => records.filter((one) => one.tag.toLowerCase() === tag);
  const unknown = records.find(({ flags, tag }) => (flags & CRITICAL) !== 0 && !KNOWN.has(tag.toLowerCase()));
  if (unknown) return { allowed: false, why: `its property ${unknown.tag} is marked critical, and CAs do not know it` };
  const tag = isWild && tagged('issuewild').length > 0 ? 'issuewild' : 'issue';
  const relevant = tagged(tag);
  if (relevant.length === 0) return { allowed: true };
  const properties = relevant.map(({ value }) => propertyOf(value));
  const ours = properties.filter((one) => one !== undefined && who.identities.includes(one.issuer));
  const refusals = ours.map((one) => one && whyNot(one, who));
  if (refusals.includes(undefined)) return { allowed: true };
  const identity = who.identities[0] ?? '';
  const named = [...new Set(properties.map((one) => one?.issuer || 'nobody'))].join(', ');
  return {
    allowed: false,
    why: refusals[0] ?? `${tag} names ${named} and not ${who.identities.join(' or ')}`,
    add: `${at}. CAA 0 ${tag} "${identity}"`,
  };
}
