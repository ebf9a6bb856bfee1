/** What would be done now: the decision that the issue lane makes, over the same rows, for people to read first. Writes nothing. */
import type { Fleet } from '../contract/fleet.ts';
import {
  type CertificateId,
  deliverLane,
  type Iso,
  type IssuerId,
  issueLane,
  type Lane,
  type Place,
} from '../contract/ids.ts';
import type { Authority, Clock } from '../contract/ports.ts';
import { isOfStore, problemOf } from '../contract/problem.ts';
import { KIND, keys, type Records, type Row } from '../contract/records.ts';
import type { Destination, Issuance, Limit, Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { backoffOf, byExpiry, type Decision, planIssuance } from '../stages/plan/plan-issuance.ts';
import { type AskedAgain, askedAgain } from './asked-again.ts';
import { limitsFor } from './limits.ts';
import { destinationRowsOf, membersOf } from './members.ts';
import { pausedLanes, pausedWords } from './pause.ts';

export interface PlanEntry {
  readonly id: CertificateId;
  readonly reason: string;
  readonly message: string;
  readonly at: Iso;
  readonly destinations: readonly Place[];
}

export interface Plan {
  readonly due: readonly PlanEntry[];
  readonly deferred: readonly PlanEntry[];
}

interface PlanFrom {
  readonly records: Records;
  readonly fleet: Fleet;
  readonly now: Date;
  readonly scope: Authority['scope'];
  /** Limits as others before it in the same plan would leave them. */
  readonly spent?: ReadonlyMap<string, Limit>;
}

/** The decision on one issuance, at the head of the lane as in the plan; `lost`: members that the lane lets go before it follows it. */
export async function planOf(
  issuance: Issuance,
  { records, fleet, now, scope, spent }: PlanFrom,
): Promise<Decision & Pick<AskedAgain, 'lost'>> {
  const [members, installation, limits] = await Promise.all([
    membersOf(records, issuance),
    records.get(keys.installation()),
    limitsFor(records, issuance, scope),
  ]);
  for (const [key, limit] of spent ?? []) limits.set(key, limit);
  const { wanted, lost } = await askedAgain(issuance, members.wanted, { records, fleet, now });
  const decision = planIssuance({
    ...{ issuance, wanted, limits, now, destinations: members.destinations.map(({ body }) => body) },
    isLeaving: installation?.body.leaving !== undefined,
    ...(scope ? { scope } : {}),
  });
  return { ...decision, lost };
}

export interface PlanPorts {
  readonly records: Records;
  readonly fleet: Fleet;
  readonly clock: Pick<Clock, 'now'>;
  /** Asks nothing of the authority. Throws ProblemError where the issuer is gone. */
  readonly authorityOf: (issuer: IssuerId) => Promise<Authority>;
}

export interface PlanOptions {
  /** Certificates that are planned as if `renew --force` had been said. */
  readonly forced?: ReadonlySet<CertificateId>;
  /** Issuances that the plan is about; absent = all. */
  readonly only?: ReadonlySet<string>;
}

const forcedDue = (issuance: Issuance, now: Date): Issuance => ({
  ...issuance,
  forced: { by: 'plan', at: now.toISOString() },
  due: { reason: 'Forced', message: 'asked for', since: now.toISOString() },
});

async function dueIssuances(records: Records, now: Date, { forced, only }: PlanOptions): Promise<readonly Issuance[]> {
  const all: Issuance[] = [];
  for await (const { body, wakeAt } of records.list<Issuance>(KIND.issuance)) {
    if (only && !only.has(body.id)) continue;
    if (body.members.some((member) => forced?.has(member))) all.push(forcedDue(body, now));
    else if (body.due || (wakeAt && wakeAt <= now.toISOString())) all.push(body);
  }
  return all.toSorted(byExpiry);
}

/** One entry for each member, with the places of that member. */
function entriesOf(of: { wanted: readonly Wanted[]; destinations: readonly Destination[] }) {
  return (reason: string, message: string, at: Iso): readonly PlanEntry[] =>
    of.wanted.map(({ id }) => ({
      ...{ id, reason, message, at },
      destinations: of.destinations
        .filter((one) => one.certificate === id && isWritable(one))
        .map(({ place }) => place)
        .toSorted(),
    }));
}

type Planned = Plan & { readonly [Part in keyof Plan]: PlanEntry[] };
type Stop = Pick<PlanEntry, 'reason' | 'message'> & { readonly at?: Iso };
type StopOf = (lane: Lane) => Stop | undefined;

const CLOSED: Stop = { reason: 'Leaving', message: 'the fleet was left: nothing is delivered any more' };

/** Why nothing is done in a lane now, whatever is due there. */
async function stopsNow(records: Records, now: Date): Promise<StopOf> {
  const isClosed = (await records.get(keys.installation()))?.body.leaving?.closedAt !== undefined;
  const paused = new Map<Lane, Stop>();
  for (const { lane, ...pause } of await pausedLanes(records, now))
    paused.set(lane, { reason: 'Paused', message: `its lane ${lane} is ${pausedWords(pause)}`, at: pause.until });
  return (lane) => (isClosed && lane.startsWith('deliver:') ? CLOSED : paused.get(lane));
}

interface Asking extends Pick<PlanOptions, 'only'> {
  readonly records: Records;
  readonly now: Date;
  readonly stopOf: StopOf;
}

type Waiting = Row<Destination> & { readonly wakeAt: Iso };

function stopAt({ body, wakeAt }: Waiting, { now, stopOf }: Asking): Stop | undefined {
  const { place, failure } = body;
  const isLater = wakeAt > now.toISOString();
  return stopOf(deliverLane(place)) ?? (isLater && failure ? backoffOf(failure) : undefined);
}

/** Certificates that only have to be put somewhere again. */
async function planDeliveries(planned: Planned, ordered: ReadonlySet<string>, asking: Asking) {
  const { records, now, only } = asking;
  for await (const { body } of records.list<Issuance>(KIND.issuance)) {
    if (ordered.has(body.id) || !body.current?.sealedKey || (only && !only.has(body.id))) continue;
    const rows = (await destinationRowsOf(records, body.id)).filter(
      (row): row is Waiting => row.wakeAt !== undefined && (row.wakeAt <= now.toISOString() || !!row.body.failure),
    );
    const message = `its places do not hold the certificate ${body.current.facts.serial}, whose key is kept`;
    for (const [id, own] of Map.groupBy(rows, (row) => row.body.certificate))
      for (const here of Map.groupBy(own, (row) => stopAt(row, asking)?.message).values()) {
        const [first] = here.toSorted((a, b) => a.wakeAt.localeCompare(b.wakeAt));
        const stop = first && stopAt(first, asking);
        const destinations = here.map((row) => row.body.place).toSorted();
        const at = first?.wakeAt ?? now.toISOString();
        if (stop) planned.deferred.push({ id, at, destinations, ...stop });
        else planned.due.push({ id, at, destinations, reason: 'Deliver', message });
      }
  }
}

/** What `run` would do at this moment, and what it would leave for later. */
export async function plan(ports: PlanPorts, options: PlanOptions = {}): Promise<Plan> {
  const { records, fleet, clock, authorityOf } = ports;
  const now = clock.now();
  const planned: Planned = { due: [], deferred: [] };
  const stopOf = await stopsNow(records, now);
  const spent = new Map<string, Map<string, Limit>>();
  const ordered = new Set<string>();
  for (const issuance of await dueIssuances(records, now, options)) {
    const { wanted, destinations } = await membersOf(records, issuance);
    const entries = entriesOf({ wanted, destinations: destinations.map(({ body }) => body) });
    const at = issuance.due?.since ?? issuance.renewAt ?? now.toISOString();
    const stop = stopOf(issueLane(issuance.request.issuer));
    if (stop) {
      planned.deferred.push(...entries(stop.reason, stop.message, stop.at ?? at));
      continue;
    }
    try {
      const { scope } = await authorityOf(issuance.request.issuer);
      const account = `${scope?.directoryHost}#${scope?.account}`;
      const before = spent.get(account) ?? new Map<string, Limit>();
      const decision = await planOf(issuance, { records, fleet, now, scope, spent: before });
      if (decision.is === 'go') {
        ordered.add(issuance.id);
        const after = [...decision.spent].map(([key, { limit }]) => [key, limit] as const);
        spent.set(account, new Map([...before, ...after]));
        const { reason = 'Renewing', message = `its renewal time was ${at}` } = issuance.due ?? {};
        planned.due.push(...entries(reason, message, at));
      } else if (decision.is === 'deferred')
        planned.deferred.push(...entries(decision.reason, decision.message, decision.at ?? at));
      else planned.deferred.push(...entries('Refused', decision.problem.detail, at));
    } catch (error) {
      if (isOfStore(error)) throw error;
      planned.deferred.push(...entries('Refused', problemOf(error).detail, at));
    }
  }
  if (!options.forced) await planDeliveries(planned, ordered, { ...options, records, now, stopOf });
  return planned;
}
