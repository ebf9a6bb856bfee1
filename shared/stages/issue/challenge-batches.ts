/** TXT values of many attempts in few requests: one batch and one INSYNC wait for all that are ready together. */
import pLimit from 'p-limit';
import type { Iso } from '../../contract/ids.ts';
import { ROWS_AT_ONCE } from '../../contract/limits.ts';
import type { ChallengeZone, Clock, Journal } from '../../contract/ports.ts';
import { ProblemError, problemOf } from '../../contract/problem.ts';
import type { TxtKey } from '../../contract/step.ts';
import type { Ledger } from './ledger.ts';

export interface ChallengeBatchOptions {
  readonly zone: ChallengeZone;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/** Nobody waits longer than this for others to join a batch. */
const GATHER_MS = 10_000;
/** Route 53 promises 60 s; an engineer there says up to half an hour. */
const IN_SYNC_LIMIT_MS = 600_000;
const POLL_MS = [0, 1_000, 2_000, 3_000] as const;
const LAST_POLL_MS = 5_000;
/** Route 53 keeps no change for ever. */
const NO_SUCH_CHANGE = 'aws:NoSuchChange';
/** A value that could not be removed is tried again by whoever runs next. */
const RETRY_REMOVAL_MS = 60_000;

interface Waiting {
  readonly keys: readonly Value[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** `changeId`: of the run before, which wrote it and ended while it waited. */
type Value = TxtKey & { readonly changeId?: string };

interface Leaving {
  readonly key: TxtKey;
  readonly gone: () => void;
}

const textOf = ({ zoneId, fqdn, value }: TxtKey): string => `${zoneId} ${fqdn} ${value}`;
const byZone = <K extends TxtKey>(keys: readonly K[]): ReadonlyMap<string, readonly K[]> =>
  Map.groupBy(new Map(keys.map((key) => [textOf(key), key])).values(), ({ zoneId }) => zoneId);

export class ChallengeBatches {
  readonly #options: ChallengeBatchOptions;
  readonly #expected = { add: new Set<object>(), remove: new Set<object>() };
  #adding: Waiting[] = [];
  #removing: Leaving[] = [];
  /** Values on their way out: their rows are due meanwhile, for whoever comes next. */
  readonly #leaving = new Set<string>();
  readonly #sent = new Set<Promise<void>>();
  /** Aborted when its batch is sent: the next one has a time of its own. */
  #gathering: AbortController | undefined;

  constructor(options: ChallengeBatchOptions) {
    this.#options = options;
  }

  /** Somebody may soon present or withdraw values: batches wait for it. `done` when it no longer will; twice does no harm. */
  expect(what: 'add' | 'remove'): { done(): void } {
    const token = {};
    this.#expected[what].add(token);
    return {
      done: () => {
        if (this.#expected[what].delete(token)) this.#flush();
      },
    };
  }

  /** Resolves when every authoritative server answers with the values. Throws ProblemError; the ledger has what was tried. */
  async present(keys: readonly TxtKey[], { holder, removeAt }: { holder: string; removeAt: Iso }): Promise<void> {
    const writing = this.expect('add');
    const values: Value[] = [];
    try {
      for (const key of keys) {
        const changeId = await this.#options.ledger.intend(key, holder, removeAt);
        values.push(changeId ? { ...key, changeId } : key);
      }
    } catch (error) {
      writing.done();
      throw error;
    }
    return new Promise((resolve, reject) => {
      this.#adding.push({ keys: values, resolve, reject });
      writing.done();
      this.#gather();
    });
  }

  /** The holder needs its values no more; those that nobody holds go with the next batch. */
  async withdraw(keys: readonly TxtKey[], holder: string): Promise<void> {
    const now = this.#options.clock.now().toISOString();
    for (const key of keys) {
      this.#leaving.add(textOf(key));
      const isLast = await this.#options.ledger.leave(key, holder, now);
      if (isLast) this.#removing.push({ key, gone: () => undefined });
      else this.#leaving.delete(textOf(key));
    }
    this.#gather();
  }

  /** Whether a value that is due to be removed is being removed here already. */
  isLeaving(key: TxtKey): boolean {
    return this.#leaving.has(textOf(key));
  }

  /** A value whose time is over, left behind by a run that was ended. Resolves when it is gone, or was postponed. */
  async expire(key: TxtKey): Promise<void> {
    if (!(await this.#options.ledger.expire(key, this.#options.clock.now().toISOString()))) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#removing.push({ key, gone: resolve });
    this.#gather();
    await promise;
  }

  /** Sends what is left and waits for it; called once, at the end of the lane. */
  async finish(): Promise<void> {
    this.#expected.add.clear();
    this.#expected.remove.clear();
    this.#flush();
    while (this.#sent.size > 0) await Promise.all(this.#sent);
  }

  #gather(): void {
    this.#flush();
    if (this.#gathering || (this.#adding.length === 0 && this.#removing.length === 0)) return;
    const gathering = new AbortController();
    this.#gathering = gathering;
    const { clock, signal } = this.#options;
    const send = (): void => {
      if (!gathering.signal.aborted) this.#send();
    };
    clock.sleep(GATHER_MS, AbortSignal.any([signal, gathering.signal])).then(send, send);
  }

  /** Values to add go when nobody else is about to add; those to remove ride along, or go when nobody else is about to leave. */
  #flush(): void {
    const canAdd = this.#adding.length > 0 && this.#expected.add.size === 0;
    const canRemove = this.#removing.length > 0 && this.#expected.remove.size === 0 && this.#adding.length === 0;
    if (canAdd || canRemove) this.#send();
  }

  #send(): void {
    const adding = this.#adding;
    const wanted = new Set(adding.flatMap(({ keys }) => keys).map(textOf));
    const removing = this.#removing;
    this.#adding = [];
    this.#removing = [];
    this.#gathering?.abort();
    this.#gathering = undefined;
    if (adding.length === 0 && removing.length === 0) return;
    const values = removing.map(({ key }) => key).filter((key) => !wanted.has(textOf(key)));
    const sent = this.#sendBatch(adding, values).finally(() => {
      this.#sent.delete(sent);
      for (const { key, gone } of removing) {
        this.#leaving.delete(textOf(key));
        gone();
      }
    });
    this.#sent.add(sent);
  }

  async #sendBatch(adding: readonly Waiting[], removing: readonly TxtKey[]): Promise<void> {
    const add = byZone(adding.flatMap(({ keys }) => keys));
    const remove = byZone(removing);
    const problems = new Map<string, unknown>();
    await Promise.all(
      [...new Set([...add.keys(), ...remove.keys()])].map(async (zoneId) => {
        const changes = { add: add.get(zoneId) ?? [], remove: remove.get(zoneId) ?? [] };
        for (const [text, problem] of await this.#change(zoneId, changes)) problems.set(text, problem);
      }),
    );
    for (const { keys, resolve, reject } of adding) {
      const failed = keys.map(textOf).find((text) => problems.has(text));
      if (failed === undefined) resolve();
      else reject(problems.get(failed));
    }
  }

  /** One zone's batch: what it could not add, by value. What runs before have written is only waited for. Never throws. */
  async #change(
    zoneId: string,
    { add, remove }: { readonly add: readonly Value[]; readonly remove: readonly TxtKey[] },
  ): Promise<ReadonlyMap<string, unknown>> {
    const { '': fresh = [], ...known } = Object.groupBy(add, ({ changeId = '' }) => changeId);
    const done = await Promise.all([
      ...(fresh.length + remove.length > 0 ? [this.#write(zoneId, { add: fresh, remove })] : []),
      ...Object.entries(known).map(([changeId, keys = []]) => this.#goOnWaiting(zoneId, changeId, keys)),
    ]);
    return new Map(done.flatMap((problems) => [...problems]));
  }

  async #goOnWaiting(zoneId: string, changeId: string, keys: readonly TxtKey[]): Promise<ReadonlyMap<string, unknown>> {
    try {
      await this.#inSync(zoneId, changeId);
      return new Map();
    } catch (error) {
      if (problemOf(error).type === NO_SUCH_CHANGE) return this.#write(zoneId, { add: keys, remove: [] });
      return new Map(keys.map((key) => [textOf(key), error]));
    }
  }

  /** Never throws. */
  async #write(
    zoneId: string,
    changes: { readonly add: readonly TxtKey[]; readonly remove: readonly TxtKey[] },
  ): Promise<ReadonlyMap<string, unknown>> {
    const { zone, ledger } = this.#options;
    const limit = pLimit(ROWS_AT_ONCE);
    let undone = changes.remove;
    try {
      const free = await Promise.all(changes.remove.map((key) => ledger.isFree(key)));
      const leaving = changes.remove.filter((_, i) => free[i]);
      const { changeId, refused } = await zone.change(zoneId, changes.add, leaving);
      const problems = new Map(refused.map(({ entry, problem }) => [textOf(entry), new ProblemError(problem)]));
      const isDone = (key: TxtKey): boolean => !problems.has(textOf(key));
      await limit.map(leaving, (key) =>
        isDone(key) ? ledger.forget(key) : this.#postpone(key, problems.get(textOf(key))),
      );
      undone = [];
      const added = changes.add.filter(isDone);
      await limit.map(added, (key) => ledger.present(key, changeId));
      if (changeId && added.length > 0) await this.#inSync(zoneId, changeId);
      return problems;
    } catch (error) {
      // a store that takes no row either stops the lane at its next write
      for (const key of undone) await this.#postpone(key, error).catch(() => undefined);
      return new Map(changes.add.map((key) => [textOf(key), error]));
    }
  }

  /** Nobody waits for a removal, so its trouble is told. */
  async #postpone(key: TxtKey, error: unknown): Promise<void> {
    const { clock, ledger, journal } = this.#options;
    const nextAttemptAt = new Date(clock.now().getTime() + RETRY_REMOVAL_MS).toISOString();
    const detail = { name: key.fqdn, problem: problemOf(error).detail, nextAttemptAt };
    await journal.tell({ subject: key.zoneId, what: 'removal-failed', stage: 'issue', detail });
    await ledger.postpone(key, nextAttemptAt);
  }

  async #inSync(zoneId: string, changeId: string): Promise<void> {
    const { zone, clock, signal } = this.#options;
    const until = clock.now().getTime() + IN_SYNC_LIMIT_MS;
    for (let poll = 0; clock.now().getTime() < until; poll += 1) {
      const wait = POLL_MS[poll] ?? LAST_POLL_MS;
      if (wait > 0) await clock.sleep(wait, signal);
      try {
        if (await zone.inSync(zoneId, changeId)) return;
      } catch (error) {
        // a look that failed says nothing about the change; a definite no does
        if (problemOf(error).retry === 'never') throw error;
      }
    }
    throw new ProblemError({
      type: 'nolapse:insync-timeout',
      detail: `the change ${changeId} of zone ${zoneId} was not INSYNC after ${IN_SYNC_LIMIT_MS / 60_000} minutes`,
      retry: 'later',
      fix: 'look at the zone in Route 53; the values are removed and tried again',
    });
  }
}
