/** A sliding window over what is due in a lane: so many at once, and what becomes due meanwhile joins. */
import type { Lane } from '../contract/ids.ts';
import { REREAD_DUE_MS } from '../contract/limits.ts';
import type { Clock } from '../contract/ports.ts';
import type { Records, Row } from '../contract/records.ts';

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
  #broken: { readonly error: unknown } | undefined;

  constructor(window: Window) {
    this.#window = window;
  }

  async run(): Promise<void> {
    const { signal } = this.#window;
    while (!signal.aborted && !this.#broken) {
      const begun = await this.#begin();
      if (this.#active.size === 0 && begun === 0) break;
      await this.#wait();
    }
    await Promise.all(this.#active.values());
    if (this.#broken) throw this.#broken.error;
  }

  /** Fills the window; the number of rows begun. */
  async #begin(): Promise<number> {
    const { lane, records, clock, size, skip, order, signal } = this.#window;
    if (this.#active.size >= size) return 0;
    const due = await records.due(lane, clock.now().toISOString(), READ);
    const open = due.filter((row) => !this.#active.has(keyOf(row)) && !skip?.(row));
    if (order) open.sort(order);
    const begun = open.slice(0, size - this.#active.size);
    for (const row of signal.aborted ? [] : begun) this.#start(row);
    return begun.length;
  }

  #start(row: Row<unknown>): void {
    const key = keyOf(row);
    const work = this.#window
      .work(row)
      .catch((error: unknown) => {
        this.#broken ??= { error };
      })
      .finally(() => this.#active.delete(key));
    this.#active.set(key, work);
  }

  /** Until one ends, or it is time to read again. */
  async #wait(): Promise<void> {
    const { clock, signal } = this.#window;
    if (this.#active.size === 0) return;
    const over = new AbortController();
    // it rejects only with the abort that ends it: by the work that is done, or by the signal, which the loop looks at next
    const reread = clock.sleep(REREAD_DUE_MS, AbortSignal.any([signal, over.signal])).catch(() => undefined);
    await Promise.race([...this.#active.values(), reread]);
    over.abort();
    await reread;
  }
}

/** Works until nothing is due and nothing is in work, or the signal says stop; then what was begun is waited for. */
export const overWindow = (window: Window): Promise<void> => new Running(window).run();
