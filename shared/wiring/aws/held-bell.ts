/** Holds rings back for a moment: many of one lane become one message, and it comes when what it is about was written together. */
import type { Lane } from '../../contract/ids.ts';
import type { Bell, Clock } from '../../contract/ports.ts';
import { rest } from '../../contract/rest.ts';

/** A lane is rung `afterMs` after the first that was asked for since the last time, or by `flush`, whichever is earlier. `ring` waits for neither. */
export class HeldBell implements Bell {
  readonly #bell: Bell;
  readonly #clock: Pick<Clock, 'sleep' | 'remainingMs'>;
  readonly #afterMs: number;
  readonly #held = new Set<Lane>();
  #early = new AbortController();
  #rung: Promise<unknown> = Promise.resolve();

  constructor(bell: Bell, clock: Pick<Clock, 'sleep' | 'remainingMs'>, afterMs: number) {
    this.#bell = bell;
    this.#clock = clock;
    this.#afterMs = afterMs;
  }

  async ring(lane: Lane): Promise<void> {
    this.#held.add(lane);
    if (this.#held.size === 1) this.#rung = Promise.all([this.#rung, this.#ringLater(this.#early.signal)]);
  }

  /** Resolves when nothing is held any more. */
  async flush(): Promise<void> {
    this.#early.abort();
    this.#early = new AbortController();
    await this.#rung;
  }

  async #ringLater(early: AbortSignal): Promise<void> {
    await rest(this.#clock, this.#afterMs, early);
    const lanes = [...this.#held];
    this.#held.clear();
    // in their order: the fleet's own inventory comes after those of its clusters
    for (const lane of lanes) await this.#bell.ring(lane);
  }
}
