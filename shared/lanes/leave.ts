/** The lever `leave`: a fleet is given up. Orders end, TXT values go, places are given back as they are; state and keys stay. */
import pLimit from 'p-limit';
import type { Place } from '../contract/ids.ts';
import type { Blobs } from '../contract/ports.ts';
import { keys } from '../contract/records.ts';
import type { Leaving, TxtEntry } from '../contract/rows.ts';
import { type DeliverLanePorts, runDeliverLane } from './deliver.ts';
import type { IssueLanePorts } from './issue.ts';
import type { LanePorts } from './lane-ports.ts';
import { inTurn, type Unsettled } from './lease.ts';
import { type Ended, endOrders, type OrderLeft, openOrders, orderLeft, valuesLeft } from './leave-orders.ts';
import { type GivenBack, giveBack, lookAt, type PlaceLeft, placesByParty } from './leave-places.ts';
import { type Stay, staysOf } from './stays.ts';

/** Each part is done by whoever has the rights for it: by this process, or by functions that are asked. */
export interface LeavePorts extends Pick<LanePorts, 'fleet' | 'records'> {
  readonly blobs: Blobs;
  /** What this world itself consists of, and leaves behind. */
  readonly keeps: readonly Stay[];
  readonly endOrders: (by: string) => Promise<Ended>;
  /** What would be given back of a party's places. Sends reads only. */
  readonly lookAt: (party: string, places: readonly Place[]) => Promise<GivenBack>;
  readonly giveBack: (party: string, places: readonly Place[]) => Promise<GivenBack>;
}

type Everything = Omit<IssueLanePorts & DeliverLanePorts, 'only'> & Pick<LeavePorts, 'blobs' | 'keeps'>;

/** All parts in one process, which has the rights of all. */
export function inOneProcess(parts: Everything): LeavePorts {
  const deliver = (party: string, clock: LanePorts['clock']) => {
    const within = { ...parts, clock };
    return inTurn(within, () => runDeliverLane(party, within));
  };
  return {
    ...parts,
    endOrders: (by) => endOrders(by, { ...parts, deliver }),
    lookAt: (_party, places) => lookAt(places, parts),
    giveBack: (party, places) => giveBack(party, places, parts),
  };
}

export interface Left {
  readonly fleet: string;
  /** Absent = nobody has said so yet. */
  readonly leaving?: Leaving;
  readonly orders: readonly OrderLeft[];
  /** TXT values that are still in a zone, or may be. */
  readonly values: readonly Pick<TxtEntry, 'zoneId' | 'fqdn' | 'value'>[];
  readonly places: readonly PlaceLeft[];
  readonly unsettled: readonly Unsettled[];
  readonly stays: readonly Stay[];
}

/** Parties at once: each has a lane, and in a service a function, of its own. */
const AT_ONCE = 8;

async function ofAllParties(ports: LeavePorts, ask: LeavePorts['giveBack']): Promise<GivenBack> {
  const parties = [...(await placesByParty(ports))];
  const given = await pLimit(AT_ONCE).map(parties, ([party, places]) => ask(party, places));
  return {
    places: given.flatMap(({ places }) => places).toSorted((a, b) => (a.place < b.place ? -1 : 1)),
    unsettled: given.flatMap(({ unsettled }) => unsettled),
  };
}

async function reported(ports: LeavePorts, done: Pick<Left, 'orders' | 'places' | 'unsettled'>): Promise<Left> {
  const { records, fleet } = ports;
  const leaving = (await records.get(keys.installation()))?.body.leaving;
  const values = (await valuesLeft(records)).map(({ zoneId, fqdn, value }) => ({ zoneId, fqdn, value }));
  const there = done.places.flatMap(({ place, isThere }) => (isThere ? [place] : []));
  const stays = await staysOf(ports, there);
  return { fleet: fleet.name, ...(leaving ? { leaving } : {}), ...done, values, stays };
}

/** What `leave` would do, and what would stay. Sends reads only, and writes nothing. */
export async function lookAtLeaving(ports: LeavePorts): Promise<Left> {
  const orders = (await openOrders(ports.records)).map((one) => orderLeft(one, 'open'));
  return reported(ports, { orders, ...(await ofAllParties(ports, ports.lookAt)) });
}

/**
 * Again and again does no harm: every step looks at what there is. Orders end first, then nothing is delivered any more, then places are
 * given back; where an issuer's lane is not to be had, the rest waits for the next time.
 */
export async function leave(by: string, ports: LeavePorts): Promise<Left> {
  const { orders, unsettled } = await ports.endOrders(by);
  if (unsettled.length > 0) return reported(ports, { orders, places: [], unsettled });
  return reported(ports, { orders, ...(await ofAllParties(ports, ports.giveBack)) });
}
