/** The clock of this machine: the only place that asks what time it is. */
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../contract/ports.ts';

/** Node's timers end at once when asked for longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface ClockLimits {
  /** Milliseconds from now until the run must have stopped; absent = no deadline. */
  readonly deadlineMs?: number;
  /** Ends every sleep, and leaves no time. */
  readonly signal?: AbortSignal;
}

/** `remainingMs` is measured on the monotonic clock, so setting the machine's time moves no deadline; Infinity without one, 0 once aborted. */
export function systemClock({ deadlineMs = Number.POSITIVE_INFINITY, signal: stop }: ClockLimits = {}): Clock {
  const startedMs = performance.now();
  return {
    now: () => new Date(),
    async sleep(ms, own) {
      const signals = [own, stop].filter((signal) => signal !== undefined);
      const signal = AbortSignal.any(signals);
      const untilMs = performance.now() + ms;
      try {
        for (let left = ms; left > 0; left = untilMs - performance.now())
          await setTimeout(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
      } finally {
        signal.throwIfAborted();
      }
    },
    remainingMs: () => (stop?.aborted ? 0 : Math.max(0, deadlineMs - (performance.now() - startedMs))),
  };
}
