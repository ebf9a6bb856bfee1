/** Waiting that is no error to end early: whoever rests looks next at why it may have ended. */
import type { Clock } from './ports.ts';

/** Until the time is over, the signal ends it, or the clock has no time left. Any other error of the clock is let out. */
export async function rest(
  clock: Pick<Clock, 'sleep' | 'remainingMs'>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted && clock.remainingMs() > 0) throw error;
  }
}
