/** The name servers of a zone and where they are, as the resolvers have it. */
import type { DnsAnswers } from '../../shared/contract/dns-answers.ts';
import { serverNames } from '../../shared/standards/dns/delegation.ts';

export async function serversOf(zone: string, dns: DnsAnswers): Promise<readonly string[]> {
  const { answers } = await dns.resolve(zone, 'NS');
  return serverNames(answers.flatMap((one) => (one.type === 'NS' && one.name === zone ? [one.target] : [])));
}

/** Those of IPv4, and of IPv6 only where there are no others: not every machine has a way to both. */
export async function addressesOf(server: string, dns: DnsAnswers): Promise<readonly string[]> {
  for (const type of ['A', 'AAAA'] as const) {
    const { answers } = await dns.resolve(server, type);
    const found = answers.flatMap((one) => (one.type === type ? [one.address] : []));
    if (found.length > 0) return found;
  }
  return [];
}
