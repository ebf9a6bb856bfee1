/** What each function is given to work with: memory, time, and how many lanes at once. */
import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from '../shared/contract/environment.ts';

export interface Setting {
  readonly does: string;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  /**
   * How many rings at once; Lambda's least is 2. This is the brake, and no concurrency is reserved: two workers of one lane are kept apart by
   * its lease, and a reservation fails to deploy in accounts that have little to give.
   */
  readonly atOnce: number;
}

/** Lambda's own limit; a lane stops a minute before it with everything stored. */
const LONGEST = Duration.minutes(15);

export const SETTINGS: Readonly<Record<FunctionName, Setting>> = {
  wake: {
    does: 'rings every lane that has something due',
    ...{ memoryMiB: 256, timeout: Duration.minutes(1), atOnce: 2 },
  },
  inventory: {
    does: 'looks at one cluster, or at what the file names, and judges it',
    ...{ memoryMiB: 512, timeout: LONGEST, atOnce: 5 },
  },
  issue: {
    does: 'orders what is due at one issuer',
    ...{ memoryMiB: 512, timeout: LONGEST, atOnce: 5 },
  },
  deliver: {
    does: 'writes to one cluster or store, and reads it back',
    ...{ memoryMiB: 512, timeout: LONGEST, atOnce: 5 },
  },
  notify: {
    does: 'tells people what they must act on',
    ...{ memoryMiB: 256, timeout: Duration.minutes(5), atOnce: 2 },
  },
};
