/** The lever `leave`: a fleet is given up. Orders end, TXT values go, places are given back as they are; state and keys stay. */
import type { CertificateId, Iso } from '../contract/ids.ts';
import { issueLane } from '../contract/ids.ts';
import { keys, type Records } from '../contract/records.ts';
import type { Issuance, Leaving, TxtEntry } from '../contract/rows.ts';
import { orderUrlOf } from '../contract/step.ts';
import { beginLeaving, closeLeaving } from './installation.ts';
import { endOrders, finishOrders, namesOf, type OrderPorts, openOrders, valuesLeft } from './leave-orders.ts';
import { lookAtPlaces, type PlaceLeft, type PlacePorts, releasePlaces, type Unsettled } from './leave-places.ts';
import { type Stay, staysOf } from './stays.ts';

export interface LeavePorts extends OrderPorts, Pick<PlacePorts, 'blobs'> {
  /** What this world itself consists of, and leaves behind. */
  readonly keeps: readonly Stay[];
}

/** `open`: would be finished or given up; `failed`: the CA said no while it was gone on with. */
export interface OrderLeft {
  readonly certificates: readonly CertificateId[];
  readonly outcome: 'open' | 'finished' | 'failed' | 'abandoned';
  /** Absent = nothing was asked of the CA yet. */
  readonly order?: string;
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

const orderLeft = ({ members, attempt }: Issuance, outcome: OrderLeft['outcome']): OrderLeft => {
  const order = attempt && orderUrlOf(attempt.step);
  return { certificates: members, outcome, ...(order ? { order } : {}) };
};

/** `tried`: as it was when the time for finishing was over. */
async function outcomeOf({ id, attempt }: Issuance, tried: readonly Issuance[], records: Records) {
  const now = (await records.get(keys.issuance(id)))?.body;
  if (now?.attempt?.id === attempt?.id) return 'open';
  if (now?.current?.attempt === attempt?.id) return 'finished';
  return tried.some((one) => one.attempt?.id === attempt?.id) ? 'abandoned' : 'failed';
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
  return reported(ports, { orders, places: await lookAtPlaces(ports), unsettled: [] });
}

/**
 * Again and again does no harm: every step looks at what there is. Orders end first, then nothing is delivered any more, then places are
 * given back; where an issuer's lane is not to be had, the rest waits for the next time.
 */
export async function leave(by: string, ports: LeavePorts): Promise<Left> {
  const { records, clock } = ports;
  const now = (): Iso => clock.now().toISOString();
  await beginLeaving(records, by, now());
  const before = await openOrders(records);
  await finishOrders(ports);
  const tried = await openOrders(records);
  const unsettled = await endAll(ports);
  const orders = await Promise.all(before.map(async (one) => orderLeft(one, await outcomeOf(one, tried, records))));
  if (unsettled.length > 0) return reported(ports, { orders, places: [], unsettled });
  await closeLeaving(records, by, now());
  return reported(ports, { orders, ...(await releasePlaces(ports)) });
}

async function endAll(ports: LeavePorts): Promise<readonly Unsettled[]> {
  const issuers = await namesOf(ports.records, 'issue');
  const turns = await Promise.all(issuers.map(async (issuer) => [issuer, await endOrders(issuer, ports)] as const));
  return turns.flatMap(([issuer, turn]) =>
    turn === 'done'
      ? []
      : [{ lane: issueLane(issuer), why: turn === 'paused' ? ('paused' as const) : ('no-time' as const) }],
  );
}
