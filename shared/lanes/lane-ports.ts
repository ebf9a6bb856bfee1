/** What every lane needs of the world. */
import type { Fleet } from '../contract/fleet.ts';
import type { Bell, Clock, Journal } from '../contract/ports.ts';
import type { Records } from '../contract/records.ts';
import type { LeasePorts } from './lease.ts';

export interface LanePorts {
  readonly fleet: Fleet;
  readonly records: Records;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly holder: LeasePorts['holder'];
  /** Ends the work early, with everything stored. */
  readonly signal?: AbortSignal;
}
