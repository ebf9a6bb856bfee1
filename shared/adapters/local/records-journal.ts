/** The journal in Records: a row for `explain` and a call to whoever watches. Telling changes nothing, so its own trouble is only told. */
import { randomBytes } from 'node:crypto';
import type { Clock, Journal } from '../../contract/ports.ts';
import { problemOf } from '../../contract/problem.ts';
import { type Records, rows } from '../../contract/records.ts';
import type { Happened } from '../../contract/rows.ts';

export interface JournalParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly watch: (happened: Happened) => void;
}

/**
 * Whoever watches hears of an event before it is stored. One that cannot be stored is followed by an event `not-recorded` (detail: `what` was
 * lost and the `problem`), which only the watcher gets. `tell` never rejects, whatever store or watcher do.
 */
export function recordsJournal({ records, clock, watch }: JournalParts): Journal {
  /** Events of one instant keep their order, and two processes never meet in one row. */
  const writer = randomBytes(4).toString('hex');
  let count = 0;
  const say = (happened: Happened): void => {
    try {
      watch(happened);
    } catch {
      // What a watcher makes of an event, a closed pipe for one, is no reason to stop the work that it watches.
    }
  };
  return {
    async tell(event) {
      const happened: Happened = { ...event, at: clock.now().toISOString() };
      count += 1;
      say(happened);
      try {
        await records.put(rows.event(happened, `${String(count).padStart(8, '0')}-${writer}`));
      } catch (error) {
        const { type } = problemOf(error);
        say({ ...happened, what: 'not-recorded', detail: { what: happened.what, problem: type } });
      }
    },
  };
}
