/** The sandbox's part `dns` as every world uses it: the Route 53 API, the name servers, the zone, and its faults. */
import type { DnsConfig, DnsReady } from '../../../sandbox/dns/server.ts';
import type { InSync } from './scenario.ts';
import type { Fault } from './world.ts';

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

async function control(url: string, method: 'POST' | 'DELETE', body?: Fault): Promise<void> {
  const answer = await fetch(`${url}/_sandbox/faults`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!answer.ok) throw new Error(`${method} ${url}/_sandbox/faults: ${answer.status} ${await answer.text()}`);
}

/** The back door of one sandbox part at `url`. */
export const setFault = (url: string, fault: Fault): Promise<void> => control(url, 'POST', fault);
export const clearFaults = (url: string): Promise<void> => control(url, 'DELETE');
