/** Which field manager owns which `data` keys of a Secret, read from its managedFields (Kubernetes: Server-Side Apply, "Field management"). */
import type { FieldManager } from '../../contract/observation.ts';
import type { KubernetesObject } from '../../contract/ports.ts';

type ManagedFields = KubernetesObject['metadata']['managedFields'];

const FIELD = 'f:';

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** FieldsV1 names a field `f:<name>`, and `.` the map itself. */
function dataKeysOf(fieldsV1: unknown): readonly string[] {
  const data = isMap(fieldsV1) ? fieldsV1['f:data'] : undefined;
  if (!isMap(data)) return [];
  return Object.keys(data)
    .filter((field) => field.startsWith(FIELD))
    .map((field) => field.slice(FIELD.length))
    .sort();
}

/** One entry for each entry of managedFields, in its order; an unnamed manager is `unknown`. */
export const fieldManagers = (managedFields: ManagedFields): readonly FieldManager[] =>
  (managedFields ?? []).map(({ manager, operation, fieldsV1 }) => ({
    manager: manager || 'unknown',
    operation: operation === 'Apply' ? 'Apply' : 'Update',
    dataKeys: dataKeysOf(fieldsV1),
  }));
