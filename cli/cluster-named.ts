/** From what somebody typed to the cluster of the fleet file that it names. */
import type { Cluster, Fleet } from '../shared/contract/fleet.ts';
import { InputError } from '../shared/contract/problem.ts';
import { listed, nearestWord } from '../shared/fleet/words.ts';

/** Throws InputError with the nearest name. */
export function clusterNamed(typed: string, { clusters }: Fleet): Cluster {
  const found = clusters.find(({ name }) => name === typed);
  if (found) return found;
  const names = clusters.map(({ name }) => name);
  const near = nearestWord(typed, names);
  const message = `the fleet has no cluster ${JSON.stringify(typed)}; it has ${listed(names)}`;
  throw new InputError([{ where: '<cluster>', message, ...(near ? { fix: `did you mean ${near}?` } : {}) }]);
}
