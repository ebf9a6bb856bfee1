/** What would be done now: the decision that the issue lane makes, over the same rows, for people to read first. Writes nothing. */
import type { Fleet } from '../contract/fleet.ts';
import { type CertificateId, deliverLane, type Iso, type IssuerId, issueLane, type Lane } from '../contract/ids.ts';
import type { Authority, Clock } from '../contract/ports.ts';
import { isOfStore, problemOf } from '../contract/problem.ts';
import { KIND, keys, type Records, type Row } from '../contract/records.ts';
import type { Destination, Installation, Issuance, Limit } from '../contract/rows.ts';
import { backoffOf, byExpiry, type Decision, planIssuance, usesOf } from '../stages/plan/plan-issuance.ts';
import type { LimitUse } from '../standards/acme/rate-limits.ts';
import { type AskedAgain, askedAgain } from './asked-again.ts';
import { limitsFor } from './limits.ts';
import { destinationRowsOf, membersOf } from './members.ts';
import { pausedLanes, pausedWords } from './pause.ts';
import { deliveryEntry, type EntriesOf, orderEntries, type PlanEntry, type Planner } from './plan-entries.ts';

export type { PlanEntry } from './plan-entries.ts';

export interface Plan {
  readonly due: readonly PlanEntry[];
  readonly deferred: readonly PlanEntry[];
}

/** What fits into one answer of a function, however many certificates are due. */
export function inShort({ due, deferred }: Plan) {
  const short = ({ id, reason, message, at, destinations }: PlanEntry) => ({ id, reason, message, at, destinations });
  return { due: due.map(short), deferred: deferred.map(short) };
}

interface PlanFrom {
  readonly records: Records;
  readonly fleet: Fleet;
  readonly now: Date;
  readonly scope: Authority['scope'];
  /** Limits as others before it in the same plan would leave them. */
  readonly spent?: ReadonlyMap<string, Limit>;
}

/**
 * The decision on one issuance, at the head of the lane as in the plan; `lost`: members that the lane lets go before it follows it;
 * `uses`: what its order spends, as used before it.
 */
export async function planOf(
  issuance: Issuance,
  { records, fleet, now, scope, spent }: PlanFrom,
): Promise<Decision & Pick<AskedAgain, 'lost'> & { readonly uses: readonly LimitUse[] }> {
  const [members, installation, limits] = await Promise.all([
    membersOf(records, issuance),
    records.get(keys.installation()),
    limitsFor(records, issuance, scope),
  ]);
  for (const [key, limit] of spent ?? []) limits.set(key, limit);
  const { wanted, lost } = await askedAgain(issuance, members.wanted, { records, fleet, now });
  const asked = { issuance, limits, now, ...(scope ? { scope } : {}) };
  const decision = planIssuance({
    ...{ wanted, destinations: members.destinations.map(({ body }) => body) },
    isLeaving: installation?.body.leaving !== undefined,
    ...asked,
  });
  return { ...decision, lost, uses: usesOf(asked) };
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
  /** Of `only`, what is not due is said as well, among what is deferred. */
  readonly isAsked?: boolean;
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

type Planned = Plan & { readonly [Part in keyof Plan]: PlanEntry[] };
type Stop = Pick<PlanEntry, 'reason' | 'message'> & { readonly at?: Iso };
type StopOf = (lane: Lane) => Stop | undefined;

const CLOSED: Stop = { reason: 'Leaving', message: 'the fleet was left: nothing is delivered any more' };

/** Why nothing is done in a lane now, whatever is due there. */
async function stopsNow(records: Records, leaving: Installation['leaving'], now: Date): Promise<StopOf> {
  const isClosed = leaving?.closedAt !== undefined;
  const paused = new Map<Lane, Stop>();
  for (const { lane, ...pause } of await pausedLanes(records, now))
    paused.set(lane, { reason: 'Paused', message: `its lane ${lane} is ${pausedWords(pause)}`, at: pause.until });
  return (lane) => (isClosed && lane.startsWith('deliver:') ? CLOSED : paused.get(lane));
}

interface Asking extends Pick<PlanOptions, 'only'>, Planner {
  readonly records: Records;
  readonly now: Date;
  readonly stopOf: StopOf;
  readonly authorityOf: PlanPorts['authorityOf'];
  /** By the account: limits as the orders before it in this plan leave them. */
  readonly spent: Map<string, ReadonlyMap<string, Limit>>;
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
    for (const [id, own] of Map.groupBy(rows, (row) => row.body.certificate)) {
      const wanted = (await records.get(keys.wanted(id)))?.body;
      if (!wanted) continue;
      for (const here of Map.groupBy(own, (row) => stopAt(row, asking)?.message).values()) {
        const [first] = here.toSorted((a, b) => a.wakeAt.localeCompare(b.wakeAt));
        const stop = first && stopAt(first, asking);
        const at = first?.wakeAt ?? now.toISOString();
        const of = { ...asking, issuance: body, wanted, destinations: here.map((row) => row.body) };
        if (stop) planned.deferred.push(deliveryEntry(of, { at, ...stop }));
        else planned.due.push(deliveryEntry(of, { at, reason: 'Deliver', message }));
      }
    }
  }
}

