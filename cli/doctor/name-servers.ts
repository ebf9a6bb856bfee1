/** The name servers of a zone and where they are, as the resolvers have it. */
import type { DnsAnswer, DnsAnswers, DnsType } from '../../shared/contract/dns-answers.ts';
import { ProblemError } from '../../shared/contract/problem.ts';
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

/** What one of them says of a name; undefined = nothing in time. */
export async function saidBy(
  address: string,
  { name, type }: { readonly name: string; readonly type: DnsType },
  dns: DnsAnswers,
): Promise<DnsAnswer | undefined> {
  try {
    return await dns.ask(address, name, type);
  } catch (error) {
    // its silence is what was to be found out
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}
