/** One pass over what the fleet file itself asks for: FleetCertificates, and their places in Secrets Manager. */
import { FLEET_SOURCE, type Place, partyOf, placeParts } from '../contract/ids.ts';
import type { Observation } from '../contract/observation.ts';
import { ProblemError } from '../contract/problem.ts';
import { keys } from '../contract/records.ts';
import type { Destination, Issuance } from '../contract/rows.ts';
import { type FleetJudged, judgeFleet } from '../stages/assess/judge.ts';
import type { Asking } from '../stages/assess/want.ts';
import { ownershipOf } from '../standards/kubernetes/ownership.ts';
import { assess } from './assess.ts';
import { forgetOtherSources, reassessClosed } from './closed.ts';
import { settle } from './findings.ts';
import { installationOf } from './installation.ts';
import type { InventoryLanePorts, Passed } from './inventory-ports.ts';
import type { LanePorts } from './lane-ports.ts';
import { sideBySide } from './side-by-side.ts';
import { writeSnapshot } from './snapshots.ts';
import { closeWanted, storeDestination, storeWanted, wantedRows } from './source-rows.ts';
import { demandsOf, fileWishes, fleetWishesIn, wantAll, wantContext } from './wishes.ts';

const isStore = (place: Place): boolean => placeParts(place).at === 'secretsManager';

export async function inventoryOfFleet(ports: InventoryLanePorts): Promise<Passed> {
  const { records, fleet, clock, blobs } = ports;
  const now = clock.now();
  const context = wantContext({ fleet, issuers: [], unreadable: [], now: now.toISOString() });
  const asking = wantAll(fileWishes(fleet, FLEET_SOURCE), context);
  await storeAsking(asking, ports);
  await forgetOtherSources(new Set([FLEET_SOURCE, ...fleet.clusters.map(({ name }) => name)]), ports);
  const trouble = await storePlaces(asking, ports);
  await sideBySide(demandsOf(asking), (demand) => assess(demand, ports));
  const { verdicts, views } = await judgedFleet(ports, now);
  await settle(records, { owner: `SRC#${FLEET_SOURCE}`, now, findings: verdicts });
  const asOf = now.toISOString();
  await writeSnapshot(blobs, {
    ...{ source: FLEET_SOURCE, asOf, certificates: views, observations: [], gaps: [], wholeAt: asOf },
  });
  if (trouble) throw trouble;
  return { counts: { certificates: asking.length } };
}

/** After a source was tried: what waited for its answer is decided now, whatever the answer was. */
export async function reassessFleetIn(source: string, ports: InventoryLanePorts): Promise<void> {
  const { fleet, clock } = ports;
  const context = wantContext({ fleet, issuers: [], unreadable: [], now: clock.now().toISOString() });
  const wishes = source === FLEET_SOURCE ? fileWishes(fleet, FLEET_SOURCE) : fleetWishesIn(fleet, source);
  await sideBySide(demandsOf(wantAll(wishes, context)), (demand) => assess(demand, ports));
}

async function storeAsking(asking: readonly Asking[], ports: InventoryLanePorts): Promise<void> {
  const { records, clock } = ports;
  const before = (await wantedRows(records, FLEET_SOURCE)).map(({ body }) => body);
  await sideBySide(asking, ({ wanted }) => storeWanted(records, wanted));
  const now = new Map(asking.map(({ wanted }) => [wanted.id, wanted.issuance]));
  const gone = before.filter(({ id }) => !now.has(id));
  await sideBySide(gone, ({ id }) => closeWanted(records, id, clock.now().toISOString()));
  const closed = before.filter(({ id, issuance }) => now.get(id) !== issuance);
  await reassessClosed(closed, ports);
}

/** Every place has a row; those of stores are looked at here, those of clusters by the cluster's own pass. */
async function storePlaces(asking: readonly Asking[], ports: InventoryLanePorts): Promise<ProblemError | undefined> {
  const { records, fleet, clock } = ports;
  const installation = (await installationOf(records, { fleet: fleet.name, now: clock.now() })).id;
  let trouble: ProblemError | undefined;
  await sideBySide(asking, async ({ wanted }) => {
    const { id: certificate, issuance } = wanted;
    if (!issuance) return;
    for (const wish of wanted.places) {
      const place = { wish, issuance, certificate };
      try {
        const observation = isStore(wish.place) ? await readPlace(wish.place, ports) : undefined;
        const ownership = ownershipOf(observation, { fleet: fleet.name, installation, certificate });
        const at = clock.now().toISOString();
        const seen = { ownership, at, ...(observation ? { observation } : {}) };
        await storeDestination(records, isStore(wish.place) ? { ...place, seen } : place);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        trouble ??= error;
        await storeDestination(records, place);
      }
    }
  });
  return trouble;
}

async function readPlace(place: Place, { destinationsOf }: InventoryLanePorts): Promise<Observation | undefined> {
  const adapter = await destinationsOf(partyOf(place));
  return adapter.read(place);
}

/** FleetCertificates as the rows know them now: their places are looked at by other passes, which may have been later. */
export async function judgedFleet(
  { records, fleet }: Pick<LanePorts, 'records' | 'fleet'>,
  now: Date,
): Promise<FleetJudged> {
  const wanted = (await wantedRows(records, FLEET_SOURCE)).map(({ body }) => body);
  const issuances = new Map<string, Issuance>();
  const destinations = new Map<Place, Destination>();
  await sideBySide(wanted, async (one) => {
    const issuance = one.issuance && (await records.get(keys.issuance(one.issuance)));
    if (issuance) issuances.set(issuance.body.id, issuance.body);
    for (const { place } of one.places) {
      const row = await records.get(keys.destination(place));
      if (row) destinations.set(place, row.body);
    }
  });
  return judgeFleet({ wanted, issuances, destinations, issuers: fleet.issuers }, now);
}
