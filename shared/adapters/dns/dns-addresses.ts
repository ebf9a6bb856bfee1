/** The addresses of a name, asked anew each time: of the fleet's resolvers, or as every program of this machine asks. */
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ProblemError } from '../../contract/problem.ts';
import { canonicalIp } from '../../standards/dns/ip.ts';

const TIMEOUT_MS = 3_000;
const TRIES = 2;
/** That there is no such name, or that it has no address of this kind. */
const NONE: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'ENONAME'];

export type AddressesOf = (host: string) => Promise<readonly string[]>;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException)?.code ?? error);

const unresolved = (host: string, errors: readonly unknown[]): ProblemError => {
  const [cause] = errors;
  const detail = `the addresses of ${host} are not known: ${[...new Set(errors.map(codeOf))].join(', ')}`;
  return new ProblemError({ type: 'nolapse:unresolved', detail, retry: 'later' }, { cause });
};

/** Of both kinds; where one kind could not be asked for, what the other gives is better than nothing. */
function settled(host: string, kinds: readonly PromiseSettledResult<readonly string[]>[]): readonly string[] {
  const found = kinds.flatMap((kind) => (kind.status === 'fulfilled' ? kind.value : []));
  const errors = kinds.flatMap((kind): readonly unknown[] => (kind.status === 'rejected' ? [kind.reason] : []));
  const trouble = errors.filter((error) => !NONE.includes(codeOf(error)));
  if (found.length === 0 && trouble.length > 0) throw unresolved(host, trouble);
  return found;
}

/** The system's way, with its hosts file. */
const bySystem = async (host: string): Promise<readonly PromiseSettledResult<readonly string[]>[]> =>
  Promise.allSettled([lookup(host, { all: true }).then((all) => all.map(({ address }) => address))]);

function byResolvers(resolvers: readonly string[]): typeof bySystem {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  resolver.setServers([...resolvers]);
  return (host) => Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
}

/** `resolvers`: `10.0.0.2:53`; empty = the system's. Contract: `Handshakes.addressesOf`. */
export function dnsAddresses(resolvers: readonly string[]): AddressesOf {
  const ask = resolvers.length > 0 ? byResolvers(resolvers) : bySystem;
  return async (host) => {
    if (isIP(host)) return [host];
    const found = settled(host, await ask(host));
    return [...new Set(found.map((address) => canonicalIp(address) ?? address))].toSorted();
  };
}
