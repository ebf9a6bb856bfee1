/** Rows over those that everybody has: what is written stays in memory and ends with whoever wrote it. For what is tried, or only thought. */
import type { Lane } from '../contract/ids.ts';
import { isTxtRow, type Key, type Records, type Row } from '../contract/records.ts';

/** Leases, accounts, the ledger of TXT values, limits: side effects to undo or to count, of whomever. */
const SIDE_EFFECTS = /^(LANE$|ACCOUNT#|ZONE#|LIMIT#)/;

/** Who does something to the world, so that its side effects are kept where everybody's rows are. */
export interface Trial {
  /** Of TXT values. */
  readonly holder: string;
  readonly now: () => Date;
}

const nameOf = ({ pk, sk }: Key<unknown>): string => `${pk}|${sk}`;
const bySk = (a: Row<unknown>, b: Row<unknown>): number => (a.sk < b.sk ? -1 : 1);
const byOrder = (a: Row<unknown>, b: Row<unknown>): number => ((a.order ?? '') < (b.order ?? '') ? -1 : 1);
const byWakeAt = (a: Row<unknown>, b: Row<unknown>): number => ((a.wakeAt ?? '') < (b.wakeAt ?? '') ? -1 : 1);

class ScratchRecords implements Records {
  readonly #real: Records;
  readonly #trial: Trial | undefined;
  /** Written here; undefined = removed here. */
  readonly #own = new Map<string, Row<unknown> | undefined>();
  /** TXT values of this very trial: those of one before have the same holder, and are to be taken away. */
  readonly #held = new Set<string>();

  constructor(real: Records, trial: Trial | undefined) {
    this.#real = real;
    this.#trial = trial;
  }

  async get<B>(key: Key<B>): Promise<Row<B> | undefined> {
    const name = nameOf(key);
    return this.#own.has(name) ? (this.#own.get(name) as Row<B> | undefined) : this.#real.get(key);
  }

  async put<B>(row: Row<B>): Promise<'written' | 'conflict'> {
    if (this.#isKept(row)) return this.#real.put(this.#dueAtOnce(row));
    if (((await this.get(row))?.rev ?? 0) !== row.rev) return 'conflict';
    this.#own.set(nameOf(row), { ...row, rev: row.rev + 1 });
    return 'written';
  }

  async remove(key: Key<unknown>, rev: number): Promise<'removed' | 'conflict'> {
    if (this.#isKept(key)) return this.#real.remove(key, rev);
    if ((await this.get(key))?.rev !== rev) return 'conflict';
    this.#own.set(nameOf(key), undefined);
    return 'removed';
  }

  async *children<B>(pk: string): AsyncIterable<Row<B>> {
    yield* await this.#merged(this.#real.children<B>(pk), (row) => row.pk === pk, bySk);
  }

  async due(lane: Lane, now: string, limit: number): Promise<Row<unknown>[]> {
    const isDue = (row: Row<unknown>): boolean => row.lane === lane && row.wakeAt !== undefined && row.wakeAt <= now;
    // a limit counts what is not hidden here, and few rows are
    const all = await this.#merged(await this.#real.due(lane, now, limit + this.#own.size), isDue, byWakeAt);
    return all.filter((row) => !(this.#held.has(nameOf(row)) && this.#isForTrial(row))).slice(0, limit);
  }

  async dueSince(lane: Lane, now: string): Promise<string | undefined> {
    return (await this.due(lane, now, 1))[0]?.wakeAt;
  }

  async *list<B>(kind: string, { from, to }: { from?: string; to?: string } = {}): AsyncIterable<Row<B>> {
    const isIn = ({ kind: its, order = '' }: Row<unknown>): boolean =>
      its === kind && (from === undefined || order >= from) && (to === undefined || order < to);
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    yield* await this.#merged(this.#real.list<B>(kind, range), isIn, byOrder);
  }

  async #merged<B>(
    real: AsyncIterable<Row<B>> | readonly Row<B>[],
    isMeant: (row: Row<unknown>) => boolean,
    order: (a: Row<unknown>, b: Row<unknown>) => number,
  ): Promise<Row<B>[]> {
    const all: Row<B>[] = [];
    for await (const row of real) if (!this.#own.has(nameOf(row))) all.push(row);
    const own = [...this.#own.values()].filter((row) => row !== undefined && isMeant(row)) as Row<B>[];
    return [...all, ...own].toSorted(order);
  }

  #isKept({ pk }: Key<unknown>): boolean {
    return this.#trial !== undefined && SIDE_EFFECTS.test(pk);
  }

  /** A value that nobody waits for but such a trial. */
  #isForTrial(row: Row<unknown>): boolean {
    const [first, ...others] = isTxtRow(row) ? row.body.holders : [];
    return first !== undefined && first === this.#trial?.holder && others.length === 0;
  }

  /** Nobody can go on with a trial that was ended: whoever has the lane after it takes its values away. */
  #dueAtOnce<B>(row: Row<B>): Row<B> {
    if (!this.#trial || !this.#isForTrial(row)) return row;
    this.#held.add(nameOf(row));
    const removeAt = this.#trial.now().toISOString();
    return { ...row, wakeAt: removeAt, body: { ...row.body, removeAt } };
  }
}

/** Absent `trial` = nothing is kept. */
export const scratchRecords = (real: Records, trial?: Trial): Records => new ScratchRecords(real, trial);
