/** What an inventory tells of itself while it works: to whoever watches, and in no row. */
import { inventoryLane } from '../contract/ids.ts';
import { PAGE_SIZE } from '../contract/limits.ts';
import type { Clock } from '../contract/ports.ts';
import type { Happened } from '../contract/rows.ts';

/** Fifty thousand Secrets are a hundred pages: in a pipe each would be a line. */
const EVERY_MS = 3_000;

/** Says of each source how far it is, the first time when it is more than one answer. */
export function inventoryTold(clock: Pick<Clock, 'now'>, watch: (happened: Happened) => void) {
  const lastAt = new Map<string, number>();
  const tell = (source: string, what: string, detail: Happened['detail']): void =>
    watch({ subject: inventoryLane(source), what, stage: 'inventory', at: clock.now().toISOString(), detail });
  return {
    progress: (source: string, seen: number): void => {
      const now = clock.now().getTime();
      if (seen < PAGE_SIZE || now - (lastAt.get(source) ?? 0) < EVERY_MS) return;
      lastAt.set(source, now);
      tell(source, 'inventory-reading', { secrets: String(seen) });
    },
    asking: (source: string, hosts: number): void => {
      if (hosts > 0) tell(source, 'inventory-asking', { hosts: String(hosts) });
    },
  };
}
