/** A sliding window over what is due in a lane: so many at once, and what becomes due meanwhile joins. */
import type { Lane } from '../contract/ids.ts';
import { REREAD_DUE_MS } from '../contract/limits.ts';
import type { Clock } from '../contract/ports.ts';
import type { Records, Row } from '../contract/records.ts';
import { rest } from '../contract/rest.ts';

export interface Window {
  readonly lane: Lane;
  readonly records: Records;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How many are worked on at once. */
  readonly size: number;
  /** Rows that are not this lane's business in this run. */
  readonly skip?: (row: Row<unknown>) => boolean;
  /** The order in which a batch of due rows is begun. */
  readonly order?: (a: Row<unknown>, b: Row<unknown>) => number;
  /** Must leave the row sleeping or due later, or it comes again. Throws what ends the lane. */
  readonly work: (row: Row<unknown>) => Promise<void>;
}

/** So many rows are asked for at once: enough that an order among them means something. */
const READ = 1_000;
const keyOf = (row: Row<unknown>): string => `${row.pk}|${row.sk}`;

class Running {
  readonly #window: Window;
  readonly #active = new Map<string, Promise<void>>();
  /** Read and not begun. */
  #open: Row<unknown>[] = [];
  #readAgainAt = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(window: Window) {
    this.#window = window;
  }

  async run(): Promise<void> {
    const { signal } = this.#window;
    while (!signal.aborted && !this.#broken) {
      // what was begun is waited for before anybody else may take the lane
      const hasRead = await this.#fill().catch((error: unknown) => this.#break(error));
      if (hasRead && this.#active.size === 0) break;
      await this.#wait();
    }
    await Promise.all(this.#active.values());
    if (this.#broken) throw this.#broken.error;
  }

  get #isFull(): boolean {
    return this.#active.size >= this.#window.size;
  }

  get #nowMs(): number {
    return this.#window.clock.now().getTime();
  }

  /** Begins what there is room for; whether the rows were read for it. */
  async #fill(): Promise<boolean> {
    const isOver = this.#open.length === 0 && this.#active.size === 0;
    const reads = !this.#isFull && (isOver || this.#nowMs >= this.#readAgainAt);
    if (reads) await this.#read();
    const { skip, signal } = this.#window;
    while (!this.#isFull && !signal.aborted) {
      const row = this.#open.shift();
      if (!row) break;
      if (!skip?.(row)) this.#start(row);
    }
    return reads;
  }

  /** Rows that stay due while they are worked on are among them: to read them all whenever one ends would cost the square of their number. */
  async #read(): Promise<void> {
    const { lane, records, order } = this.#window;
    this.#readAgainAt = this.#nowMs + REREAD_DUE_MS;
    const due = await records.due(lane, this.#window.clock.now().toISOString(), READ);
    this.#open = due.filter((row) => !this.#active.has(keyOf(row)));
    if (order) this.#open.sort(order);
  }

  #start(row: Row<unknown>): void {
    const key = keyOf(row);
    const work = this.#window
      .work(row)
      .catch((error: unknown) => void this.#break(error))
      .finally(() => this.#active.delete(key));
    this.#active.set(key, work);
  }

  #break(error: unknown): true {
    this.#broken ??= { error };
    return true;
  }

  /** Until one ends, or, where there is room, it is time to read again. */
  async #wait(): Promise<void> {
    const { clock, signal } = this.#window;
    if (this.#active.size === 0) return;
    if (this.#isFull) return void (await Promise.race(this.#active.values()));
    const over = new AbortController();
    const left = this.#readAgainAt - this.#nowMs;
    const reread = rest(clock, left, AbortSignal.any([signal, over.signal]));
    await Promise.race([...this.#active.values(), reread]);
    over.abort();
    await reread;
  }
}

/** Works until nothing is due and nothing is in work, or the signal says stop; then what was begun is waited for. */
export const overWindow = (window: Window): Promise<void> => new Running(window).run();
