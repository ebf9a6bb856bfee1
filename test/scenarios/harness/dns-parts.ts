/** The sandbox's part `dns` as every world uses it: the Route 53 API, the name servers, and what is in the zone. */
import type { DnsConfig, DnsReady } from '../../../sandbox/dns/server.ts';
import type { Scenario } from './scenario.ts';

/** The zone of every world. */
export const ZONE = { name: 'example.com', id: 'Z0EXAMPLECOM0000001' } as const;

/** A hosted zone that no parent zone delegates to: Route 53 takes what is written there, and nobody is ever told. */
export const UNDELEGATED = { name: 'undelegated.example', id: 'Z0UNDELEGATED000001' } as const;

/** Someone else's record sets, which no run may change. */
const FOREIGN: NonNullable<DnsConfig['zones'][number]['sets']> = [
  { name: 'example.com', type: 'TXT', ttl: 300, values: ['"v=spf1 -all"'] },
  { name: 'www.example.com', type: 'A', ttl: 60, values: ['192.0.2.7'] },
];

export const dnsConfig = ({ inSync, staging = false }: Pick<Scenario, 'inSync' | 'staging'>): DnsConfig => ({
  zones: [{ ...ZONE, sets: FOREIGN }, ...(staging ? [{ ...UNDELEGATED, isPrivate: true }] : [])],
  insync: inSync ?? { minMs: 0, maxMs: 0 },
});

export type { DnsReady };
