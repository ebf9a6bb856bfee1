/** Leaving, second part: every place that carries our mark is given back, with what is in it left as it is. */
import pLimit from 'p-limit';
import { deliverLane, type Iso, type Lane, type Place, partyOf, placeParts } from '../contract/ids.ts';
import { KUBERNETES_WRITES } from '../contract/limits.ts';
import { fieldManager, MARK } from '../contract/marks.ts';
import type { Observation } from '../contract/observation.ts';
import type { Blobs } from '../contract/ports.ts';
import { type Problem, problemOf } from '../contract/problem.ts';
import { KIND, keys } from '../contract/records.ts';
import type { Issuance } from '../contract/rows.ts';
import { decideRelease } from '../stages/deliver/decide.ts';
import type { DeliverLanePorts } from './deliver.ts';
import { installationOf } from './installation.ts';
import { asOnlyWorker, inTurn } from './lease.ts';
import { destinationRowsOf } from './members.ts';
import { readSnapshot } from './snapshots.ts';

export interface PlacePorts extends Omit<DeliverLanePorts, 'only' | 'unseal'> {
  readonly blobs: Blobs;
}

/**
 * What became of a place, or would: `nothing` = nothing of ours is there; `theirs` = somebody has taken it over since; `not-of-fleet` = its
 * cluster was taken out of the fleet file, and nobody here can reach it.
 */
export interface PlaceLeft {
  readonly place: Place;
  readonly outcome: 'released' | 'to-release' | 'nothing' | 'theirs' | 'not-of-fleet' | 'failed';
  readonly owner?: string;
  readonly problem?: Problem;
  /** Of what is there, which nobody renews from now on. */
  readonly notAfter?: Iso;
  readonly isThere: boolean;
}

/** A lane in which the work could not be done: somebody has stopped it, or it was not free before our time was over. */
export interface Unsettled {
  readonly lane: Lane;
  readonly why: 'paused' | 'no-time';
}

const isMarked = ({ annotations, managers }: Observation, fleet: string): boolean =>
  annotations[MARK.fleet] === fleet || managers.some(({ manager }) => manager === fieldManager(fleet));

/** Those that a certificate names, and Secrets that carry our mark although none names them any more. */
export async function placesByParty({ records, blobs, fleet }: PlacePorts): Promise<ReadonlyMap<string, Place[]>> {
  const places = new Set<Place>();
  for await (const { body } of records.list<Issuance>(KIND.issuance))
    for (const row of await destinationRowsOf(records, body.id)) places.add(row.body.place);
  for (const { name } of fleet.clusters)
    for (const one of (await readSnapshot(blobs, name))?.observations ?? [])
      if (isMarked(one, fleet.name)) places.add(one.place);
  return Map.groupBy([...places].toSorted(), partyOf);
}

interface From {
  readonly ports: PlacePorts;
  readonly us: { readonly fleet: string; readonly installation: string };
  /** Only looks. */
  readonly isDry: boolean;
}

async function given(place: Place, { ports, us, isDry }: From): Promise<PlaceLeft> {
  const at = placeParts(place);
  if (at.at === 'kubernetes' && !ports.fleet.clusters.some(({ name }) => name === at.cluster))
    return { place, isThere: true, outcome: 'not-of-fleet' };
  try {
    const adapter = await ports.destinationsOf(partyOf(place));
    const observation = await adapter.read(place);
    const decision = decideRelease(observation, us);
    const notAfter = observation?.chain[0]?.notAfter ?? observation?.annotations[MARK.notAfter];
    const seen = { place, isThere: observation !== undefined, ...(notAfter ? { notAfter } : {}) };
    if (decision.is === 'theirs') return { ...seen, outcome: 'theirs', owner: decision.owner };
    if (decision.is === 'nothing' || !observation) return { ...seen, outcome: 'nothing' };
    if (isDry) return { ...seen, outcome: 'to-release' };
    const answer = await adapter.release(place, observation.version);
    if (answer.outcome === 'refused') return { ...seen, outcome: 'failed', problem: answer.problem };
    return { ...seen, outcome: 'released' };
  } catch (error) {
    return { place, isThere: true, outcome: 'failed', problem: problemOf(error) };
  }
}

/** A place that was given back is nobody's: its row goes, and with it a consent that was never used. */
async function forget({ place, outcome }: PlaceLeft, { records, journal }: PlacePorts): Promise<void> {
  const row = await records.get(keys.destination(place));
  if (row) await records.remove(row, row.rev);
  const subject = row?.body.certificate ?? place;
  if (outcome === 'released') await journal.tell({ subject, what: 'released', stage: 'deliver', detail: { place } });
}

async function inLane(places: readonly Place[], from: From, signal?: AbortSignal): Promise<readonly PlaceLeft[]> {
  const { ports, isDry } = from;
  const left = await pLimit(KUBERNETES_WRITES).map(places, async (place): Promise<readonly PlaceLeft[]> => {
    if (signal?.aborted) return [];
    const one = await given(place, from);
    if (!isDry && one.outcome !== 'failed') await forget(one, ports);
    return [one];
  });
  return left.flat();
}

/** What would be given back. Sends reads only. */
export async function lookAtPlaces(ports: PlacePorts): Promise<readonly PlaceLeft[]> {
  const from = await fromOf(ports, true);
  const parties = [...(await placesByParty(ports)).values()];
  return (await Promise.all(parties.map((places) => inLane(places, from)))).flat();
}

/** Gives everything back that is ours, as the only worker of each lane, so that no delivery is under way. */
export async function releasePlaces(
  ports: PlacePorts,
): Promise<{ readonly places: readonly PlaceLeft[]; readonly unsettled: readonly Unsettled[] }> {
  const from = await fromOf(ports, false);
  const [places, unsettled]: [PlaceLeft[], Unsettled[]] = [[], []];
  const release = async ([party, own]: readonly [string, readonly Place[]]): Promise<void> => {
    const lane = deliverLane(`${party}/`);
    let isOver = false;
    const turn = await inTurn(ports, async () => {
      const outcome = await asOnlyWorker(lane, ports, async (signal) => {
        places.push(...(await inLane(own, from, signal)));
        isOver = signal.aborted;
      });
      return outcome.is;
    });
    if (turn !== 'done' || isOver) unsettled.push({ lane, why: turn === 'paused' ? 'paused' : 'no-time' });
  };
  await Promise.all([...(await placesByParty(ports))].map(release));
  return { places: places.toSorted((a, b) => (a.place < b.place ? -1 : 1)), unsettled };
}

async function fromOf(ports: PlacePorts, isDry: boolean): Promise<From> {
  const { records, clock, fleet } = ports;
  const { id: installation } = await installationOf(records, { fleet: fleet.name, now: clock.now() });
  return { ports, us: { fleet: fleet.name, installation }, isDry };
}
