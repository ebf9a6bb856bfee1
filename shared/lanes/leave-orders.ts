/** Leaving, first part: orders that were begun are finished in the time there is, or given up; no TXT value stays behind. */
import type { CertificateId, Iso, IssuerId } from '../contract/ids.ts';
import { issueLane, type Lane } from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { decided, isTxtRow, KIND, keys, type Records, rows } from '../contract/records.ts';
import type { Issuance, LaneState, TxtEntry } from '../contract/rows.ts';
import { orderUrlOf } from '../contract/step.ts';
import { abandoned } from '../stages/issue/attempt.ts';
import { beginLeaving, closeLeaving, installationOf } from './installation.ts';
import { type IssueLanePorts, runIssueLane } from './issue.ts';
import { asOnlyWorker, inTurn, type Turn, type Unsettled, unsettled } from './lease.ts';
import { shorter } from './shorter.ts';

export interface OrderPorts extends Omit<IssueLanePorts, 'only'> {
  /** Puts what is due into the places of a party, or waits until whoever can has done it; ends with the clock's time. */
  readonly deliver: (party: string, clock: Clock) => Promise<unknown>;
}

/** `open`: would be finished or given up; `failed`: the CA said no while it was gone on with. */
export interface OrderLeft {
  readonly issuance: string;
  readonly certificates: readonly CertificateId[];
  readonly outcome: 'open' | 'finished' | 'failed' | 'abandoned';
  /** Absent = nothing was asked of the CA yet. */
  readonly order?: string;
}

export interface Ended {
  readonly orders: readonly OrderLeft[];
  readonly unsettled: readonly Unsettled[];
}

/** Nobody waits longer than this for a CA before its orders are given up. */
const FINISH_MS = 600_000;
const EVER: Iso = '9999-12-31T23:59:59.999Z';
const ALL = 100_000;

/** The names of lanes of one kind: everything that there is a row for. */
async function namesOf(records: Records, kind: 'issue' | 'deliver'): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { body } of records.list<LaneState>(KIND.lane))
    if (body.lane.startsWith(`${kind}:`)) names.push(body.lane.slice(kind.length + 1));
  return names;
}

export async function openOrders(records: Records): Promise<readonly Issuance[]> {
  const open: Issuance[] = [];
  for await (const { body } of records.list<Issuance>(KIND.issuance)) if (body.attempt) open.push(body);
  return open;
}

const valuesIn = async (records: Records, lane: Lane): Promise<readonly TxtEntry[]> =>
  (await records.due(lane, EVER, ALL)).flatMap((row) => (isTxtRow(row) ? [row.body] : []));

/** TXT values that may be in a zone. */
export async function valuesLeft(records: Records): Promise<readonly TxtEntry[]> {
  const issuers = await namesOf(records, 'issue');
  return (await Promise.all(issuers.map((issuer) => valuesIn(records, issueLane(issuer))))).flat();
}

/** Half of the time that is left, and never long. */
const half = (clock: Clock): Clock => shorter(clock, Math.min(FINISH_MS, clock.remainingMs() / 2));

/** Goes on with what was begun: the plan begins nothing for a fleet that is left. */
async function finishOrders(ports: OrderPorts): Promise<void> {
  const { records } = ports;
  if ((await openOrders(records)).length === 0) return;
  const within = { ...ports, clock: half(ports.clock) };
  const issuers = await namesOf(records, 'issue');
  await Promise.all(issuers.map((issuer) => inTurn(within, () => runIssueLane(issuer, within))));
}

/** What came of orders, of those that somebody else has finished too, goes into its places before nothing is delivered any more. */
async function deliverRest({ records, clock, deliver }: OrderPorts): Promise<void> {
  const parties = await namesOf(records, 'deliver');
  const within = half(clock);
  await Promise.all(parties.map((party) => deliver(party, within)));
}

/** As the lane's only worker: nobody begins or goes on meanwhile. An order cannot be cancelled (RFC 8555), the CA lets it lapse. */
async function giveUp(issuer: IssuerId, ports: OrderPorts): Promise<void> {
  const { records, clock, journal } = ports;
  const now = clock.now().toISOString();
  for (const { id, request } of await openOrders(records)) {
    if (request.issuer !== issuer) continue;
    let given: Issuance | undefined;
    await decided(records, keys.issuance(id), (row) => {
      given = row?.body;
      return row?.body.attempt ? abandoned(row) : undefined;
    });
    const order = given?.attempt && orderUrlOf(given.attempt.step);
    for (const subject of given?.members ?? [])
      await journal.tell({ subject, what: 'order-abandoned', stage: 'issue', detail: order ? { order } : {} });
  }
  for (const value of await valuesIn(records, issueLane(issuer)))
    await decided(records, keys.txt(value), (row) =>
      row ? rows.txt({ ...row.body, holders: [], state: 'removing', removeAt: now }, row.rev, issuer) : undefined,
    );
}

/** Ends what is open in one issuer's lane and removes its values; anything but `done` = it was not ours to do. */
async function endIn(issuer: IssuerId, ports: OrderPorts): Promise<Turn> {
  const lane = issueLane(issuer);
  const turn = await inTurn(ports, async () => (await asOnlyWorker(lane, ports, () => giveUp(issuer, ports))).is);
  // with nothing to issue the lane does what it always does with values whose time is over
  return turn === 'done' ? inTurn(ports, () => runIssueLane(issuer, { ...ports, only: new Set() })) : turn;
}

async function endInAll(ports: OrderPorts): Promise<readonly Unsettled[]> {
  const issuers = await namesOf(ports.records, 'issue');
  const turns = await Promise.all(issuers.map(async (issuer) => [issuer, await endIn(issuer, ports)] as const));
  return turns.flatMap(([issuer, turn]) => (turn === 'done' ? [] : [unsettled(issueLane(issuer), turn)]));
}

export const orderLeft = ({ id, members, attempt }: Issuance, outcome: OrderLeft['outcome']): OrderLeft => {
  const order = attempt && orderUrlOf(attempt.step);
  return { issuance: id, certificates: members, outcome, ...(order ? { order } : {}) };
};

/** What became of orders since they were looked at; `givenUp`: issuances whose time was over. */
export function ordersLeft(before: readonly Issuance[], givenUp: ReadonlySet<string>, records: Records) {
  const outcomeOf = async ({ id, attempt }: Issuance): Promise<OrderLeft['outcome']> => {
    const now = (await records.get(keys.issuance(id)))?.body;
    if (now?.attempt?.id === attempt?.id) return 'open';
    if (now?.current?.attempt === attempt?.id) return 'finished';
    return givenUp.has(id) ? 'abandoned' : 'failed';
  };
  return Promise.all(before.map(async (one) => orderLeft(one, await outcomeOf(one))));
}

/**
 * From the first line on no order is begun, and from the last on nothing is delivered. Again and again does no harm; where an issuer's lane
 * is not to be had, nothing is closed, and the rest waits for the next time.
 */
export async function endOrders(by: string, ports: OrderPorts): Promise<Ended> {
  const { records, clock, fleet } = ports;
  await installationOf(records, { fleet: fleet.name, now: clock.now() });
  const { closedAt } = await beginLeaving(records, by, clock.now().toISOString());
  const before = await openOrders(records);
  await finishOrders(ports);
  if (closedAt === undefined) await deliverRest(ports);
  const givenUp = new Set((await openOrders(records)).map(({ id }) => id));
  const unsettled = await endInAll(ports);
  if (unsettled.length === 0) await closeLeaving(records, by, clock.now().toISOString());
  return { orders: await ordersLeft(before, givenUp, records), unsettled };
}
