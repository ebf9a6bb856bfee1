/** One pass over one cluster: looked at wholly, what is wanted and what is there stored, every issuance it touches assessed. */
import type { Verdict } from '../contract/finding.ts';
import type { Cluster } from '../contract/fleet.ts';
import { type Place, partyOf } from '../contract/ids.ts';
import { byPlace, type HostSeen, type Observation } from '../contract/observation.ts';
import type { ClusterReader } from '../contract/ports.ts';
import { keys } from '../contract/records.ts';
import type { Destination, Issuance, Wanted } from '../contract/rows.ts';
import { gapOfHosts, judgeSource, unreadableManifest } from '../stages/assess/judge.ts';
import type { Asking } from '../stages/assess/want.ts';
import { type Look, look } from '../stages/inventory/look.ts';
import { readPlaces } from '../stages/inventory/other-secrets.ts';
import { hostsOf, lookAtHosts } from '../stages/inventory/served-hosts.ts';
import { ownershipOf } from '../standards/kubernetes/ownership.ts';
import { assess } from './assess.ts';
import { reassessClosed } from './closed.ts';
import { settle } from './findings.ts';
import { installationOf } from './installation.ts';
import type { InventoryLanePorts, Passed } from './inventory-ports.ts';
import { disappearance, isConfirmed } from './mass-disappearance.ts';
import { requireSameCluster } from './same-cluster.ts';
import { sideBySide } from './side-by-side.ts';
import { type Observed, readObserved, writeSnapshot } from './snapshots.ts';
import {
  closeWanted,
  type PlaceSeen,
  storeDestination,
  storeIssuer,
  storeIssuers,
  storeWanted,
  wantedRows,
} from './source-rows.ts';
import { storeStatuses } from './statuses.ts';
import { claimed, demandsOf, fleetWishesIn, isMassDisappearance, wantAll, wantContext, wishesOf } from './wishes.ts';

interface Pass {
  readonly cluster: Cluster;
  readonly ports: InventoryLanePorts;
  readonly seen: Look;
  readonly now: Date;
  readonly hosts: readonly HostSeen[];
  /** What could not be read, nor seen instead. */
  readonly gaps: Look['gaps'];
}

export async function inventoryOfCluster(cluster: Cluster, ports: InventoryLanePorts): Promise<Passed> {
  const { blobs, clock, progress } = ports;
  const now = clock.now();
  const reader = await ports.readerOf(cluster);
  const previous = await readObserved(blobs, cluster.name);
  const ofFleet = new Set(
    fleetWishesIn(ports.fleet, cluster.name).flatMap(({ places }) => places.map(({ place }) => place)),
  );
  const seen = await look(reader, {
    ...{ cluster: cluster.name, now, isAskedFor: (place: Place) => ofFleet.has(place) },
    ...(previous ? { previous } : {}),
    ...(progress ? { progress: (count: number) => progress(cluster.name, count) } : {}),
  });
  await requireSameCluster(cluster, seen.uid, ports);
  const hosts = seen.secretsRead ? [] : await hostsIn(seen, cluster.name, ports);
  const pass: Pass = { cluster, ports, seen, now, hosts, gaps: [...seen.gaps, ...gapOfHosts(hosts)] };
  await storeFound(pass);
  const observations = byPlace(seen.observations);
  const asking = askingOf(pass, observations);
  const gone = await storeAsking(pass, asking.own);
  const all = [...asking.own, ...asking.fleet];
  const others = byPlace(await inTheWay(pass, { asking: all, observations, reader }));
  await storePlaces(pass, all, (place) => others.get(place) ?? observations.get(place));
  await storeStatuses({ cluster, ports, seen, own: asking.own, observations, reader });
  await sideBySide(demandsOf(asking.own), (demand) => assess(demand, ports));
  await reassessClosed(gone.closed, ports);
  await conclude(pass, gone.verdicts, previous);
  const counts = { secrets: seen.observations.length, certificates: asking.own.length, gaps: pass.gaps.length };
  return { counts, gaps: pass.gaps, ...(seen.uid ? { uid: seen.uid } : {}) };
}

/** What is served where the Secrets may not be read. */
async function hostsIn({ ingresses, listeners }: Look, cluster: string, ports: InventoryLanePorts) {
  const hosts = hostsOf(cluster, ingresses, listeners);
  ports.asking?.(cluster, hosts.length);
  return lookAtHosts(hosts, ports);
}

async function storeFound({ cluster, ports: { records }, seen, now }: Pass): Promise<void> {
  await sideBySide(seen.issuers, (issuer) => storeIssuer(records, issuer, now.toISOString()));
  if (seen.whole) await storeIssuers(records, cluster.name, seen.issuers);
}

interface Sought {
  readonly asking: readonly Asking[];
  readonly observations: ReadonlyMap<Place, Observation>;
  readonly reader: ClusterReader;
}

/** Secrets of another type stand in no list: before anything is ordered, each place that looks empty is looked at by its name. */
async function inTheWay({ cluster, seen }: Pass, { asking, observations, reader }: Sought) {
  const places = asking.flatMap(({ wanted }) => (wanted.issuance ? wanted.places.map(({ place }) => place) : []));
  const empty = places.filter((place) => partyOf(place) === cluster.name && !observations.has(place));
  return seen.secretsRead ? readPlaces(reader, [...new Set(empty)]) : [];
}

