/** The part of `deliver:<cluster>` that tells Certificates and issuers what is so. Whatever it meets, renewal goes on unharmed. */
import type { Iso } from '../contract/ids.ts';
import { fieldManager } from '../contract/marks.ts';
import type { KubernetesObject, StatusWriter } from '../contract/ports.ts';
import { isOfStore, type Problem, ProblemError, problemOf } from '../contract/problem.ts';
import { decided, keys, type Row, rows } from '../contract/records.ts';
import { certificateIdOf, type StatusState, type StatusWish, type ToldObject } from '../contract/status.ts';
import { isOfWholeCluster } from '../stages/inventory/gaps.ts';
import { failureAfter } from '../stages/issue/attempt.ts';
import { keptByCertManager, saysAlready, statusChange, withoutFailure } from '../standards/certmanager/status.ts';
import type { LanePorts } from './lane-ports.ts';
import { seenOf } from './members.ts';
import { isSame } from './same.ts';
import { certificateWishIn, isOfUs, settleFailed, statusLane, wake } from './statuses.ts';

export interface TellPorts extends Pick<LanePorts, 'fleet' | 'records' | 'clock'> {
  /** The statuses of a cluster. Throws ProblemError where it cannot be reached at all. */
  readonly statusesOf: (cluster: string) => Promise<StatusWriter>;
}

const CONFLICT = 'kubernetes:Conflict';
const GONE = 'kubernetes:NotFound';
const FORBIDDEN = 'kubernetes:Forbidden';
const EVERYTHING = '*';
/** Looks at one object before it is left for later. */
const LOOKS = 3;

type Outcome =
  | { readonly is: 'told'; readonly wish: StatusWish }
  | { readonly is: 'kept'; readonly until?: Iso }
  | { readonly is: 'gone' }
  | { readonly is: 'failed'; readonly problem: Problem };

const kindIn = (object: KubernetesObject, { kind }: ToldObject): KubernetesObject => ({ ...object, kind });

/** Looks, and writes what it does not say yet, over nothing that was not seen. */
async function tell(object: ToldObject, wish: StatusWish, { fleet, clock, statusesOf }: TellPorts): Promise<Outcome> {
  const writer = await statusesOf(object.cluster);
  for (let looks = 1; ; looks += 1) {
    const live = await writer.read(object);
    if (!live) return { is: 'gone' };
    if (saysAlready(live, wish)) return { is: 'told', wish };
    const now = clock.now();
    const kept = keptByCertManager(kindIn(live, object), { wish, manager: fieldManager(fleet.name), now });
    if (kept) return { is: 'kept', ...(kept === 'always' ? {} : { until: kept }) };
    try {
      await writer.write(object, statusChange(live, wish, now), live.metadata.resourceVersion);
      return { is: 'told', wish };
    } catch (error) {
      const { type } = problemOf(error);
      if (type === GONE) return { is: 'gone' };
      if (type !== CONFLICT || looks === LOOKS) throw error;
    }
  }
}

async function told(object: ToldObject, wish: StatusWish, ports: TellPorts): Promise<Outcome> {
  try {
    return await tell(object, wish, ports);
  } catch (error) {
    if (!(error instanceof ProblemError) || isOfStore(error)) throw error;
    return { is: 'failed', problem: problemOf(error) };
  }
}

export class StatusWork {
  readonly #cluster: string;
  readonly #ports: TellPorts;
  readonly #isClosed: boolean;
  /** Kinds that may not be written, or the whole cluster: who was refused once in a turn asks for no other of them. */
  readonly #refused = new Map<string, Problem>();
  /** Something has failed in this turn, or had before. */
  #isAnythingFailing = false;

  constructor(cluster: string, ports: TellPorts, isClosed: boolean) {
    this.#cluster = cluster;
    this.#ports = ports;
    this.#isClosed = isClosed;
  }

