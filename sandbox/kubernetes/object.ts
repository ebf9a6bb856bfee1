/** Kubernetes objects as values: what every kind has in common. */

export type Fields = Readonly<Record<string, unknown>>;

export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

export interface ObjectMeta extends Fields {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

export interface KubernetesObject extends Fields {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object with some of its metadata replaced; what is replaced by undefined is gone. */
export function withMetadata(object: KubernetesObject, changes: Fields): KubernetesObject {
  const metadata = Object.fromEntries(
    Object.entries({ ...object.metadata, ...changes }).filter(([, value]) => value !== undefined),
  );
  return { ...object, metadata: metadata as ObjectMeta };
}

/** An instant as the API writes it: whole seconds. */
export const instant = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;
