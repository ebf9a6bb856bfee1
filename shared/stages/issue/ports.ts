/** What the stage needs of the world. */
import type { IssuerId } from '../../contract/ids.ts';
import type { AttemptContext, Authority, Clock, Journal, Seal } from '../../contract/ports.ts';
import type { Records } from '../../contract/records.ts';
import type { ChallengeBatches } from './challenge-batches.ts';

export interface IssuePorts {
  /** The fleet's name: keys are sealed for it. */
  readonly fleet: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly seal: Seal<AttemptContext>;
  /** Throws ProblemError where the issuer is gone or cannot be used. */
  readonly authorityOf: (issuer: IssuerId) => Promise<Authority>;
  readonly challenges: ChallengeBatches;
}
