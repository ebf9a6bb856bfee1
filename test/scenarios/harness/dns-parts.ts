/** The sandbox's part `dns` as every world uses it: the Route 53 API, the name servers, and what is in the zone. */
import type { DnsConfig, DnsReady } from '../../../sandbox/dns/server.ts';
import type { InSync } from './scenario.ts';

/** The zone of every world. */
export const ZONE = { name: 'example.com', id: 'Z0EXAMPLECOM0000001' } as const;

/** Someone else's record sets, which no run may change. */
const FOREIGN: NonNullable<DnsConfig['zones'][number]['sets']> = [
  { name: 'example.com', type: 'TXT', ttl: 300, values: ['"v=spf1 -all"'] },
  { name: 'www.example.com', type: 'A', ttl: 60, values: ['192.0.2.7'] },
];

export const dnsConfig = (inSync: InSync = { minMs: 0, maxMs: 0 }): DnsConfig => ({
  zones: [{ ...ZONE, sets: FOREIGN }],
  insync: inSync,
});

export type { DnsReady };
