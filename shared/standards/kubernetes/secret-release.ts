/** The merge patch that gives a Secret back: our marks and our ownership of its fields are gone, all else stays as it is. */
import { fieldManager, MARK } from '../../contract/marks.ts';
import type { KubernetesObject } from '../../contract/ports.ts';

type ManagedFields = NonNullable<KubernetesObject['metadata']['managedFields']>;

export interface ReleasePatch {
  readonly metadata: {
    /** Makes the API server answer 409 where there is a newer version than the one that was looked at. */
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, null>>;
    readonly managedFields: ManagedFields;
  };
}

/**
 * For a Secret that nobody else owns a field of. Without any owner, all of it would belong to Kubernetes' `before-first-apply` as soon as
 * somebody applies, who would meet conflicts; one who owns the type alone, which cannot change, is in nobody's way.
 */
const NOBODY = {
  ...{ manager: 'before-first-apply', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' },
  fieldsV1: { 'f:type': {} },
} as const;

/** Undefined = nothing of ours is there. What cert-manager would write as well stays, so that it can go on from there. */
export function releasePatch({ metadata }: KubernetesObject, fleet: string): ReleasePatch | undefined {
  const { resourceVersion, annotations = {}, managedFields = [] } = metadata;
  const marks = Object.values(MARK).filter((name) => annotations[name] !== undefined);
  const others = managedFields.filter(({ manager }) => manager !== fieldManager(fleet));
  if (marks.length === 0 && others.length === managedFields.length) return undefined;
  return {
    metadata: {
      resourceVersion,
      annotations: Object.fromEntries(marks.map((name) => [name, null])),
      managedFields: others.length > 0 ? others : [NOBODY],
    },
  };
}
