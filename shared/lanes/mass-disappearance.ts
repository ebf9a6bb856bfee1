/** What stops a pass from closing what it suddenly does not see: for a day, then it is believed. */
import { type ObjectRef, subjectOf, type Verdict } from '../contract/finding.ts';
import { keys, type Records } from '../contract/records.ts';
import type { Wanted } from '../contract/rows.ts';

const CODE = 'mass-disappearance';
const BELIEVED_AFTER_MS = 86_400_000;

const objectOf = (cluster: string): ObjectRef => ({ cluster, kind: 'Cluster', name: cluster });

/** Whether the finding has stood for a day: long enough for somebody to see it, and to put back what was lost. */
export async function isConfirmed(
  cluster: string,
  { records, now }: { readonly records: Records; readonly now: Date },
): Promise<boolean> {
  const finding = (await records.get(keys.finding(subjectOf(objectOf(cluster)), CODE)))?.body;
  return finding !== undefined && !finding.resolvedAt && now.getTime() - Date.parse(finding.since) > BELIEVED_AFTER_MS;
}

export function disappearance(cluster: string, before: number, gone: readonly Wanted[]): Verdict {
  const ids = gone.map(({ id }) => id);
  return {
    code: CODE,
    severity: 'high',
    object: objectOf(cluster),
    names: [],
    message: `${gone.length} of ${before} certificates that were wanted in ${cluster} are gone at once; they are kept for a day`,
    evidence: { gone: ids.slice(0, 20).join(', ') },
    fix: 'Put back what was lost by mistake: what is still gone in a day is no longer renewed.',
    rootCause: `${CODE}:${cluster}`,
  };
}
