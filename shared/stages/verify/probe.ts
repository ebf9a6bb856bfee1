/** One look at one endpoint: every address of its name is connected to, and what it shows is compared with what was delivered. */
import type { Endpoint } from '../../contract/ids.ts';
import { MAX_ADDRESSES } from '../../contract/limits.ts';
import type { Handshakes, Shaken } from '../../contract/ports.ts';
import type { AddressSeen, Awaited, Probed } from '../../contract/probe.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { endpointParts, isCovered, readEndpoint } from '../../standards/dns/endpoint.ts';
import { certificatesOf } from '../../standards/x509/chain.ts';
import { factsOf } from '../../standards/x509/facts.ts';

export interface Sought {
  readonly endpoint: Endpoint;
  readonly awaited: Awaited;
  /** Its chain, where it is known: leaf and intermediates, PEM. */
  readonly chainPem?: string;
}

/** Every address that is reached, and there is one, shows what is awaited. */
export function isAgreed({ addresses }: Pick<Probed, 'addresses'>): boolean {
  const seen = addresses.filter(({ shows }) => shows !== 'unseen');
  return seen.length > 0 && seen.every(({ shows }) => shows === 'awaited');
}

type Shown = Extract<Shaken, { readonly is: 'shown' }>;

/** Intermediates that we delivered and that were not sent: clients that do not know them refuse the leaf. */
function missingIn({ chain }: Shown, chainPem: string | undefined): string | undefined {
  if (!chainPem) return undefined;
  const sent = new Set(chain.map(({ sha256 }) => sha256));
  const missing = certificatesOf(chainPem)
    .map(factsOf)
    .filter(({ sha256 }) => !sent.has(sha256));
  if (missing.length === 0) return undefined;
  const names = missing.map(({ commonName, subject }) => commonName ?? subject);
  return `its chain is sent without ${names.join(', ')}`;
}

function seenAt(address: string, shaken: Shaken, { endpoint, awaited, chainPem }: Sought): AddressSeen {
  if (shaken.is !== 'shown') return { address, shows: shaken.is, why: shaken.why };
  const [{ sha256, serial, notBefore, notAfter, issuer, dnsNames, ipAddresses }] = shaken.chain;
  const leaf = { serial, notBefore, notAfter, issuer };
  const { host } = endpointParts(endpoint);
  if (sha256 === awaited.sha256) {
    const why = missingIn(shaken, chainPem);
    return { address, shows: 'awaited', leaf, ...(why ? { why } : {}) };
  }
  const shows = notBefore > awaited.notBefore ? 'newer' : 'another';
  const names = [...dnsNames, ...ipAddresses].slice(0, 3).join(', ') || 'no name';
  return { address, shows, leaf, ...(isCovered(host, { dnsNames, ipAddresses }) ? {} : { why: `it is for ${names}` }) };
}

const unreadable = (detail: string): Problem => ({
  ...{ type: 'nolapse:not-an-endpoint', detail, retry: 'never' },
  fix: 'correct it where it is named',
});

/** What each address shows now; a name that could not be asked for is a problem, one without addresses has none. */
export async function probe(sought: Sought, handshakes: Handshakes, now: () => Date): Promise<Probed> {
  const parts = readEndpoint(sought.endpoint);
  // of a version that took more: the others are looked at all the same
  if ('problem' in parts) return { addresses: [], problem: unreadable(parts.problem), at: now().toISOString() };
  const { host, port } = parts;
  try {
    const addresses = (await handshakes.addressesOf(host)).slice(0, MAX_ADDRESSES);
    const seen = addresses.map(async (address) =>
      seenAt(address, await handshakes.shake({ host, port, address }), sought),
    );
    return { addresses: await Promise.all(seen), at: now().toISOString() };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { addresses: [], problem: error.problem, at: now().toISOString() };
  }
}
