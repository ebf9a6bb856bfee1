/** New objects and changed ones on their way into the store: what the server sets itself, owners, generations, validation. */
import { isDeepStrictEqual } from 'node:util';
import { find, type NamedCall } from './call.ts';
import { type Fields, type KubernetesObject, type ManagedFieldsEntry, withMetadata } from './object.ts';
import { ownersAfterUpdate, ownersSet, type Who } from './owners.ts';
import { apiVersionOf, NAMESPACES, type Resource } from './resources.ts';
import { alreadyExists, badRequest, conflict, notFound } from './status.ts';
import type { Store } from './store.ts';
import { validate, type WriteOptions } from './validation.ts';

export interface Write {
  readonly call: NamedCall;
  readonly options: WriteOptions;
  readonly after: KubernetesObject;
  /** Owners where an apply told them. */
  readonly entries?: readonly ManagedFieldsEntry[];
}

/** Who writes; without a field manager the client's name without its version. */
export function whoWrites({ resource, target, asked }: NamedCall, { fieldManager }: WriteOptions): Who {
  const { subresource } = target;
  const client = (asked.headers['user-agent'] ?? '').split('/')[0]?.slice(0, 128) ?? '';
  return {
    manager: fieldManager ?? client,
    apiVersion: apiVersionOf(resource),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** Throws 400 for an object that belongs elsewhere than the path says. */
export function checkPlace({ resource, target, name }: NamedCall, { metadata }: KubernetesObject): void {
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (resource.namespaced && metadata.namespace !== undefined && metadata.namespace !== target.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

const withoutTimes = (object: KubernetesObject): KubernetesObject =>
  withMetadata(object, { managedFields: object.metadata.managedFields?.map(({ time: _, ...entry }) => entry) });

const contentOf = ({ metadata: _, status: __, ...content }: KubernetesObject): Fields => content;

interface Change {
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
  readonly subresource: string | undefined;
}

/** Status changes by its own path only, and nothing else by that. */
function partWritten(resource: Resource, { before, after, subresource }: Change): KubernetesObject {
  if (!resource.status) return after;
  const [content, status] = subresource === 'status' ? [before, after.status] : [after, before.status];
  const { status: _, ...others } = content;
  return { ...others, ...(status === undefined ? {} : { status }) } as KubernetesObject;
}

/** A new object without what only the server sets. */
function freshObject({ resource, target, name }: NamedCall, after: KubernetesObject): KubernetesObject {
  const { status: _, ...content } = after;
  const own = resource.kind === 'Namespace' ? { 'kubernetes.io/metadata.name': name } : {};
  const labels = { ...after.metadata.labels, ...own };
  return withMetadata({ ...resource.empty, ...(resource.status ? content : after) } as KubernetesObject, {
    name,
    namespace: resource.namespaced ? target.namespace : undefined,
    labels: Object.keys(labels).length > 0 ? labels : undefined,
    uid: undefined,
    resourceVersion: undefined,
    creationTimestamp: undefined,
    managedFields: undefined,
    generation: resource.status ? 1 : undefined,
  });
}

export class Commits {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws 400, 404 for its namespace, 422, and 409 where there is one of the name. */
  add({ call, options, after, entries }: Write): KubernetesObject {
    const { resource, target, name } = call;
    checkPlace(call, after);
    const { namespace } = target;
    if (resource.namespaced && namespace !== undefined && !this.#store.get(NAMESPACES, undefined, namespace))
      throw notFound(NAMESPACES, namespace);
    const fresh = freshObject(call, after);
    validate(resource, fresh);
    if (find(this.#store, call)) throw alreadyExists(resource, name);
    const now = new Date();
    const update = { before: resource.empty, after: fresh, entries: [], who: whoWrites(call, options), now };
    const managedFields = entries ?? ownersAfterUpdate(update);
    return this.#store.put(resource, withMetadata(fresh, { managedFields }), { now, dryRun: options.dryRun });
  }

  /** Throws 409 for a stale version, and 422. What changes nothing is not written. */
  change({ call, options, after, entries }: Write, before: KubernetesObject): KubernetesObject {
    const { resource, target, name } = call;
    const { uid, creationTimestamp, resourceVersion, generation = 0, managedFields } = before.metadata;
    const wanted = after.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== resourceVersion) throw conflict(resource, name);
    const written = partWritten(resource, { before, after, subresource: target.subresource });
    const isChanged = !isDeepStrictEqual(contentOf(before), contentOf(written));
    const next = withMetadata({ ...resource.empty, ...written } as KubernetesObject, {
      name,
      namespace: before.metadata.namespace,
      uid: after.metadata.uid ?? uid,
      creationTimestamp,
      resourceVersion,
      generation: resource.status ? generation + (isChanged ? 1 : 0) : undefined,
    });
    validate(resource, next, before);
    const now = new Date();
    const owners = ownersSet(after.metadata) ?? managedFields ?? [];
    const update = { before, after: next, entries: owners, who: whoWrites(call, options), now };
    // what has no owner gets none until somebody applies
    const told = entries ?? (owners.length > 0 ? ownersAfterUpdate(update) : undefined);
    const owned = withMetadata(next, { managedFields: told });
    if (isDeepStrictEqual(withoutTimes(owned), withoutTimes(before))) return before;
    return this.#store.put(resource, owned, { now, dryRun: options.dryRun });
  }
}
