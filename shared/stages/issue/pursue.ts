/** One attempt pursued step by step until it is obtained, has failed, or must wait for another run. Every step is stored before the next. */
import type { Iso } from '../../contract/ids.ts';
import type { Authority } from '../../contract/ports.ts';
import { isOfStore, type Problem, ProblemError, problemOf } from '../../contract/problem.ts';
import { decided, keys, type Row } from '../../contract/records.ts';
import type { Attempt, Issuance } from '../../contract/rows.ts';
import type { Step, TxtKey } from '../../contract/step.ts';
import { accepted } from './accept.ts';
import { ended, givenBack, obtained, parked, stepped } from './attempt.ts';
import { finalizing } from './finalize.ts';
import type { IssuePorts } from './ports.ts';

export type Pursued =
  /** The issuance's current certificate is new; the attempt is still in its row. */
  | { readonly is: 'obtained'; readonly row: Row<Issuance> }
  | { readonly is: 'failed'; readonly row: Row<Issuance>; readonly problem: Problem }
  /** Stored and left for whoever comes next. */
  | { readonly is: 'left' };

type Working = Row<Issuance> & { readonly body: Issuance & { readonly attempt: Attempt } };
type Change = (row: Working, attempt: Attempt) => Row<Issuance>;

/** The attempt was taken out of the row by somebody else: what was done with it is theirs to go on with. */
class AttemptLost extends Error {
  override readonly name = 'AttemptLost';
}

const leftWhenLost = (error: unknown): Pursued => {
  if (error instanceof AttemptLost) return { is: 'left' };
  throw error;
};

const isWorking = (row: Row<Issuance> | undefined): row is Working => row?.body.attempt !== undefined;

const txtOf = (step: Step): readonly TxtKey[] => ('challenges' in step ? step.challenges.map(({ txt }) => txt) : []);

const WORDS: Partial<Readonly<Record<Step['at'], string>>> = {
  created: 'order-created',
  presented: 'in-sync',
  answered: 'answered',
  ready: 'order-ready',
  finalizing: 'finalizing',
};

export interface PursueFrom {
  readonly ports: IssuePorts;
  readonly signal: AbortSignal;
  /** Held since the issuance was taken up, so that the first to be ready waits for the others of its window. */
  readonly adds: { done(): void };
}

class Pursuit {
  readonly #ports: IssuePorts;
  readonly #authority: Authority;
  readonly #signal: AbortSignal;
  #row: Working;
  /** TXT values that this attempt may have written. */
  #values: readonly TxtKey[] = [];
  readonly #adds: { done(): void };
  #leaves: { done(): void } | undefined;

  constructor(row: Working, authority: Authority, from: PursueFrom) {
    this.#row = row;
    this.#authority = authority;
    this.#ports = from.ports;
    this.#signal = from.signal;
    this.#values = txtOf(row.body.attempt.step);
    this.#adds = from.adds;
    if (this.#values.length > 0) this.#leaves = from.ports.challenges.expect('remove');
  }

  /** Never throws but for what is wrong with the store. */
  async run(): Promise<Pursued> {
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        const outcome = await this.#step();
        if (outcome) return outcome;
      }
    } catch (error) {
      if (error instanceof AttemptLost) return { is: 'left' };
      if (this.#signal.aborted) return await this.#giveBack();
      if (isOfStore(error)) {
        // what cannot be given back either is taken up from its row, as after a kill
        await this.#giveBack().catch(() => undefined);
        throw error;
      }
      return await this.#failed(problemOf(error)).catch(leftWhenLost);
    } finally {
      this.#adds.done();
      this.#leaves?.done();
    }
  }

