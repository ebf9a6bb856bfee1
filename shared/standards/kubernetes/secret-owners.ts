/** Merge patches that change who owns the fields of a Secret, and no value but our marks: to give it back, and to let somebody go on from it. */
import { isDeepStrictEqual } from 'node:util';
import { fieldManager, isMark, MARK } from '../../contract/marks.ts';
import type { KubernetesObject } from '../../contract/ports.ts';

type Metadata = KubernetesObject['metadata'];
type ManagedFields = NonNullable<Metadata['managedFields']>;
type Fields = Readonly<Record<string, unknown>>;

export interface OwnersPatch {
  readonly metadata: {
    /** Makes the API server answer 409 where there is a newer version than the one that was looked at. */
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, null>>;
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
export function releasePatch({ metadata }: KubernetesObject, fleet: string): OwnersPatch | undefined {
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

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const fieldsAt = (fields: Fields, name: string): Fields => {
  const inner = fields[name];
  return isFields(inner) ? inner : {};
};

/** FieldsV1 of the members of a map, but not of the map itself: nobody who applies owns that. */
const members = (names: readonly string[]): Fields =>
  Object.fromEntries(names.toSorted().map((name) => [`f:${name}`, {}]));

interface Texts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Records that `manager` has applied exactly these labels and annotations, our marks apart, beside whoever owns them already. Undefined =
 * it is recorded. An apply as that manager would do the same, and delete what only it owns and the body leaves out: `ca.crt`, references
 * to owners. What it owns of the rest stays its own here.
 */
export function sharePatch(metadata: Metadata, manager: string, texts: Texts): OwnersPatch | undefined {
  const { resourceVersion, managedFields = [] } = metadata;
  const isIts = (entry: ManagedFields[number]): boolean => entry.manager === manager;
  const before = managedFields.find((entry) => isIts(entry) && entry.operation === 'Apply')?.fieldsV1;
  const rest = isFields(before) ? before : {};
  const fieldsV1 = {
    ...rest,
    'f:metadata': {
      ...fieldsAt(rest, 'f:metadata'),
      'f:annotations': members(Object.keys(texts.annotations).filter((name) => !isMark(name))),
      'f:labels': members(Object.keys(texts.labels)),
    },
  };
  const isAlone = managedFields.filter(isIts).length === 1;
  if (isAlone && isDeepStrictEqual(before, fieldsV1)) return undefined;
  const entry = { manager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 };
  return { metadata: { resourceVersion, managedFields: [...managedFields.filter((one) => !isIts(one)), entry] } };
}
