/** What the bundle of a function may weigh, in KiB. */
import type { FunctionName } from '../../shared/contract/environment.ts';

export const AIMS_KIB: Readonly<Record<FunctionName, number>> = {
  ...{ wake: 400, notify: 400, issue: 700, inventory: 1_500, deliver: 1_500 },
};

/** What they are held to: issue misses its aim by the X.509 of a library, and docs/adr/0017 says why that stays; rehearsals are read when one is asked for. */
export const AT_MOST_KIB: typeof AIMS_KIB = { ...AIMS_KIB, issue: 920 };
