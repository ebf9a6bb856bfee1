/** The lane `issue:<issuer>`: plan, then issue. Soonest end first, limits spent before the CA has to refuse, nothing slept off. */
import { type IssuerId, issueLane } from '../contract/ids.ts';
import { ORDER_WINDOW } from '../contract/limits.ts';
import type { AttemptContext, Authority, ChallengeZone, Seal } from '../contract/ports.ts';
import { isOfStore, type Problem, problemOf } from '../contract/problem.ts';
import { decided, isIssuanceRow, isStatusRow, isTxtRow, keys, type Row } from '../contract/records.ts';
import type { Issuance } from '../contract/rows.ts';
import type { ToldObject } from '../contract/status.ts';
import { isWritable, renewAtOf } from '../stages/assess/assess-issuance.ts';
import { completed, ended } from '../stages/issue/attempt.ts';
import { ChallengeBatches } from '../stages/issue/challenge-batches.ts';
import { Ledger } from '../stages/issue/ledger.ts';
import { pickUp } from '../stages/issue/pick-up.ts';
import type { IssuePorts } from '../stages/issue/ports.ts';
import { pursue } from '../stages/issue/pursue.ts';
import { byExpiry, type Decision } from '../stages/plan/plan-issuance.ts';
import { letGo } from './asked-again.ts';
import { judge, wakeDestinations } from './assess.ts';
import { InTurn } from './in-turn.ts';
import type { LanePorts } from './lane-ports.ts';
import { asOnlyWorker, type Turn } from './lease.ts';
import { afterProblem } from './limits.ts';
import { membersOf } from './members.ts';
import { planOf } from './plan.ts';
import { issuerObject, tellAcmeIssuer } from './statuses.ts';
import { overWindow } from './window.ts';

export interface IssueLanePorts extends LanePorts {
  readonly seal: Seal<AttemptContext>;
  readonly authorityOf: (issuer: IssuerId) => Promise<Authority>;
  readonly zone: ChallengeZone;
  /** Issuances that this run is about; absent = all. */
  readonly only?: ReadonlySet<string>;
}

/** Runs the lane until nothing is due. Failures are rows; only a broken store throws. */
export async function runIssueLane(issuer: IssuerId, ports: IssueLanePorts): Promise<Turn> {
  const lane = issueLane(issuer);
  const outcome = await asOnlyWorker(lane, ports, async (signal) => {
    const { records, clock, zone, journal, only } = ports;
    const ledger = new Ledger(records, issuer);
    const challenges = new ChallengeBatches({ zone, ledger, clock, signal, journal });
    const work = new IssueWork({ ...ports, fleet: ports.fleet.name, challenges }, ports, signal);
    try {
      await overWindow({
        ...{ lane, records, clock, signal, size: ORDER_WINDOW },
        order: (a, b) => (isIssuanceRow(a) && isIssuanceRow(b) ? byExpiry(a.body, b.body) : a.pk < b.pk ? 1 : -1),
        skip: (row) =>
          (isTxtRow(row) && challenges.isLeaving(row.body)) ||
          (only !== undefined && isIssuanceRow(row) && !only.has(row.body.id)),
        work: async (row) => {
          if (isTxtRow(row)) await challenges.expire(row.body);
          else if (isIssuanceRow(row)) await work.on(row.body);
          else if (isStatusRow(row)) await work.tell(row.body.object);
        },
      });
      const own = issuerObject(issuer);
      if (own) await work.tell(own);
    } finally {
      await challenges.finish();
    }
  });
  return outcome.is;
}

type PlanFrom = Pick<IssueLanePorts, 'records' | 'fleet'> & { readonly now: Date; readonly scope: Authority['scope'] };
type Picked = Awaited<ReturnType<typeof pickUp>>;

class IssueWork {
  readonly #stage: IssuePorts;
  readonly #ports: IssueLanePorts;
  readonly #signal: AbortSignal;
  readonly #orders = new InTurn();
  #spending: Promise<void> = Promise.resolve();
  /** Of the CA, or of the way to it. */
  #problem: Problem | undefined;

  constructor(stage: IssuePorts, ports: IssueLanePorts, signal: AbortSignal) {
    this.#stage = stage;
    this.#ports = ports;
    this.#signal = signal;
  }

