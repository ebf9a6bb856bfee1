/** SIGINT and SIGTERM: the first one stops the lanes with everything stored, the second one ends the process where it stands. */
import { INTERRUPTED } from './exit-code.ts';

/** Lanes stop between two effects; a server that never answers must not hold the process longer than this. */
const GRACE_MS = 2_000;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The work, or an AbortError when it has not ended soon after the first signal: every row is whole at every instant. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Gives the signals back to Node. */
  release(): void;
}

export function stopOnSignal(announce: (line: string) => void): Interrupt {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (): void => {
    if (signal.aborted) process.exit(INTERRUPTED);
    announce('stopping: what was begun is stored; once more to end at once');
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const overdue = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), GRACE_MS));
  });
  // only so that Node counts it as heard while nothing is waited for yet: whoever is `within` gets the same rejection
  overdue.catch(() => undefined);
  return {
    signal,
    within: (work) => Promise.race([work, overdue]),
    release: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
