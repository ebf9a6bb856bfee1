/** What answers of name servers mean for a zone: whether it is delegated, where to, and what stands at the name of a challenge. Asks nobody. */
import type { DnsAnswer, DnsRecord } from '../../contract/dns-answers.ts';
import { isWithin, plainName } from './names.ts';

/** Names of name servers as they are compared: lower case, no final dot, sorted, each once. */
export const serverNames = (names: readonly string[]): readonly string[] => [...new Set(names.map(plainName))].sort();

const nsOf = (records: readonly DnsRecord[], zone: string): readonly string[] =>
  records.flatMap((one) => (one.type === 'NS' && one.name === zone ? [one.target] : []));

/** The zone that a name is in, by the SOA that comes with a yes or a no (RFC 2308 §3). Undefined = the answer names none above it. */
export function apexIn({ answers, authorities }: DnsAnswer, name: string): string | undefined {
  const soa = [...answers, ...authorities].find((one) => one.type === 'SOA');
  return soa !== undefined && isWithin(name, soa.name) ? soa.name : undefined;
}

export type Delegation =
  | { readonly is: 'delegated'; readonly to: readonly string[] }
  | { readonly is: 'missing' }
  | { readonly is: 'unanswered'; readonly rcode: string };

/** What a server of the parent says when it is asked for the NS records of the zone. One that serves the zone as well answers for it. */
export function delegationIn({ rcode, authoritative, answers, authorities }: DnsAnswer, zone: string): Delegation {
  const to = serverNames([...nsOf(authorities, zone), ...nsOf(answers, zone)]);
  if (to.length > 0) return { is: 'delegated', to };
  const isNo = rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && authoritative);
  return isNo ? { is: 'missing' } : { is: 'unanswered', rcode };
}

/** Why a server is lame for a zone (RFC 8499 §7): undefined = it answers as one of its own should. */
export function lameness({ rcode, authoritative }: DnsAnswer): string | undefined {
  if (rcode !== 'NOERROR') return `answers ${rcode}`;
  return authoritative ? undefined : 'answers, but not as a server of the zone';
}

export type AtChallenge =
  | { readonly is: 'free' }
  | { readonly is: 'alias'; readonly target: string }
  /** Handed to other servers at this name or between it and the zone. */
  | { readonly is: 'delegated'; readonly at: string; readonly to: readonly string[] };

/** What a server of `zone` says when it is asked for the TXT records of a challenge's name: they must be its own to give. */
export function atChallenge(
  { authoritative, answers, authorities }: DnsAnswer,
  fqdn: string,
  zone: string,
): AtChallenge {
  const alias = answers.find((one) => one.type === 'CNAME' && one.name === fqdn);
  if (alias?.type === 'CNAME') return { is: 'alias', target: alias.target };
  const cut = authorities.find((one) => one.type === 'NS' && isWithin(fqdn, one.name) && one.name !== zone);
  if (cut === undefined || authoritative) return { is: 'free' };
  return { is: 'delegated', at: cut.name, to: serverNames(nsOf(authorities, cut.name)) };
}