  /** A CA answers who asks for the names of an open order with that order, and it can be used once: the next waits for the end of the first. */
  async on({ id, request: { dnsNames } }: Issuance): Promise<void> {
    await this.#orders.work(dnsNames.join(' '), () => this.#pursue(id));
    await judge(id, this.#ports);
  }

  async #pursue(id: string): Promise<void> {
    const adds = this.#stage.challenges.expect('add');
    try {
      while (!this.#signal.aborted && (await this.#once(id, adds)) === 'again');
    } finally {
      adds.done();
    }
  }

  /** The issuer of the lane, as it is in its cluster: of its account nobody else knows. */
  async tell(issuer: ToldObject): Promise<void> {
    await tellAcmeIssuer(issuer, this.#problem, this.#ports);
  }

  async #once(id: string, adds: { done(): void }): Promise<'again' | 'done'> {
    const { records, fleet, clock } = this.#ports;
    const row = await records.get(keys.issuance(id));
    const now = clock.now();
    if (!row?.wakeAt || row.wakeAt > now.toISOString()) return 'done';
    let authority: Authority;
    try {
      authority = await this.#ports.authorityOf(row.body.request.issuer);
    } catch (error) {
      if (isOfStore(error)) throw error;
      await this.#failed(await this.#end(row, problemOf(error)), problemOf(error));
      return 'done';
    }
    const { planned, picked } = await this.#pickUp(row, { records, fleet, now, scope: authority.scope });
    if (picked === 'again') return 'again';
    if (planned.is === 'refused') await this.#failed(row, planned.problem, authority);
    if (!picked) return 'done';
    const pursued = await pursue(picked, authority, { ports: this.#stage, signal: this.#signal, adds });
    if (pursued.is === 'obtained') await this.#complete(pursued.row);
    if (pursued.is === 'failed') {
      this.#problem = pursued.problem;
      await this.#failed(pursued.row, pursued.problem, authority);
    }
    return 'done';
  }

  /** Limits are spent in turn: of two that planned side by side, one would have spent a part for nothing. */
  async #pickUp(row: Row<Issuance>, from: PlanFrom): Promise<{ planned: Decision; picked: Picked }> {
    const planned = await planOf(row.body, from);
    if (planned.lost.length > 0) {
      await letGo(planned.lost, row.body, this.#ports);
      return { planned, picked: 'again' };
    }
    if (planned.is !== 'go' || planned.spent.size === 0) return { planned, picked: await pickUp(row, planned, from) };
    const before = this.#spending;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#spending = promise;
    await before;
    try {
      const again = await planOf(row.body, from);
      return { planned: again, picked: await pickUp(row, again, from) };
    } finally {
      resolve();
    }
  }

  async #end(row: Row<Issuance>, problem: Problem): Promise<Row<Issuance>> {
    const { records, clock } = this.#ports;
    const failure = { problem, now: clock.now(), stage: 'plan' } as const;
    return (await decided(records, keys.issuance(row.body.id), (stored) => stored && ended(stored, failure))) ?? row;
  }

  /** Places first, then the attempt is closed: a run that ends between the two comes back to it. */
  async #complete({ body: { id, attempt, members } }: Row<Issuance>): Promise<void> {
    const { records, journal } = this.#ports;
    const { wanted, destinations } = await membersOf(records, { id, members });
    const places = destinations.filter(({ body }) => isWritable(body)).map(({ body }) => body.place);
    await wakeDestinations(places, this.#ports);
    const row = await decided(records, keys.issuance(id), (stored) =>
      stored?.body.current && stored.body.attempt?.id === attempt?.id
        ? completed(stored, renewAtOf(stored.body.current, wanted))
        : undefined,
    );
    const facts = row?.body.current?.facts;
    if (!facts) return;
    const detail = { serial: facts.serial, notAfter: facts.notAfter };
    for (const subject of members) await journal.tell({ subject, what: 'issued', stage: 'issue', detail });
  }

  async #failed({ body }: Row<Issuance>, problem: Problem, authority?: Authority): Promise<void> {
    const { records, clock, journal } = this.#ports;
    if (authority?.scope)
      await afterProblem(problem, { records, scope: authority.scope, request: body.request, now: clock.now() });
    const { failure } = body;
    const detail = {
      ...{ stage: failure?.stage ?? 'issue', type: problem.type, problem: problem.detail },
      ...(failure ? { tried: String(failure.count), nextAttemptAt: failure.retryAt } : {}),
    };
    for (const subject of body.members) await journal.tell({ subject, what: 'attempt-failed', stage: 'issue', detail });
  }
}
