/** Lists as people see them: the columns that cert-manager's definitions name, as `kubectl get` asks for them. */
import { isFields, type KubernetesObject } from './object.ts';
import type { Resource } from './resources.ts';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'date';
  readonly format: '' | 'name';
  readonly description: string;
  /** 1 = for `-o wide` only. */
  readonly priority: 0 | 1;
  readonly cell: (object: KubernetesObject, now: Date) => unknown;
}

const NAME_TEXT =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE_TEXT =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.';

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((inner, name) => (isFields(inner) ? inner[name] : undefined), value);

function ready({ status }: KubernetesObject, field: string): unknown {
  const conditions = at(status, 'conditions');
  const found = Array.isArray(conditions) ? conditions.find((one) => at(one, 'type') === 'Ready') : undefined;
  return at(found, field);
}

const defined = (name: string, path: string, priority: 0 | 1, cell: Column['cell']): Column => ({
  ...{ name, type: 'string', format: '', priority, cell },
  description: `Custom resource definition column (in JSONPath format): ${path}`,
});

const READY = '.status.conditions[?(@.type == "Ready")]';

/** As old as it is, in the largest unit that is full. */
function age({ metadata: { creationTimestamp } }: KubernetesObject, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(String(creationTimestamp))) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

const OF_CERTIFICATES: readonly Column[] = [
  defined('Secret', '.spec.secretName', 0, ({ spec }) => at(spec, 'secretName')),
  defined('Issuer', '.spec.issuerRef.name', 1, ({ spec }) => at(spec, 'issuerRef', 'name')),
];

const columnsOf = ({ kind }: Resource): readonly Column[] => [
  {
    ...{ name: 'Name', type: 'string', format: 'name', description: NAME_TEXT, priority: 0 },
    cell: ({ metadata: { name } }) => name,
  },
  defined('Ready', `${READY}.status`, 0, (object) => ready(object, 'status')),
  ...(kind === 'Certificate' ? OF_CERTIFICATES : []),
  defined('Status', `${READY}.message`, 1, (object) => ready(object, 'message')),
  { ...{ name: 'Age', type: 'date', format: '', description: AGE_TEXT, priority: 0 }, cell: age },
];

/** The body of a Table, but for its metadata. Only kinds with definitions of their own have one here. */
export function tableOf(items: readonly KubernetesObject[], resource: Resource, now = new Date()): object {
  const columns = columnsOf(resource);
  return {
    columnDefinitions: columns.map(({ name, type, format, description, priority }) => ({
      ...{ name, type, format, description, priority },
    })),
    rows: items.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, now) ?? null),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}
