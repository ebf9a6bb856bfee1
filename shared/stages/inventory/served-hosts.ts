/** What hosts serve whose Secrets may not be read: a handshake with every address says when it ends, of whom it is, and for which names. */
import type { Facts } from '../../contract/certificate.ts';
import { kubernetesPlace } from '../../contract/ids.ts';
import { HANDSHAKES_AT_ONCE, MAX_ADDRESSES } from '../../contract/limits.ts';
import type { HostSeen, IngressFacts, Listener } from '../../contract/observation.ts';
import type { Clock, Handshakes } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { endpointParts, endpointText, isCovered, readEndpoint } from '../../standards/dns/endpoint.ts';

const HTTPS = 443;
/** Nothing new is begun after so long: an inventory waits for no host. */
const BUDGET_MS = 15_000;

type Host = Pick<HostSeen, 'endpoint' | 'namespace' | 'references' | 'places'>;

/** Where an Ingress says that it is served, else its hosts: those of its tls blocks, or of its rules where a block names none. */
function ofIngress({ namespace, name, tls, hosts, endpoints = [] }: IngressFacts, cluster: string): readonly Host[] {
  const references = [`Ingress ${namespace}/${name}`];
  return tls.flatMap((block) => {
    const dnsNames = block.hosts.length > 0 ? block.hosts : hosts;
    const said = endpoints.filter((one) => isCovered(endpointParts(one).host, { dnsNames, ipAddresses: [] }));
    const saidOf = new Set(said.map((one) => endpointParts(one).host));
    const others = canonical(dnsNames).filter((host) => !saidOf.has(host));
    const places = block.secretName ? [kubernetesPlace(cluster, namespace, block.secretName)] : [];
    const all = [...said, ...others.map((host) => endpointText({ host, port: HTTPS }))];
    return all.map((endpoint) => ({ endpoint, namespace, references, places }));
  });
}

/** Wildcards are left out: nobody can connect to one. */
const canonical = (hosts: readonly string[]): readonly string[] =>
  hosts.flatMap((host) => {
    const read = readEndpoint(`${host}:${HTTPS}`);
    return 'problem' in read ? [] : [read.host];
  });

/** Every endpoint once, with all that lead to it. */
export function hostsOf(
  cluster: string,
  ingresses: readonly IngressFacts[],
  listeners: readonly Listener[],
): readonly Host[] {
  const all = [
    ...ingresses.flatMap((ingress) => ofIngress(ingress, cluster)),
    ...listeners.flatMap(({ host, port, namespace, by, places }) =>
      canonical([host]).map((name) => ({
        ...{ endpoint: endpointText({ host: name, port }), namespace, references: [by], places },
      })),
    ),
  ];
  return [...Map.groupBy(all, ({ endpoint, namespace }) => `${namespace} ${endpoint}`).values()].flatMap((same) => {
    const unique = (list: readonly (readonly string[])[]): readonly string[] => [...new Set(list.flat())];
    const [first] = same;
    if (!first) return [];
    const references = unique(same.map((one) => one.references));
    return [{ ...first, references, places: unique(same.map((one) => one.places)) }];
  });
}

interface Looking {
  readonly handshakes: Handshakes;
  readonly isOver: () => boolean;
}

const NO_TIME = 'there was no time left to ask it';

/** One address after the other: as many hosts as may be asked at once would else wait for the addresses of each other. */
async function seenAt(host: Host, { handshakes, isOver }: Looking): Promise<HostSeen> {
  if (isOver()) return { ...host, shown: [], why: NO_TIME };
  const { host: name, port } = endpointParts(host.endpoint);
  const leaves = new Map<string, Facts>();
  const why: string[] = [];
  try {
    for (const address of (await handshakes.addressesOf(name)).slice(0, MAX_ADDRESSES)) {
      const one = isOver() ? { why: NO_TIME } : await handshakes.shake({ host: name, port, address });
      if ('chain' in one) leaves.set(one.chain[0].sha256, one.chain[0]);
      else why.push(one.why);
    }
    if (leaves.size > 0) return { ...host, shown: [...leaves.values()] };
    return { ...host, shown: [], why: why[0] ?? 'its name has no address' };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { ...host, shown: [], why: error.problem.detail };
  }
}

/**
 * What each of the hosts shows, side by side; one that is not asked within the time says so. Never mistaken for what a Secret holds.
 * Ends within some 30 seconds however many there are.
 */
export async function lookAtHosts(
  hosts: readonly Host[],
  { handshakes, clock }: { readonly handshakes: Handshakes; readonly clock: Pick<Clock, 'now'> },
): Promise<readonly HostSeen[]> {
  const untilMs = clock.now().getTime() + BUDGET_MS;
  const isOver = (): boolean => clock.now().getTime() >= untilMs;
  const seen: HostSeen[] = [];
  const left = [...hosts].entries();
  const work = async (): Promise<void> => {
    for (const [i, host] of left) seen[i] = await seenAt(host, { handshakes, isOver });
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, work));
  return seen;
}
