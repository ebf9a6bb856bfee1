/** How an answer is written: whole objects, lists, or their metadata alone, as the Accept header asks. */
import { type Answer, json } from '../listen.ts';
import type { KubernetesObject, ObjectMeta } from './object.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { notAcceptable } from './status.ts';
import type { Page } from './store.ts';
import { tableOf } from './tables.ts';

export type Form = 'whole' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'Table';

/** The first form that is served; a Table of kinds that have definitions of their own. Throws 406 when there is none. */
export function formOf(accept: string | undefined): Form {
  for (const range of (accept ?? '*/*').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice('as='.length);
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    if (as === undefined) return 'whole';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' || as === 'Table') return as;
  }
  const served = 'Available representations: application/json, application/yaml, application/vnd.kubernetes.protobuf';
  throw notAcceptable(`406: Not Acceptable\n\n${served}`, {});
}

const partial = (metadata: ObjectMeta) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

const goType = ({ custom, kind }: Resource): string => (custom ? '*unstructured.Unstructured' : `*core.${kind}`);

export interface Shown {
  readonly resource: Resource;
  readonly form: Form;
}

export function oneObject(object: KubernetesObject, { resource, form }: Shown, status = 200): Answer {
  if (form === 'PartialObjectMetadataList')
    throw notAcceptable(`you requested ${form}, but the requested object is not a list (${goType(resource)})`);
  if (form === 'PartialObjectMetadata') return json(partial(object.metadata), status);
  const { kind, apiVersion, metadata, ...fields } = object;
  return json({ kind, apiVersion, metadata, ...fields }, status);
}

/** Items of built-in kinds do not say what they are. */
function item(object: KubernetesObject, { custom }: Resource): unknown {
  if (custom) return object;
  const { kind: _, apiVersion: __, ...bare } = object;
  return bare;
}

export interface ListAnswer extends Shown {
  readonly page: Page;
  /** A selected list does not say how many remain. */
  readonly isSelected: boolean;
}

export function listOf({ page, resource, form, isSelected }: ListAnswer): Answer {
  if (form === 'PartialObjectMetadata')
    throw notAcceptable(`you requested ${form}, but the requested object is a list (${goType(resource)}List)`);
  const isPartial = form === 'PartialObjectMetadataList';
  const isLast = page.continue === undefined;
  const metadata = {
    ...(isLast ? (resource.custom && form === 'whole' ? { continue: '' } : {}) : { continue: page.continue }),
    ...(isLast || isSelected ? {} : { remainingItemCount: page.remaining }),
    resourceVersion: page.resourceVersion,
  };
  if (form === 'Table' && resource.custom)
    return json({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, ...tableOf(page.items, resource) });
  if (isPartial) {
    const items = page.items.map((object) => partial(object.metadata));
    return json({ kind: form, apiVersion: 'meta.k8s.io/v1', metadata, items });
  }
  const items = page.items.map((object) => item(object, resource));
  return json({ kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items });
}
