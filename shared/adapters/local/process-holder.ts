/** Who holds a lease on this machine, and whether that process still runs: what was killed need not be waited for. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

export interface Holder {
  /** Of this run. */
  readonly name: string;
  /** Whether the process of another holder has surely ended. A process id that was given anew counts as running. */
  isGone(holder: string): boolean;
}

const prefix = (): string => `${hostname()}/`;

export function processHolder(): Holder {
  return {
    name: `${prefix()}${process.pid}/${randomUUID()}`,
    isGone: (holder) => {
      if (!holder.startsWith(prefix())) return false;
      const pid = Number(holder.slice(prefix().length).split('/')[0]);
      if (!Number.isInteger(pid) || pid <= 0) return false;
      try {
        process.kill(pid, 0);
        return false;
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'ESRCH';
      }
    },
  };
}
