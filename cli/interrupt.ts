/** SIGINT and SIGTERM: the first one stops the lanes with everything stored, the second one ends the process where it stands. */
import { INTERRUPTED } from './exit-code.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

export function stopOnSignal(announce: (line: string) => void): Interrupt {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(INTERRUPTED);
    announce('stopping: what was begun is stored; once more to end at once');
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { signal: stopping.signal, release: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}
