/** All objects of a kind, each as what is taken of it. */
import type { ClusterKind, ClusterReader, KubernetesObject, OptionalKind } from '../../contract/ports.ts';

/** By uid: a list that had to start again can give an object twice, the newer one later. */
export async function readAll<T>(
  reader: ClusterReader,
  kind: ClusterKind | OptionalKind,
  take: (object: KubernetesObject) => T,
  as: 'metadata' | 'object' = 'object',
) {
  const taken = new Map<string, T>();
  for await (const page of reader.pages(kind, as)) for (const one of page) taken.set(one.metadata.uid, take(one));
  return [...taken.values()];
}
