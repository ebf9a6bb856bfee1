/** Which clusters a namespaced document of the fleet file belongs to: its annotation, else the only cluster there is. */
import type { Cluster } from '../contract/fleet.ts';
import { CLUSTERS_ANNOTATION } from '../contract/marks.ts';
import type { FileDocument } from './documents.ts';
import { valueAt } from './errors.ts';
import type { Say } from './resolve-settings.ts';
import { listed, nearestWord, shown } from './words.ts';

const ANNOTATION = ['metadata', 'annotations', CLUSTERS_ANNOTATION] as const;

/** Says that a cluster is not of this fleet, with those that are. */
export function unknownCluster(
  name: string,
  clusters: readonly Cluster[],
): { readonly message: string; readonly fix?: string } {
  const names = clusters.map((cluster) => cluster.name);
  const near = nearestWord(name, names);
  return {
    message: `there is no cluster ${shown(name)} in this fleet; it has: ${listed(names)}`,
    ...(near ? { fix: `did you mean ${near}?` } : {}),
  };
}

/** The clusters, in the order of the fleet; none where a problem was said. */
export function clustersOf(document: FileDocument, clusters: readonly Cluster[], say: Say): readonly Cluster[] {
  const annotation = valueAt(document.value, ANNOTATION);
  if (typeof annotation !== 'string') {
    if (clusters.length === 1) return clusters;
    say({
      where: document.where(['metadata']),
      message: `metadata: the fleet has ${clusters.length} clusters, and nothing says which of them this belongs to`,
      fix: `add the annotation ${CLUSTERS_ANNOTATION}: ${clusters.map((c) => c.name).join(',') || '<cluster>'} or "*"`,
    });
    return [];
  }
  if (annotation.trim() === '*') return clusters;
  const names = annotation.split(',').map((name) => name.trim());
  for (const name of names) {
    if (clusters.some((cluster) => cluster.name === name)) continue;
    const { message, ...fix } = unknownCluster(name, clusters);
    say({ where: document.where(ANNOTATION), message: `${CLUSTERS_ANNOTATION}: ${message}`, ...fix });
  }
  return clusters.filter((cluster) => names.includes(cluster.name));
}
