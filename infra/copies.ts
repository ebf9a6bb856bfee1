/** The functions that a fleet needs: the five, and a copy of inventory and of deliver in every network that clusters are asked from. */
import type { FunctionName } from '../shared/contract/environment.ts';
import type { Fleet, Reach } from '../shared/contract/fleet.ts';
import { type RoleName, roleNames, rolePartsOf } from '../shared/rights/role-names.ts';

export interface Copy {
  readonly name: RoleName;
  readonly runs: FunctionName;
  /** The network it is in; absent = none of ours. */
  readonly reach?: Reach;
}

export const copiesOf = (fleet: Fleet): readonly Copy[] =>
  roleNames(fleet).map((name) => {
    const { name: runs, reach: place } = rolePartsOf(name);
    const reach = fleet.reach.find((one) => one.name === place);
    return { name, runs, ...(reach ? { reach } : {}) };
  });
