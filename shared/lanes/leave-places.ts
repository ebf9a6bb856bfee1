/** Leaving, second part: every place that carries our mark is given back, with what is in it left as it is. */
import pLimit from 'p-limit';
import { deliverLane, type Iso, type Place, partyOf, placeParts } from '../contract/ids.ts';
import { KUBERNETES_WRITES } from '../contract/limits.ts';
import { fieldManager, MARK } from '../contract/marks.ts';
import type { Observation } from '../contract/observation.ts';
import type { Blobs } from '../contract/ports.ts';
import { type Problem, problemOf } from '../contract/problem.ts';
import { keys } from '../contract/records.ts';
import { decideRelease } from '../stages/deliver/decide.ts';
import type { DeliverLanePorts } from './deliver.ts';
import { installationOf } from './installation.ts';
import { asOnlyWorker, inTurn, type Unsettled, unsettled } from './lease.ts';
import { placesInRows } from './members.ts';
import { readObserved } from './snapshots.ts';
import { leaveStatuses } from './tell-statuses.ts';

export type PlacePorts = Omit<DeliverLanePorts, 'only' | 'unseal'>;

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

export interface GivenBack {
  readonly places: readonly PlaceLeft[];
  readonly unsettled: readonly Unsettled[];
}

const isMarked = ({ annotations, managers }: Observation, fleet: string): boolean =>
  annotations[MARK.fleet] === fleet || managers.some(({ manager }) => manager === fieldManager(fleet));

/** Those that a certificate names, and Secrets that carry our mark although none names them any more. */
export async function placesByParty({
  records,
  blobs,
  fleet,
}: Pick<PlacePorts, 'records' | 'fleet'> & { readonly blobs: Blobs }): Promise<ReadonlyMap<string, Place[]>> {
  const places = new Set(await placesInRows(records));
  for (const { name } of fleet.clusters)
    for (const one of (await readObserved(blobs, name))?.observations ?? [])
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
export async function lookAt(places: readonly Place[], ports: PlacePorts): Promise<GivenBack> {
  return { places: await inLane(places, await fromOf(ports, true)), unsettled: [] };
}

/** Gives back what is ours of a party's places, as the only worker of its lane, so that no delivery is under way. */
export async function giveBack(party: string, own: readonly Place[], ports: PlacePorts): Promise<GivenBack> {
  const from = await fromOf(ports, false);
  const lane = deliverLane(`${party}/`);
  let [places, isOver]: [readonly PlaceLeft[], boolean] = [[], false];
  const turn = await inTurn(ports, async () => {
    const outcome = await asOnlyWorker(lane, ports, async (signal) => {
      places = await inLane(own, from, signal);
      if (!signal.aborted) await leaveStatuses(party, ports);
      isOver = signal.aborted;
    });
    return outcome.is;
  });
  return { places, unsettled: turn === 'done' && !isOver ? [] : [unsettled(lane, turn)] };
}

async function fromOf(ports: PlacePorts, isDry: boolean): Promise<From> {
  const { records, clock, fleet } = ports;
  const { id: installation } = await installationOf(records, { fleet: fleet.name, now: clock.now() });
  return { ports, us: { fleet: fleet.name, installation }, isDry };
}
