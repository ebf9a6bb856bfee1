/** Port 8, the half that asks DNS: what the public is told, by resolvers and by the servers of a zone themselves. Asks only. */

export type DnsType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'NS' | 'SOA' | 'TXT';

/** Names in lower case, without the final dot. */
export type DnsRecord = { readonly name: string } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS'; readonly target: string }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string }
  | { readonly type: 'TXT'; readonly value: string }
  | { readonly type: 'SOA' }
);

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, … (RFC 1035 §4.1.1). */
  readonly rcode: string;
  /** Whether the server says that it is one of the zone's own (AA). */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  /** The SOA of a no, or the NS records of a referral (RFC 1034 §4.3.2). */
  readonly authorities: readonly DnsRecord[];
}

/**
 * Whoever answers is believed to the letter: a refusal is an answer. Both throw ProblemError `nolapse:dns-silent` (retry later) where nobody
 * answers in time. The same question is asked once in the life of a port.
 */
export interface DnsAnswers {
  /** Of the resolvers that the fleet or the machine names, in their order; the next is asked where one is silent, refuses or fails. */
  resolve(name: string, type: DnsType): Promise<DnsAnswer>;
  /** Of one server, by its address, without recursion. */
  ask(address: string, name: string, type: DnsType): Promise<DnsAnswer>;
}
