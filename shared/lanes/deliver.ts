/** The lane `deliver:<cluster or store>`: deliver, then verify, then tell. Certificate and key change together, and only over what was seen. */
import pLimit, { type LimitFunction } from 'p-limit';
import { deliverLane, ENDPOINTS, type Lane, type Place, partyOf, SECRETS_MANAGER } from '../contract/ids.ts';
import { KUBERNETES_WRITES, SECRETS_MANAGER_WRITES } from '../contract/limits.ts';
import type { Observation, Ownership } from '../contract/observation.ts';
import type { AttemptContext, Bundle, DestinationAdapter, Handshakes, Unseal } from '../contract/ports.ts';
import { isOfStore, type Problem, problemOf } from '../contract/problem.ts';
import { decided, isStatusRow, keys, type Row, rows } from '../contract/records.ts';
import type { Destination, Failure, Installation, Issuance, Issued, Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { holds } from '../stages/assess/triggers.ts';
import { bundleOf, isOfCertManager } from '../stages/deliver/bundle.ts';
import { decideDelivery, haveOf } from '../stages/deliver/decide.ts';
import { failureAfter } from '../stages/issue/attempt.ts';
import { readBack } from '../stages/verify/read-back.ts';
import { ownershipOf } from '../standards/kubernetes/ownership.ts';
import { judge } from './assess.ts';
import { installationOf, wakeFirstRenewal } from './installation.ts';
import type { LanePorts } from './lane-ports.ts';
import { asOnlyWorker, type Turn } from './lease.ts';
import { membersOf } from './members.ts';
import { awaitServed, runProbeLane } from './probes.ts';
import { StatusWork, type TellPorts } from './tell-statuses.ts';
import { overWindow } from './window.ts';

export interface DeliverLanePorts extends LanePorts, TellPorts {
  readonly unseal: Unseal<AttemptContext>;
  /** The adapter of a party. Throws ProblemError where it cannot be reached at all. */
  readonly destinationsOf: (party: string) => Promise<DestinationAdapter>;
  /** Connects to where it must be seen served. */
  readonly handshakes: Handshakes;
  readonly only?: ReadonlySet<string>;
}

/** Runs the lane until nothing is due. Failures are rows; only a broken store throws. */
export async function runDeliverLane(party: string, ports: DeliverLanePorts): Promise<Turn> {
  if (party === ENDPOINTS) return runProbeLane(ports);
  const lane: Lane = deliverLane(`${party}/`);
  const { records, clock, only } = ports;
  const size = party.startsWith(SECRETS_MANAGER) ? SECRETS_MANAGER_WRITES : KUBERNETES_WRITES;
  const outcome = await asOnlyWorker(lane, ports, async (signal) => {
    const installation = await installationOf(records, { fleet: ports.fleet.name, now: clock.now() });
    const inTurns = pLimit(size);
    const work = new DeliverWork(ports, installation, inTurns);
    const statuses = new StatusWork(party, ports, installation.leaving?.closedAt !== undefined);
    await overWindow({
      ...{ lane, records, clock, signal, size: size * ROWS_FOR_EACH_WRITE },
      skip: (row) => only !== undefined && !isAbout(row, only),
      work: (row) => (isStatusRow(row) ? inTurns(() => statuses.on(row)) : work.on((row.body as Destination).place)),
    });
    await statuses.finish();
  });
  return outcome.is;
}

/** An issuer is told of itself whatever a run is about. */
const isAbout = ({ body }: Row<unknown>, only: ReadonlySet<string>): boolean => {
  const { issuance } = body as { readonly issuance?: string };
  return issuance === undefined || only.has(issuance);
};

/** Before and after each write there is as much to read and write in the rows, which no API server minds. */
const ROWS_FOR_EACH_WRITE = 4;

interface Work {
  readonly row: Row<Destination>;
  readonly destination: Destination;
  readonly issuance: Issuance;
  readonly current: Issued & { readonly sealedKey: string; readonly attempt: string };
  readonly wanted: Wanted;
}

interface Result {
  /** `refused`: whose the place is decides, a finding. `denied`: its store will not take it before somebody changes something. `failed`: it is tried again. */
  readonly outcome: 'written' | 'unchanged' | 'refused' | 'denied' | 'failed';
  readonly observation?: Observation;
  readonly problem?: Problem;
  readonly stage: Failure['stage'];
}

const hasKey = (current: Issued | undefined): current is Work['current'] =>
  current?.sealedKey !== undefined && current.attempt !== undefined;

class DeliverWork {
  readonly #ports: DeliverLanePorts;
  readonly #installation: string;
  readonly #asTheStoreLikes: LimitFunction;
  readonly #isFirstTold: boolean;
  /** The fleet was left: places are given back, and nothing is put there any more. */
  readonly #isClosed: boolean;

  constructor(
    ports: DeliverLanePorts,
    { id, leaving, firstRenewalToldAt }: Installation,
    asTheStoreLikes: LimitFunction,
  ) {
    this.#asTheStoreLikes = asTheStoreLikes;
    this.#ports = ports;
    this.#installation = id;
    this.#isFirstTold = firstRenewalToldAt !== undefined;
    this.#isClosed = leaving?.closedAt !== undefined;
  }

  async on(place: Place): Promise<void> {
    const work = await this.#workOf(place);
    if (!work) return;
    const result = await this.#asTheStoreLikes(() => this.#deliver(work)).catch((error: unknown): Result => {
      if (isOfStore(error)) throw error;
      return { outcome: 'failed', problem: problemOf(error), stage: 'deliver' };
    });
    if (result.problem?.type === 'nolapse:seal-broken') await this.#dropKey(work.issuance.id);
    await this.#awaitServed(work, result);
    const failure = await this.#store(work, result);
    await this.#tell(work, result, failure);
    if (result.outcome === 'written' && !this.#isFirstTold)
      await wakeFirstRenewal(this.#ports.records, this.#ports.clock.now().toISOString());
    await this.#forgetKey(work.issuance.id);
    const { records, clock } = this.#ports;
    await judge(work.issuance.id, { records, clock });
  }

  async #awaitServed({ wanted, issuance, current }: Work, { outcome }: Result): Promise<void> {
    if (outcome !== 'written' && outcome !== 'unchanged') return;
    const { records, clock } = this.#ports;
    const delivery = { wanted, issuance: issuance.id, current, isNew: outcome === 'written' };
    await awaitServed(records, delivery, clock.now());
  }

  /** Undefined = there is nothing to put there; then the row sleeps until somebody looks again. */
  async #workOf(place: Place): Promise<Work | undefined> {
    const { records } = this.#ports;
    const row = await records.get(keys.destination(place));
    const destination = row?.body;
    const [issuance, wanted] = await Promise.all([
      destination && records.get(keys.issuance(destination.issuance)).then((found) => found?.body),
      destination && records.get(keys.wanted(destination.certificate)).then((found) => found?.body),
    ]);
    const current = issuance?.current;
    const isNamed = wanted?.places.some((wish) => wish.place === place);
    const isWanted =
      wanted && isNamed && !this.#isClosed && !wanted.held && !wanted.goneAt && wanted.issuance === issuance?.id;
    if (row && issuance && isWanted && hasKey(current))
      return { row, destination: row.body, issuance, current, wanted };
    await decided(records, keys.destination(place), (stored) => stored && rows.destination(stored.body, stored.rev));
    return undefined;
  }

  async #deliver(work: Work): Promise<Result> {
    const { destination, current } = work;
    const { place } = destination;
    const adapter = await this.#ports.destinationsOf(partyOf(place));
    const observation = await adapter.read(place);
    const ownership = this.#ownership(destination, observation);
    const delivery = decideDelivery({ destination, have: haveOf(observation), current, ownership });
    const seen = observation ? { observation } : {};
    if (delivery.is === 'refused') return { ...seen, outcome: 'refused', problem: delivery.problem, stage: 'deliver' };
    // It may be there without its co-owner: a process that was killed had no time for both.
    const isWritten = delivery.is === 'write' || (delivery.is === 'there' && isOfCertManager(work.wanted));
    if (!isWritten) return { ...seen, outcome: 'unchanged', stage: 'deliver' };
    return this.#write(work, adapter, observation);
  }

  /** Whether a Certificate that a Secret names is still there is what the inventory saw last. */
  #ownership({ certificate, ownership }: Destination, observation: Observation | undefined): Ownership {
    const us = { fleet: this.#ports.fleet.name, installation: this.#installation, certificate };
    return ownershipOf(observation, us, () => ownership.is !== 'adoptable');
  }

  async #write(work: Work, adapter: DestinationAdapter, before: Observation | undefined): Promise<Result> {
    const { destination, current, wanted, issuance } = work;
    const { fleet, unseal } = this.#ports;
    const context = { fleet: fleet.name, issuance: issuance.id, attempt: current.attempt };
    const plainKey = await unseal(current.sealedKey, context);
    const of = { current, wanted, issuance: issuance.id, fleet: fleet.name, installation: this.#installation };
    let bundle: Bundle | undefined;
    try {
      bundle = bundleOf({ ...of, plainKey });
      const written = await adapter.write(destination.place, bundle, before?.version);
      const seen = before ? { observation: before } : {};
      if (written.outcome === 'refused')
        return { ...seen, outcome: 'denied', problem: written.problem, stage: 'deliver' };
      const { observation, problem } = await readBack(adapter, destination.place, current);
      const after = observation ? { observation } : {};
      if (problem) return { ...after, outcome: 'failed', problem, stage: 'verify' };
      return { ...after, outcome: written.outcome, stage: 'verify' };
    } finally {
      plainKey.fill(0);
      bundle?.keyPem.fill(0);
    }
  }

  /** What was seen and what came of it; a refusal waits for somebody's change, trouble for its time. */
  async #store({ row: known, destination: { place } }: Work, result: Result): Promise<Failure | undefined> {
    const { records, clock } = this.#ports;
    const now = clock.now();
    let failure: Failure | undefined;
    const next = (row: Row<Destination> | undefined): Row<Destination> | undefined => {
      if (!row) return undefined;
      const { failure: before, have: _have, ...body } = row.body;
      const { problem, observation, stage } = result;
      failure = problem && failureAfter(before, { problem, now, stage });
      const isKnown = observation !== undefined || result.outcome !== 'failed';
      const have = isKnown ? haveOf(observation) : row.body.have;
      const isDone = result.outcome === 'written' || result.outcome === 'unchanged';
      const seen: Destination = {
        ...body,
        ...(isKnown ? { ownership: this.#ownership(row.body, observation), observedAt: now.toISOString() } : {}),
        ...(have ? { have } : {}),
        ...(isDone ? { deliveredAt: now.toISOString(), adopt: false } : {}),
        ...(failure ? { failure } : {}),
      };
      return rows.destination(seen, row.rev, result.outcome === 'failed' ? failure?.retryAt : undefined);
    };
    await decided(records, keys.destination(place), next, known);
    return failure;
  }

  async #tell({ destination, current }: Work, { outcome, problem, stage }: Result, failure?: Failure): Promise<void> {
    const { place, certificate: subject } = destination;
    const { journal } = this.#ports;
    if (outcome !== 'failed' && outcome !== 'denied') {
      const detail = { place, outcome, serial: current.facts.serial, ...(problem ? { problem: problem.detail } : {}) };
      await journal.tell({ subject, what: 'delivered', stage: 'deliver', detail });
    }
    if (!problem || outcome === 'refused') return;
    const when = failure ? { tried: String(failure.count), nextAttemptAt: failure.retryAt } : {};
    const detail = { place, stage, type: problem.type, problem: problem.detail, ...when };
    await journal.tell({ subject, what: 'attempt-failed', stage, detail });
  }

  /** A key that cannot be opened any more is as good as forgotten: the next look orders what is missing. */
  async #dropKey(id: string): Promise<void> {
    await decided(this.#ports.records, keys.issuance(id), (row) => {
      if (!row?.body.current?.sealedKey) return undefined;
      const { sealedKey: _lost, ...rest } = row.body.current;
      return rows.issuance({ ...row.body, current: rest }, row.rev, row.wakeAt);
    });
  }

  /** A key is forgotten when every place that may be written has it. */
  async #forgetKey(id: string): Promise<void> {
    const { records } = this.#ports;
    const known = await records.get(keys.issuance(id));
    if (!known?.body.current?.sealedKey || known.body.keyPolicy === 'keep') return;
    const { members } = known.body;
    const places = (await membersOf(records, { id, members })).destinations.map(({ body }) => body);
    const next = (row: Row<Issuance> | undefined): Row<Issuance> | undefined => {
      const current = row?.body.current;
      if (!row || row.body.keyPolicy === 'keep' || !current?.sealedKey || row.body.attempt) return undefined;
      // whoever has joined since has a place that needs it, and is looked at with its own delivery
      if (!row.body.members.every((member) => members.includes(member))) return undefined;
      const mine = places.filter(({ certificate }) => row.body.members.includes(certificate));
      if (!mine.filter(isWritable).every(({ have }) => holds(have, current))) return undefined;
      const { sealedKey: _forgotten, ...rest } = current;
      return rows.issuance({ ...row.body, current: rest }, row.rev, row.wakeAt);
    };
    await decided(records, keys.issuance(id), next, known);
  }
}