  get #attempt(): Attempt {
    return this.#row.body.attempt;
  }

  async #step(): Promise<Pursued | undefined> {
    const { step, deadline } = this.#attempt;
    const isLate = this.#ports.clock.now().toISOString() >= deadline;
    if (isLate && !['finalizing', 'issued', 'rejected'].includes(step.at)) this.#expired();
    switch (step.at) {
      case 'authorizing':
        await this.#present(step);
        return undefined;
      case 'ready': {
        const { body } = this.#row;
        const from = { issuance: body, attempt: body.attempt, authority: this.#authority };
        const keyed = await finalizing(step, from, this.#ports);
        await this.#store((row, attempt) => stepped(row, attempt, keyed), keyed.step);
        return undefined;
      }
      case 'issued':
        return this.#obtain(step);
      case 'rejected':
        return this.#failed(step.problem);
      default:
        await this.#advance();
        return undefined;
    }
  }

  async #advance(): Promise<void> {
    const { attempt, request } = this.#row.body;
    const { step, notBefore } = await this.#authority.advance(attempt, request);
    await this.#expect(step);
    const isNew = step.at !== attempt.step.at || JSON.stringify(step) !== JSON.stringify(attempt.step);
    if (!isNew && !notBefore) throw new TypeError(`the authority stays ${step.at} and does not say until when`);
    // what leaves these two is one write with what comes of them, a key and a certificate, and asking for them again costs nothing
    if (isNew && (step.at === 'ready' || step.at === 'issued'))
      this.#row = { ...this.#row, body: { ...this.#row.body, attempt: { ...attempt, step } } };
    else if (isNew) await this.#store((row, stored) => stepped(row, stored, { step }), step);
    if (notBefore) await this.#wait(notBefore);
  }

  /** Keeps the batches from waiting for what will not come. */
  async #expect(step: Step): Promise<void> {
    if (step.at === 'created' || step.at === 'intent') return;
    const values = txtOf(step);
    if (values.length > 0) {
      this.#values = values;
      return;
    }
    this.#adds.done();
    await this.#withdraw();
  }

  async #withdraw(): Promise<void> {
    const values = this.#values;
    this.#values = [];
    if (values.length > 0) await this.#ports.challenges.withdraw(values, this.#row.body.id);
    this.#leaves?.done();
  }

  async #present(step: Extract<Step, { at: 'authorizing' }>): Promise<void> {
    const { challenges } = this.#ports;
    this.#values = txtOf(step);
    this.#leaves ??= challenges.expect('remove');
    const presenting = challenges.present(this.#values, {
      holder: this.#row.body.id,
      removeAt: this.#attempt.deadline,
    });
    this.#adds.done();
    await presenting;
    const { orderUrl, challenges: pending } = step;
    const next: Step = { at: 'presented', orderUrl, challenges: pending };
    await this.#store((row, attempt) => stepped(row, attempt, { step: next }), next);
  }

  async #wait(notBefore: Iso): Promise<void> {
    const { clock } = this.#ports;
    if (notBefore > this.#attempt.deadline) this.#expired();
    const ms = Date.parse(notBefore) - clock.now().getTime();
    if (ms > 0) await clock.sleep(ms, this.#signal);
  }

  /** Only a step whose CSR is out, or whose chain is here, is worth going on with after its time. */
  #expired(): never {
    const { deadline, startedAt, step } = this.#attempt;
    throw new ProblemError({
      type: 'nolapse:order-timeout',
      detail: `begun at ${startedAt}, and still ${step.at} at ${deadline}`,
      retry: 'later',
      fix: 'look at the CA; a new order is made at the next try',
    });
  }

  async #obtain(step: Extract<Step, { at: 'issued' }>): Promise<Pursued> {
    const { body } = this.#row;
    if (body.current?.attempt === body.attempt.id) return { is: 'obtained', row: this.#row };
    const acceptance = accepted(body, body.attempt, { step, now: this.#ports.clock.now() });
    if ('problem' in acceptance) return this.#failed(acceptance.problem, { isOver: true });
    await this.#store((row, attempt) => obtained(stepped(row, attempt, { step }), acceptance.current), step);
    return { is: 'obtained', row: this.#row };
  }

  /** The attempt ends where nothing of its order can be used any more; else it waits with it. */
  async #failed(problem: Problem, { isOver = false } = {}): Promise<Pursued> {
    const { step, deadline } = this.#attempt;
    const now = this.#ports.clock.now();
    const hasOrder = 'orderUrl' in step && step.at !== 'issued';
    const ends =
      isOver ||
      !hasOrder ||
      problem.retry === 'never' ||
      problem.type === 'nolapse:order-lost' ||
      now.toISOString() >= deadline;
    // an answered challenge is the CA's to look at, perhaps while nobody runs here
    if (ends || step.at !== 'answered') await this.#withdraw();
    const failure = { problem, now, stage: 'issue' } as const;
    const row = await this.#change((stored, attempt) =>
      ends ? ended(stored, failure) : parked(stored, attempt, failure),
    );
    return { is: 'failed', row, problem };
  }

  async #store(change: Change, step: Step): Promise<void> {
    const isProgress = step.at !== this.#attempt.step.at;
    const row = await this.#change(change);
    if (!isWorking(row)) throw new AttemptLost();
    this.#row = row;
    const what = WORDS[step.at];
    const [subject = row.body.id] = row.body.members;
    if (what && isProgress) await this.#ports.journal.tell({ subject, what, stage: 'issue', detail: detailOf(step) });
  }

  /** Unless somebody else has taken the attempt up meanwhile. */
  async #giveBack(): Promise<Pursued> {
    const { id, pickups } = this.#attempt;
    const { records, clock } = this.#ports;
    await decided(records, keys.issuance(this.#row.body.id), (row) => {
      const isMine = isWorking(row) && row.body.attempt.id === id && row.body.attempt.pickups === pickups;
      return isMine ? givenBack(row, row.body.attempt, clock.now()) : undefined;
    });
    return { is: 'left' };
  }

  /** By compare-and-set on the row as it is now: others may have changed who wants it, never the attempt. */
  async #change(change: Change): Promise<Row<Issuance>> {
    const { id } = this.#row.body.attempt;
    const known = this.#row.body.attempt;
    const next = (stored: Row<Issuance> | undefined): Row<Issuance> => {
      if (!isWorking(stored) || stored.body.attempt.id !== id) throw new AttemptLost();
      return change(stored, known);
    };
    const row = await decided(this.#ports.records, keys.issuance(this.#row.body.id), next, this.#row);
    if (!row) throw new AttemptLost();
    return row;
  }
}

const detailOf = (step: Step): Readonly<Record<string, string>> => ({
  ...('orderUrl' in step && step.orderUrl ? { order: step.orderUrl } : {}),
  ...('challenges' in step ? { values: String(step.challenges.length) } : {}),
});

/** Pursues the attempt of a row that was picked up. */
export function pursue(row: Row<Issuance>, authority: Authority, from: PursueFrom): Promise<Pursued> {
  if (!isWorking(row)) return Promise.resolve({ is: 'left' });
  return new Pursuit(row, authority, from).run();
}
