/** The part `dns`: two authoritative name servers, the one of their zones' parents, and the Route 53 API that fills the zones, each server in its own time. */
import { Control } from '../control.ts';
import { type Answer, type Asked, json, listen } from '../listen.ts';
import { DNS_FAULTS, type DnsFault, Route53Api, type ZoneStore } from '../route53/api.ts';
import type { Reply, ServedZone } from './answer.ts';
import { replyTo } from './answer.ts';
import { type NameServer, startNameServers } from './name-server.ts';
import { delegatedSets, PARENT_SERVER, parentZones } from './parents.ts';
import { canonicalName, currentSets, newZone, type RecordSet, servedSets, withVersion, type Zone } from './zone.ts';

export interface DnsConfig {
  readonly zones: readonly {
    /** Without `/hostedzone/`. */
    readonly id: string;
    readonly name: string;
    /** Of a VPC: the name servers do not have it. */
    readonly isPrivate?: boolean;
    /** Names with or without the final dot; TXT values in quotes. */
    readonly sets?: readonly RecordSet[];
  }[];
  /** Between these a name server takes to serve a change; 0 and 0 = at once. */
  readonly insync: { readonly minMs: number; readonly maxMs: number };
  /** Whether Route 53's token buckets hold; default no. */
  readonly throttle?: boolean;
}

export interface DnsReady {
  /** Origin of the Route 53 API and of `/_sandbox/`. */
  readonly url: string;
  /** `127.0.0.1:port`, over UDP and TCP. */
  readonly nameServers: readonly string[];
}

const NS_NAMES = ['ns-1.name-servers.test.', 'ns-2.name-servers.test.'] as const;

/** The zone in which the name servers' own names are: what a resolver would find at the parent. */
const hostsOf = (addresses: ReadonlyMap<string, string>): ServedZone => ({
  name: 'name-servers.test.',
  sets: [
    {
      name: 'name-servers.test.',
      type: 'SOA',
      ttl: 900,
      values: [`${NS_NAMES[0]} hostmaster.name-servers.test. 1 7200 900 1209600 86400`],
    },
    { name: 'name-servers.test.', type: 'NS', ttl: 172_800, values: NS_NAMES },
    ...[...addresses].map(([name, address]) => ({ name, type: 'A' as const, ttl: 172_800, values: [address] })),
  ],
});

class Zones implements ZoneStore {
  readonly #zones: Map<string, Zone>;
  readonly #insync: DnsConfig['insync'];

  constructor({ zones, insync }: DnsConfig) {
    this.#insync = insync;
    this.#zones = new Map(
      zones.map(({ id, name, sets = [], isPrivate = false }) => {
        const named = sets.map((set) => ({ ...set, name: canonicalName(set.name) }));
        return [id, { ...newZone(id, name, { nsNames: NS_NAMES, sets: named }), isPrivate }];
      }),
    );
  }

  all(): readonly Zone[] {
    return [...this.#zones.values()];
  }

  get(id: string): Zone | undefined {
    return this.#zones.get(id);
  }

  put(id: string, sets: readonly RecordSet[], now: number): number {
    const zone = this.#zones.get(id);
    if (!zone) throw new RangeError(`zone ${id}: there is none`);
    const { minMs, maxMs } = this.#insync;
    const delaysMs = NS_NAMES.map(() => minMs + Math.random() * (maxMs - minMs));
    const changed = withVersion(zone, sets, { now, delaysMs });
    this.#zones.set(id, changed);
    return Math.max(...(changed.versions.at(-1)?.servedAt ?? []));
  }

  /** What one of the two answers; the apex of a parent it knows as a resolver does. */
  reply(server: number, question: Parameters<typeof replyTo>[1], hosts: ServedZone): Reply {
    const now = Date.now();
    const served = this.#open().map((zone) => ({ name: zone.name, sets: servedSets(zone, server, now) }));
    const asked = canonicalName(question.name);
    const parents = parentZones(this.#open().map(({ name }) => name)).filter(({ name }) => name === asked);
    return replyTo([...served, hosts, ...parents], question);
  }

  /** What the parent's server answers. `nsNames` stand in its delegations instead of the true ones. */
  replyOfParent(question: Parameters<typeof replyTo>[1], nsNames: readonly string[] = NS_NAMES): Reply {
    const names = this.#open().map(({ name }) => name);
    const parents = parentZones(names).map(({ name, sets }) => ({
      name,
      sets: [...sets, ...delegatedSets(name, names, nsNames)],
    }));
    return replyTo(parents, question);
  }

  #open(): readonly Zone[] {
    return this.all().filter(({ isPrivate }) => !isPrivate);
  }
}

function zoneContent(zones: ZoneStore, { path }: Asked): Answer | undefined {
  const [, id] = /^\/_sandbox\/zone\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const zone = zones.get(id);
  if (!zone) return json({ error: `zone ${id}: there is none` }, 404);
  return json({ id, name: zone.name, sets: currentSets(zone) });
}

const addressOf = (server: NameServer | undefined): string => server?.address.split(':')[0] ?? '';

/** Both name servers and their parent's; each knows where all of them are once they have started. */
async function startServers(zones: Zones, control: Control<DnsFault>): Promise<readonly NameServer[]> {
  const names = [...NS_NAMES, PARENT_SERVER];
  let hosts = hostsOf(new Map());
  const own = NS_NAMES.map((name, server) => (question: Parameters<typeof replyTo>[1]): Reply | undefined => {
    if (control.take('dns-down')) return undefined;
    const isLame = control.take('lame', (fault) => `${fault.server}.` === name);
    return isLame ? { rcode: 'REFUSED', answers: [], authorities: [] } : zones.reply(server, question, hosts);
  });
  const servers = await startNameServers([
    ...own,
    (question) => zones.replyOfParent(question, control.take('misdelegated')?.nameServers),
  ]);
  hosts = hostsOf(new Map(names.map((name, i) => [name, addressOf(servers[i])])));
  return servers;
}

/** Starts the name servers and the API. */
export async function startDns(config: DnsConfig): Promise<{ readonly ready: DnsReady; close(): Promise<void> }> {
  const zones = new Zones(config);
  const control = new Control<DnsFault>(DNS_FAULTS);
  const api = new Route53Api({ zones, control, nsNames: NS_NAMES, throttle: config.throttle ?? false });
  const servers = await startServers(zones, control);
  const http = await listen(
    async (asked) => control.intercept(asked) ?? zoneContent(zones, asked) ?? api.answer(asked),
  );
  return {
    ready: {
      url: http.url,
      nameServers: servers.slice(0, NS_NAMES.length).map((server) => server.address),
    },
    close: async () => {
      await Promise.all([http.close(), ...servers.map((server) => server.close())]);
    },
  };
}