  async on({ body: { object } }: Row<StatusState>): Promise<void> {
    const { records } = this.#ports;
    const row = await records.get(keys.status(object));
    if (!row) return;
    const wish = await this.#wishOf(row.body);
    const outcome = wish && (await this.#told(object, wish));
    this.#isAnythingFailing ||= outcome?.is === 'failed' || row.body.failure !== undefined;
    if (outcome?.is === 'gone') return void (await records.remove(row, row.rev));
    const stored = await this.#store(row, outcome);
    if (!stored || outcome?.is === 'kept' || outcome?.is === 'failed') return;
    // whoever changed what is so meanwhile found it due
    const next = await this.#wishOf(stored.body);
    if (next && !isSame(next, stored.body.told)) await wake(object, this.#ports);
  }

  async #told(object: ToldObject, wish: StatusWish): Promise<Outcome> {
    const kind = `${object.kind} ${object.namespace ?? ''}`;
    const refused = this.#refused.get(EVERYTHING) ?? this.#refused.get(kind);
    const outcome: Outcome = refused ? { is: 'failed', problem: refused } : await told(object, wish, this.#ports);
    if (outcome.is === 'failed' && outcome.problem.type === FORBIDDEN) this.#refused.set(kind, outcome.problem);
    // places wait in the same turn, and each would wait out the time-outs of all statuses before it
    if (outcome.is === 'failed' && isOfWholeCluster(outcome.problem)) this.#refused.set(EVERYTHING, outcome.problem);
    return outcome;
  }

  /** Says what could not be told, or that it was in the end. */
  async finish(): Promise<void> {
    if (!this.#isAnythingFailing) return;
    const all: StatusState[] = [];
    for await (const { body } of this.#ports.records.children<StatusState>(`STATUS#${this.#cluster}`)) all.push(body);
    await settleFailed(this.#cluster, all, this.#ports);
  }

  async #wishOf(state: StatusState): Promise<StatusWish | undefined> {
    const { fleet, records, clock } = this.#ports;
    const { object } = state;
    const cluster = fleet.clusters.find(({ name }) => name === object.cluster);
    if (this.#isClosed || !cluster || !isOfUs(object, cluster)) return undefined;
    if (object.kind !== 'Certificate') return state.wish;
    const issuance = (await records.get(keys.wanted(certificateIdOf(object))))?.body.issuance;
    return certificateWishIn(state, issuance ? await seenOf(records, issuance) : undefined, clock.now());
  }

  /** As it is after that; what only the issuer's own lane can say is still asked of it. */
  #store(known: Row<StatusState>, outcome: Outcome | undefined): Promise<Row<StatusState> | undefined> {
    const { object } = known.body;
    const lane = statusLane(object);
    const next = (row: Row<StatusState> | undefined): Row<StatusState> | undefined => {
      if (!row) return undefined;
      const { body, at } = after(row.body, outcome, this.#ports.clock.now());
      const isAsked = row.wakeAt !== undefined && row.lane !== undefined && row.lane !== lane;
      return rows.status(body, row.rev, isAsked ? { lane: row.lane, at: row.wakeAt } : at ? { lane, at } : undefined);
    };
    return decided(this.#ports.records, keys.status(object), next, known);
  }
}

/** `at`: when it is due again; absent = when somebody finds it so. */
function after(before: StatusState, outcome: Outcome | undefined, now: Date): { body: StatusState; at?: Iso } {
  const { waitsUntil: _waited, failure: past, ...body } = before;
  if (outcome?.is === 'told') return { body: { ...body, told: outcome.wish } };
  if (outcome?.is === 'kept' && outcome.until)
    return { body: { ...body, waitsUntil: outcome.until }, at: outcome.until };
  if (outcome?.is !== 'failed') return { body };
  const failure = failureAfter(past, { problem: outcome.problem, now, stage: 'deliver' });
  return { body: { ...body, failure, waitsUntil: failure.retryAt }, at: failure.retryAt };
}

/** When the fleet is left: no object keeps cert-manager waiting for a failure that was ours. What stays says what is so. */
export async function leaveStatuses(cluster: string, ports: TellPorts & Pick<LanePorts, 'journal'>): Promise<void> {
  const { records, journal } = ports;
  for await (const row of records.children<StatusState>(`STATUS#${cluster}`)) {
    const { object, told: said } = row.body;
    const last = said && withoutFailure(said);
    const outcome = last && !isSame(last, said) ? await told(object, last, ports) : undefined;
    if (outcome?.is === 'failed') {
      const detail = { type: outcome.problem.type, problem: outcome.problem.detail };
      await journal.tell({ subject: certificateIdOf(object), what: 'attempt-failed', stage: 'deliver', detail });
    } else await records.remove(row, row.rev);
  }
}