function askingOf({ cluster, ports: { fleet }, seen, now }: Pass, observations: ReadonlyMap<Place, Observation>) {
  const context = wantContext({ fleet, issuers: seen.issuers, unreadable: seen.unreadable, now: now.toISOString() });
  const fromFleet = wantAll(fleetWishesIn(fleet, cluster.name), context);
  const taken = new Set(fromFleet.flatMap(({ wanted }) => wanted.places.map(({ place }) => place)));
  const own = wantAll(wishesOf(fleet, cluster.name, seen.asked), context);
  return { fleet: fromFleet, own: claimed(own, taken, observations) };
}

/** Rows are closed only by a pass that read its source wholly, and never many at once. */
async function storeAsking({ cluster, ports: { records }, seen, now }: Pass, own: readonly Asking[]) {
  const before = (await wantedRows(records, cluster.name)).map(({ body }) => body);
  const still = new Set([...own.map(({ wanted }) => wanted.id), ...seen.named]);
  const isUnseen = ({ id, origin }: Wanted): boolean => !still.has(id) && (seen.gatewaysRead || origin !== 'Gateway');
  const unseen = seen.whole ? before.filter(isUnseen) : [];
  const isDoubted = isMassDisappearance(before, unseen) && !(await isConfirmed(cluster.name, { records, now }));
  const gone = isDoubted ? [] : unseen;
  await sideBySide(own, ({ wanted }) => storeWanted(records, wanted));
  await sideBySide(gone, ({ id }) => closeWanted(records, id, now.toISOString()));
  const kept = new Map(own.map(({ wanted }) => [wanted.id, wanted.issuance]));
  const moved = before.filter(({ id, issuance }) => kept.has(id) && kept.get(id) !== issuance);
  const verdicts = isDoubted ? [disappearance(cluster.name, before.length, unseen)] : [];
  return { closed: [...gone, ...moved], verdicts };
}

/** `namespace/name` of what decides about Secrets, honoured or not; undefined where Certificates could not be read. */
function certificatesIn({ asked, unreadable, gaps }: Look): ReadonlySet<string> | undefined {
  if (gaps.some(({ what }) => what === 'certificates')) return undefined;
  const all = [...asked, ...unreadable.map(({ object }) => object)];
  return new Set(all.map(({ namespace, name }) => `${namespace}/${name}`));
}

async function storePlaces(
  { cluster, ports, seen, now }: Pass,
  asking: readonly Asking[],
  observationAt: (place: Place) => Observation | undefined,
): Promise<void> {
  const { records, fleet } = ports;
  const installation = (await installationOf(records, { fleet: fleet.name, now })).id;
  const live = certificatesIn(seen);
  await sideBySide(asking, async ({ wanted }) => {
    const { id: certificate, issuance } = wanted;
    if (!issuance) return;
    for (const wish of wanted.places.filter(({ place }) => partyOf(place) === cluster.name)) {
      const observation = observationAt(wish.place);
      const namespace = wish.place.split('/')[1];
      const isLive = (name: string): boolean => live?.has(`${namespace}/${name}`) ?? true;
      const ownership = ownershipOf(observation, { fleet: fleet.name, installation, certificate }, isLive);
      const place: PlaceSeen = { wish, issuance, certificate };
      const at = now.toISOString();
      const found = { ownership, at, ...(observation ? { observation } : {}) };
      await storeDestination(records, seen.secretsRead ? { ...place, seen: found } : place);
    }
  });
}

async function conclude(
  { cluster, ports, seen, now, hosts, gaps }: Pass,
  more: readonly Verdict[],
  previous: Observed | undefined,
): Promise<void> {
  const { records, fleet, blobs } = ports;
  const wanted = (await wantedRows(records, cluster.name)).map(({ body }) => body);
  const certificates = certificatesIn(seen);
  const asIs = await rowsOf(cluster, { wanted, ports });
  const { verdicts, views } = judgeSource(
    {
      ...{ cluster: cluster.name, observations: seen.observations, ingresses: seen.ingresses, wanted, ...asIs },
      ...{ references: seen.references, bundles: seen.bundles, challenges: seen.challenges, hosts },
      ...{ issuers: [...seen.issuers, ...fleet.issuers], secretsRead: seen.secretsRead },
      clusterResourceNamespace: cluster.clusterResourceNamespace,
      ...(certificates && { certificates }),
    },
    now,
  );
  const refused = seen.unreadable.map((one) => unreadableManifest(one, cluster.name));
  const findings = [...verdicts, ...refused, ...more];
  await settle(records, { owner: `SRC#${cluster.name}`, now, findings });
  await writeSnapshot(blobs, {
    ...{ source: cluster.name, asOf: seen.asOf, certificates: views, gaps, wholeAt: seen.wholeAt },
    ...(seen.definitions && { definitions: seen.definitions }),
    observations: seen.secretsRead ? seen.observations : (previous?.observations ?? []),
  });
}

/** The rows of what is wanted here, and of this cluster's places. */
async function rowsOf(
  cluster: Cluster,
  { wanted, ports: { records, fleet } }: { wanted: readonly Wanted[]; ports: InventoryLanePorts },
) {
  const issuances = new Map<string, Issuance>();
  const destinations = new Map<Place, Destination>();
  const places = [
    ...wanted.flatMap((one) => one.places),
    ...fleetWishesIn(fleet, cluster.name).flatMap((wish) => wish.places),
  ].map(({ place }) => place);
  await sideBySide(new Set(wanted.flatMap(({ issuance }) => issuance ?? [])), async (id) => {
    const row = await records.get(keys.issuance(id));
    if (row) issuances.set(id, row.body);
  });
  const own = places.filter((one) => partyOf(one) === cluster.name);
  await sideBySide(own, async (place) => {
    const row = await records.get(keys.destination(place));
    if (row) destinations.set(place, row.body);
  });
  return { issuances, destinations };
}
