/** Statuses of a cluster as a tiny object: writes over what was seen only, owned by whoever has written last, and can be made to fail. */

import type { KubernetesObject, StatusWriter } from '../../../shared/contract/ports.ts';
import { type Problem, ProblemError } from '../../../shared/contract/problem.ts';
import { keys } from '../../../shared/contract/records.ts';
import type { ToldObject } from '../../../shared/contract/status.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface MemoryStatuses extends StatusWriter {
  /** By `<kind>/<namespace>/<name>`. */
  readonly objects: Map<string, KubernetesObject>;
  readonly reads: string[];
  readonly writes: string[];
  fails: Problem | undefined;
  /** What somebody else does between the look and the write. */
  meddle: (key: string) => void;
}

const keyOf = (object: ToldObject): string => keys.status(object).sk;

/** The seconds of that instant stand in the entry of whoever writes. */
export function memoryStatuses(now: () => Date, manager = 'nolapse-acme'): MemoryStatuses {
  const world: MemoryStatuses = {
    ...{ objects: new Map(), reads: [], writes: [], fails: undefined, meddle: () => undefined },
    async read(object) {
      const key = keyOf(object);
      world.reads.push(key);
      if (world.fails) throw new ProblemError(world.fails);
      const found = world.objects.get(key);
      world.meddle(key);
      return found;
    },
    async write(object, { clear = {}, status }, seenVersion) {
      const key = keyOf(object);
      const found = world.objects.get(key);
      if (!found) throw new ProblemError({ type: 'kubernetes:NotFound', detail: key, retry: 'never' });
      if (found.metadata.resourceVersion !== seenVersion)
        throw new ProblemError({ type: 'kubernetes:Conflict', detail: key, retry: 'later' });
      world.writes.push(key);
      const cleared = Object.entries({ ...(found.status as Fields), ...clear }).filter(([, value]) => value !== null);
      world.objects.set(key, {
        ...found,
        status: { ...Object.fromEntries(cleared), ...status },
        metadata: {
          ...found.metadata,
          resourceVersion: String(Number(seenVersion) + 1),
          managedFields: [
            ...(found.metadata.managedFields ?? []).filter((one) => one.manager !== manager),
            { manager, operation: 'Apply', subresource: 'status', time: `${now().toISOString().slice(0, 19)}Z` },
          ],
        },
      });
    },
  };
  return world;
}
