/** One cluster whose Certificates are told of themselves, over real rows: inventory and deliver lanes, objects in memory, places in memory. */
import type { Fleet } from '../../../shared/contract/fleet.ts';
import type { Observation } from '../../../shared/contract/observation.ts';
import type { KubernetesObject } from '../../../shared/contract/ports.ts';
import { keys, type Records, rows } from '../../../shared/contract/records.ts';
import type { Destination, Issuance } from '../../../shared/contract/rows.ts';
import type { ToldObject } from '../../../shared/contract/status.ts';
import { type DeliverLanePorts, runDeliverLane } from '../../../shared/lanes/deliver.ts';
import { openFindings } from '../../../shared/lanes/findings.ts';
import { runInventoryLane } from '../../../shared/lanes/inventory.ts';
import { factsOf } from '../../../shared/standards/x509/facts.ts';
import { makeChain } from '../../fixtures/x509.ts';
import { cluster, fleet, LETS_ENCRYPT } from '../stages/assess/wishes-of-shop.ts';
import { MemoryCluster, object } from '../stages/inventory/memory-cluster.ts';
import { at, jumpingClock, nobodyOutside, openRecords } from '../stages/issue/scripted.ts';
import { memoryDestination } from './memory-destination.ts';
import { memoryStatuses } from './memory-statuses.ts';

export const MANAGED = cluster('prod', { namePolicy: [{ namespaces: ['shop'], names: ['**.example.com'] }] });
export const of = (kind: ToldObject['kind'], name: string): ToldObject => ({
  ...{ cluster: 'prod', kind, name },
  ...(kind === 'ClusterIssuer' ? {} : { namespace: 'shop' }),
});
const LISTS = { Certificate: 'certificates', Issuer: 'issuers', ClusterIssuer: 'cluster-issuers' } as const;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What was delivered, as the cluster lists it. */
const secretsIn = (
  holds: ReadonlyMap<string, Observation>,
  pairs: ReadonlyMap<string, { readonly chainPem: string; readonly keyPem: string }>,
): readonly KubernetesObject[] =>
  [...holds].flatMap(([place, { annotations, version }]) => {
    const pair = pairs.get(place);
    if (!pair) return [];
    const [, , name = ''] = place.split('/');
    const metadata = { ...object(name).metadata, resourceVersion: version, annotations };
    const data = { 'tls.crt': base64(pair.chainPem), 'tls.key': base64(pair.keyPem) };
    return [{ metadata, type: 'kubernetes.io/tls', data }];
  });

export interface Said {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  readonly [field: string]: unknown;
}

interface Options {
  readonly fleet?: Partial<Fleet>;
  readonly records?: Records;
}

const certificate = (name: string) => ({
  ...{ secretName: name, dnsNames: [`${name}.example.com`], privateKey: { algorithm: 'ECDSA' } },
  issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
});

const key = (one: ToldObject): string => keys.status(one).sk;

/** What an issue lane would have left in the rows. */
function issuing(records: Records) {
  const pairs = new Map<string, { readonly chainPem: string; readonly keyPem: string }>();
  const changes = async (name: string, body: Partial<Issuance>): Promise<void> => {
    const id = (await records.get(keys.wanted(`prod/shop/${name}`)))?.body.issuance;
    const row = id === undefined ? undefined : await records.get(keys.issuance(id));
    if (row) await records.put(rows.issuance({ ...row.body, ...body }, row.rev, row.wakeAt));
  };
  return {
    ...{ pairs, changes },
    /** As if it had just been issued; its place is due. */
    issues: async (name: string): Promise<void> => {
      const { leaf, chainPem } = await makeChain({ dnsNames: [`${name}.example.com`] });
      pairs.set(`prod/shop/${name}`, { chainPem, keyPem: leaf.keyPem });
      const current = { facts: factsOf(leaf.x509), chainPem, issuedAt: at(0), origin: 'issued' as const };
      await changes(name, { current: { ...current, sealedKey: leaf.keyPem, attempt: '1' } });
      const row = await records.get<Destination>(keys.destination(`prod/shop/${name}`));
      if (row) await records.put(rows.destination(row.body, row.rev, at(-1)));
    },
  };
}

function partsOf({ records = openRecords(), fleet: more }: Options) {
  const [clock, prod, store, held] = [jumpingClock(), new MemoryCluster(), memoryDestination(), new Map()];
  const [statuses, rang] = [memoryStatuses(clock.now), [] as string[]];
  const base = {
    fleet: fleet({ clusters: [MANAGED], issuers: [LETS_ENCRYPT], ...more }),
    ...{ records, clock, bell: { ring: async (lane: string) => void rang.push(lane) } },
    holder: { name: 'one', isGone: () => false },
    journal: { tell: async () => undefined },
    blobs: {
      read: async (name: string) => held.get(name) as Uint8Array | undefined,
      write: async (name: string, body: Uint8Array) => void held.set(name, body),
    },
    ...{ readerOf: async () => prod, destinationsOf: async () => store, statusesOf: async () => statuses },
    ...{ unseal: async (sealed: string) => Buffer.from(sealed), handshakes: nobodyOutside },
  };
  return { records, clock, prod, store, statuses, rang, base };
}

export function openStatuses(options: Options = {}) {
  const parts = partsOf(options);
  const { records, prod, store, statuses, base } = parts;
  const { pairs, changes, issues } = issuing(records);
  const said = (one: ToldObject): Said => (statuses.objects.get(key(one))?.status ?? {}) as Said;
  return {
    ...{ ...parts, certificate, changes, issues, said },
    /** An object of the cluster, seen by the inventory and told by what it is. */
    make: (kind: ToldObject['kind'], name: string, spec: object, more: Partial<KubernetesObject> = {}) => {
      const { namespace, ...own } = object(name).metadata;
      const metadata = { ...own, ...(kind === 'ClusterIssuer' ? {} : { namespace }), generation: 1, ...more.metadata };
      statuses.objects.set(key(of(kind, name)), { ...more, spec, kind, metadata } as KubernetesObject);
    },
    /** The inventory sees the objects as they are now. */
    look: async (more: Partial<typeof base> = {}): Promise<void> => {
      prod.objects['tls-secrets'].splice(0, Number.POSITIVE_INFINITY, ...secretsIn(store.holds, pairs));
      for (const list of Object.values(LISTS)) prod.objects[list].splice(0);
      for (const one of statuses.objects.values()) prod.objects[LISTS[one.kind as ToldObject['kind']]].push(one);
      await runInventoryLane('prod', { ...base, ...more });
    },
    deliver: (more: Partial<DeliverLanePorts> = {}) => runDeliverLane('prod', { ...base, ...more }),
    row: async (one: ToldObject) => records.get(keys.status(one)),
    conditions: (one: ToldObject): readonly string[] =>
      (said(one).conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    findings: async () =>
      (await openFindings(records)).map(
        ({ severity, code, object: { kind, name } }) => `${severity} ${code} ${kind}/${name}`,
      ),
    destination: async (name: string) => (await records.get(keys.destination(`prod/shop/${name}`)))?.body,
  };
}

/** Certificates of those names, each issued and delivered. */
export async function delivered(...names: readonly string[]) {
  const world = openStatuses();
  for (const name of names) world.make('Certificate', name, world.certificate(name));
  await world.look();
  for (const name of names) await world.issues(name);
  await world.deliver();
  return world;
}
