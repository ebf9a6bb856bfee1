/** A clock whose time is over sooner: what comes after needs its time as well. */
import type { Clock } from '../contract/ports.ts';

export function shorter(clock: Clock, ms: number): Clock {
  const until = clock.now().getTime() + ms;
  return {
    now: () => clock.now(),
    sleep: (forMs, signal) => clock.sleep(forMs, signal),
    remainingMs: () => Math.max(0, Math.min(clock.remainingMs(), until - clock.now().getTime())),
  };
}