interface Look {
  readonly entries: EntriesOf;
  readonly decision: Decision;
  readonly account: string;
}

/** The decision on one issuance, and what its entries would say. */
async function look(issuance: Issuance, asking: Asking): Promise<Look> {
  const { records, fleet, now, authorityOf } = asking;
  const { wanted, destinations } = await membersOf(records, issuance);
  const of = { ...asking, issuance, wanted, destinations: destinations.map(({ body }) => body) };
  try {
    const { scope } = await authorityOf(issuance.request.issuer);
    const account = `${scope?.directoryHost}#${scope?.account}`;
    const spent = asking.spent.get(account) ?? new Map<string, Limit>();
    const decision = await planOf(issuance, { records, fleet, now, scope, spent });
    const by = { isAcme: scope !== undefined, limits: decision.uses };
    return { account, decision, entries: orderEntries({ ...of, by }) };
  } catch (error) {
    if (isOfStore(error)) throw error;
    return { account: '', decision: { is: 'refused', problem: problemOf(error) }, entries: orderEntries(of) };
  }
}

/** Issuances whose time has come; gives those that are ordered. */
async function planOrders(planned: Planned, issuances: readonly Issuance[], asking: Asking) {
  const ordered = new Set<string>();
  for (const issuance of issuances) {
    const at = issuance.due?.since ?? issuance.renewAt ?? asking.now.toISOString();
    const { entries, decision, account } = await look(issuance, asking);
    const stop = asking.stopOf(issueLane(issuance.request.issuer));
    if (stop) planned.deferred.push(...entries(stop.reason, stop.message, stop.at ?? at));
    else if (decision.is === 'go') {
      ordered.add(issuance.id);
      const after = [...decision.spent].map(([key, { limit }]) => [key, limit] as const);
      asking.spent.set(account, new Map([...(asking.spent.get(account) ?? []), ...after]));
      const { reason = 'Renewing', message = `its renewal time was ${at}` } = issuance.due ?? {};
      planned.due.push(...entries(reason, message, at));
    } else if (decision.is === 'deferred')
      planned.deferred.push(...entries(decision.reason, decision.message, decision.at ?? at));
    else planned.deferred.push(...entries('Refused', decision.problem.detail, at));
  }
  return ordered;
}

/** What was asked for by name and is not due. */
async function planRest(planned: Planned, asking: Asking): Promise<void> {
  const said = new Set([...planned.due, ...planned.deferred].map(({ id }) => id));
  for (const id of asking.only ?? []) {
    const issuance = (await asking.records.get(keys.issuance(id)))?.body;
    if (!issuance) continue;
    const { renewAt } = issuance;
    const message = renewAt ? `its renewal time is ${renewAt}` : 'there is no place where it may be put';
    const { entries } = await look(issuance, asking);
    const rest = entries('NotDue', message, renewAt ?? asking.now.toISOString()).filter((entry) => !said.has(entry.id));
    planned.deferred.push(...rest);
  }
}

/** What `run` would do at this moment, and what it would leave for later. */
export async function plan(ports: PlanPorts, options: PlanOptions = {}): Promise<Plan> {
  const { records, fleet, clock, authorityOf } = ports;
  const now = clock.now();
  const planned: Planned = { due: [], deferred: [] };
  const installation = (await records.get(keys.installation()))?.body;
  const asking: Asking = {
    ...{ records, fleet, now, authorityOf, installation: installation?.id ?? '', spent: new Map() },
    stopOf: await stopsNow(records, installation?.leaving, now),
    ...(options.only ? { only: options.only } : {}),
  };
  const ordered = await planOrders(planned, await dueIssuances(records, now, options), asking);
  if (!options.forced) await planDeliveries(planned, ordered, asking);
  if (options.isAsked) await planRest(planned, asking);
  return planned;
}
