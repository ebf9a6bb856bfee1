/** Leaving, first part: orders that were begun are finished in the time there is, or given up; no TXT value stays behind. */
import type { Iso, IssuerId } from '../contract/ids.ts';
import { issueLane, type Lane } from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { decided, isTxtRow, KIND, keys, type Records, rows } from '../contract/records.ts';
import type { Issuance, LaneState, TxtEntry } from '../contract/rows.ts';
import { orderUrlOf } from '../contract/step.ts';
import { abandoned } from '../stages/issue/attempt.ts';
import { type DeliverLanePorts, runDeliverLane } from './deliver.ts';
import { type IssueLanePorts, runIssueLane } from './issue.ts';
import { asOnlyWorker, inTurn, type Turn } from './lease.ts';

export type OrderPorts = Omit<IssueLanePorts & DeliverLanePorts, 'only'>;

/** Nobody waits longer than this for a CA before its orders are given up. */
const FINISH_MS = 600_000;
const EVER: Iso = '9999-12-31T23:59:59.999Z';
const ALL = 100_000;

/** The names of lanes of one kind: everything that there is a row for. */
export async function namesOf(records: Records, kind: 'issue' | 'deliver'): Promise<readonly string[]> {
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

/** Half of the time that is left, and never long: what comes after needs its time as well. */
function shorter(clock: Clock): Clock {
  const until = clock.now().getTime() + Math.min(FINISH_MS, clock.remainingMs() / 2);
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    remainingMs: () => Math.min(clock.remainingMs(), until - clock.now().getTime()),
  };
}

/** Goes on with what was begun, and puts what comes of it into its places. The plan begins nothing for a fleet that is left. */
export async function finishOrders(ports: OrderPorts): Promise<void> {
  const { records } = ports;
  if ((await openOrders(records)).length === 0) return;
  const within = { ...ports, clock: shorter(ports.clock) };
  const issuers = await namesOf(records, 'issue');
  await Promise.all(issuers.map((issuer) => inTurn(within, () => runIssueLane(issuer, within))));
  const parties = await namesOf(records, 'deliver');
  await Promise.all(parties.map((party) => inTurn(within, () => runDeliverLane(party, within))));
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
export async function endOrders(issuer: IssuerId, ports: OrderPorts): Promise<Turn> {
  const lane = issueLane(issuer);
  const turn = await inTurn(ports, async () => (await asOnlyWorker(lane, ports, () => giveUp(issuer, ports))).is);
  // with nothing to issue the lane does what it always does with values whose time is over
  return turn === 'done' ? inTurn(ports, () => runIssueLane(issuer, { ...ports, only: new Set() })) : turn;
}
