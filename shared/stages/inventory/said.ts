/** What objects of cert-manager's kinds say of themselves, beside what they ask for. */
import type { KubernetesObject } from '../../contract/ports.ts';
import type { ToldObject } from '../../contract/status.ts';

/** Kept for the pass and stored nowhere: whoever may write it may put a key there. */
export interface StatusSeen {
  readonly object: ToldObject;
  readonly generation: number;
  readonly status: unknown;
}

/** What was found, and what the object says. */
export interface FoundSaying<T> {
  readonly found: T;
  readonly says: StatusSeen;
}

/** Reads an object both ways; items of a list do not say their kind themselves. */
export const saying =
  <T>(kind: ToldObject['kind'], cluster: string, read: (object: KubernetesObject) => T) =>
  (object: KubernetesObject): FoundSaying<T> => {
    const { name, namespace, generation = 0 } = object.metadata;
    const told: ToldObject = { cluster, kind, ...(namespace === undefined ? {} : { namespace }), name };
    return { found: read(object), says: { object: told, generation, status: object.status } };
  };

export const foundIn = <T>(all: readonly FoundSaying<T>[]): readonly T[] => all.map(({ found }) => found);
