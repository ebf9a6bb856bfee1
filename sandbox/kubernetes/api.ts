/** The verbs: what a request that may be made does to the objects. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Asked, json } from '../listen.ts';
import { allowed, forbidden, type Rbac, type User } from './access.ts';
import { appliedConfig, bodyObject, patchKind, settled } from './bodies.ts';
import { apply, ownersAfterUpdate, type Who } from './managers.ts';
import { type Fields, isFields, type KubernetesObject, type ManagedFieldsEntry, withMetadata } from './object.ts';
import { mergePatch, strategicPatch } from './patches.ts';
import { formOf, listOf, oneObject } from './representation.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { fieldSelector, labelSelector, type Selects } from './selectors.ts';
import { alreadyExists, badRequest, cause, conflict, internal, invalid, methodNotAllowed, notFound } from './status.ts';
import type { Store } from './store.ts';
import type { ResourceTarget } from './target.ts';
import { limitOf, validate, type WriteOptions, writeOptions } from './validation.ts';

export interface Call {
  readonly target: ResourceTarget;
  readonly resource: Resource;
  readonly asked: Asked;
  readonly user: User;
}

interface Named extends Call {
  readonly name: string;
}

interface Write {
  readonly call: Named;
  readonly options: WriteOptions;
  readonly after: KubernetesObject;
  /** Owners where an apply told them. */
  readonly entries?: readonly ManagedFieldsEntry[];
}

const DEFAULT_NAMESPACES: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  shortNames: [],
  namespaced: false,
  custom: false,
  status: false,
  empty: {},
};

/** The manager of who names none: the client's name without its version. */
const managerOf = ({ headers }: Asked, { fieldManager }: WriteOptions): string =>
  fieldManager ?? (headers['user-agent'] ?? '').split('/')[0]?.slice(0, 128) ?? '';

const withoutTimes = (object: KubernetesObject): KubernetesObject =>
  withMetadata(object, { managedFields: object.metadata.managedFields?.map(({ time: _, ...entry }) => entry) });

const contentOf = ({ metadata: _, status: __, ...content }: KubernetesObject): Fields => content;

export class Api {
  readonly #store: Store;
  readonly #rbac: Rbac;

  constructor(store: Store, rbac: Rbac) {
    this.#store = store;
    this.#rbac = rbac;
  }

  perform(call: Call): Answer {
    const { target, asked } = call;
    const { name } = target;
    const form = formOf(asked.headers.accept);
    if (target.verb === 'list') return this.#list(call, form);
    if (target.verb === 'deletecollection') return this.#deleteAll(call, form);
    if (target.verb === 'create' && name === undefined) {
      const options = writeOptions('create', asked.query);
      return oneObject(this.#create(call, options), call.resource, form, 201);
    }
    if (name === undefined) throw methodNotAllowed();
    const named = { ...call, name };
    if (target.verb === 'get') return oneObject(this.#present(named), call.resource, form);
    if (target.verb === 'update') return oneObject(this.#replace(named), call.resource, form);
    if (target.verb === 'delete') return this.#delete(named);
    if (target.verb !== 'patch') throw methodNotAllowed();
    const { object, isNew } = this.#patch(named);
    return oneObject(object, call.resource, form, isNew ? 201 : 200);
  }

  #selected({ resource, asked }: Call): Selects {
    const byField = fieldSelector(resource, asked.query.get('fieldSelector') ?? '');
    const byLabel = labelSelector(asked.query.get('labelSelector') ?? '');
    return (object) => byField(object) && byLabel(object);
  }

  #list(call: Call, form: ReturnType<typeof formOf>): Answer {
    const { resource, target, asked } = call;
    const { query } = asked;
    const limit = limitOf(query);
    // version 0 means "whatever the cache has", which knows no pages
    const page = this.#store.page(resource, {
      namespace: target.namespace,
      limit: query.get('resourceVersion') === '0' ? 0 : limit,
      token: query.get('continue') || undefined,
      selects: this.#selected(call),
    });
    const isSelected = query.has('fieldSelector') || query.has('labelSelector');
    return listOf({ page, resource, form, isSelected });
  }

  #deleteAll(call: Call, form: ReturnType<typeof formOf>): Answer {
    const { resource, target } = call;
    const options = { namespace: target.namespace, limit: 0, token: undefined, selects: this.#selected(call) };
    const page = this.#store.page(resource, options);
    for (const object of page.items) this.#store.remove(resource, object);
    return listOf({ page, resource, form, isSelected: true });
  }

  #find({ resource, target, name }: Named): KubernetesObject | undefined {
    return this.#store.get(resource, resource.namespaced ? target.namespace : undefined, name);
  }

  #present(call: Named): KubernetesObject {
    const object = this.#find(call);
    if (!object) throw notFound(call.resource, call.name);
    return object;
  }

  #create(call: Call, options: WriteOptions): KubernetesObject {
    const { resource, asked } = call;
    const { strict } = options;
    const body = bodyObject(asked.body.toString(), asked.headers['content-type'], { resource, strict });
    const { generateName, name = '' } = body.metadata;
    const made =
      typeof generateName === 'string' && name === ''
        ? generateName + randomBytes(3).toString('hex').slice(0, 5)
        : name;
    if (body.metadata.resourceVersion) throw internal('resourceVersion should not be set on objects to be created');
    return this.#add({ call: { ...call, name: made }, options, after: withMetadata(body, { name: made }) });
  }

  #checkPlace({ resource, target, name }: Named, { metadata }: KubernetesObject): void {
    if (metadata.name !== undefined && metadata.name !== name)
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
    if (resource.namespaced && metadata.namespace !== undefined && metadata.namespace !== target.namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }

  #who({ resource, target, asked }: Named, options: WriteOptions): Who {
    const { subresource } = target;
    return {
      manager: managerOf(asked, options),
      apiVersion: apiVersionOf(resource),
      ...(subresource === undefined ? {} : { subresource }),
    };
  }

  #add({ call, options, after, entries }: Write): KubernetesObject {
    const { resource, target, name } = call;
    this.#checkPlace(call, after);
    const { namespace } = target;
    if (resource.namespaced && namespace !== undefined && !this.#store.get(DEFAULT_NAMESPACES, undefined, namespace))
      throw notFound(DEFAULT_NAMESPACES, namespace);
    const { status: _, ...content } = after;
    const labels = resource.kind === 'Namespace' ? { 'kubernetes.io/metadata.name': name } : {};
    const allLabels = { ...after.metadata.labels, ...labels };
    const fresh = withMetadata({ ...resource.empty, ...(resource.status ? content : after) } as KubernetesObject, {
      name,
      namespace: resource.namespaced ? namespace : undefined,
      labels: Object.keys(allLabels).length > 0 ? allLabels : undefined,
      uid: undefined,
      resourceVersion: undefined,
      creationTimestamp: undefined,
      managedFields: undefined,
      generation: resource.status ? 1 : undefined,
    });
    validate(resource, fresh);
    if (this.#find(call)) throw alreadyExists(resource, name);
    const now = new Date();
    const who = this.#who(call, options);
    const managedFields = entries ?? ownersAfterUpdate({ before: resource.empty, after: fresh, entries: [], who, now });
    return this.#store.put(resource, withMetadata(fresh, { managedFields }), { now, dryRun: options.dryRun });
  }

  #replace(call: Named): KubernetesObject {
    const { resource, asked } = call;
    const options = writeOptions('update', asked.query);
    const { strict } = options;
    const body = bodyObject(asked.body.toString(), asked.headers['content-type'], { resource, strict });
    this.#checkPlace(call, body);
    const before = this.#present(call);
    const { uid } = body.metadata;
    if (resource.custom && !body.metadata.resourceVersion) {
      const required = cause(
        'invalid',
        'metadata.resourceVersion',
        'Invalid value: 0: must be specified for an update',
      );
      throw invalid({ group: resource.group, kind: resource.plural }, call.name, [required]);
    }
    if (uid !== undefined && uid !== before.metadata.uid) {
      const key = [
        '/registry',
        ...(resource.custom ? [resource.group] : []),
        resource.plural,
        call.target.namespace,
        call.name,
      ];
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
      const text = `StorageError: invalid object, Code: 4, Key: ${key.filter(Boolean).join('/')}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
      throw conflict(resource, call.name, text);
    }
    return this.#change({ call, options, after: body }, before);
  }

  #patch(call: Named): { object: KubernetesObject; isNew: boolean } {
    const { resource, asked } = call;
    const kind = patchKind(asked.headers['content-type'], resource);
    const options = writeOptions('patch', asked.query, kind === 'apply');
    const text = asked.body.toString();
    if (kind === 'apply') return this.#apply(call, options, text);
    const before = this.#present(call);
    const patch: unknown = JSON.parse(text);
    const patched = kind === 'merge' ? mergePatch(before, patch) : strategicPatch(before, patch);
    const after = settled(patched as Fields, resource, badRequest);
    this.#checkPlace(call, after);
    return { object: this.#change({ call, options, after }, before), isNew: false };
  }

  #apply(call: Named, options: WriteOptions, text: string): { object: KubernetesObject; isNew: boolean } {
    const { resource, target, name, user } = call;
    const { namespace } = target;
    const config = appliedConfig(text, { resource, namespace, name });
    const refuse = (why: string): Error =>
      internal(
        `failed to convert new object (${namespace === undefined ? '' : `${namespace}/`}${name}; ${describe(resource)}) to proper version: unable to convert unstructured object to ${describe(resource)}: error decoding from json: ${why}`,
      );
    const before = this.#find(call);
    if (!before) {
      const creation = { ...target, verb: 'create' };
      if (allowed(user, creation, this.#rbac) === undefined) throw forbidden(user, creation);
    }
    const live = before ?? { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name } };
    const who = this.#who(call, options);
    const applied = apply({
      live,
      config,
      who,
      force: options.force,
      entries: live.metadata.managedFields ?? [],
      now: new Date(),
    });
    const after = settled(applied.object, resource, refuse);
    const write = { call, options, after, entries: applied.entries };
    this.#checkPlace(call, after);
    return before ? { object: this.#change(write, before), isNew: false } : { object: this.#add(write), isNew: true };
  }

  #change({ call, options, after, entries }: Write, before: KubernetesObject): KubernetesObject {
    const { resource, target, name } = call;
    const { uid, creationTimestamp, resourceVersion, generation = 0, managedFields } = before.metadata;
    const wanted = after.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== resourceVersion) throw conflict(resource, name);
    const merged = this.#partOf(resource, target.subresource, { before, after });
    const isChanged = !isDeepStrictEqual(contentOf(before), contentOf(merged));
    const next = withMetadata({ ...resource.empty, ...merged } as KubernetesObject, {
      name,
      namespace: before.metadata.namespace,
      uid: after.metadata.uid ?? uid,
      creationTimestamp,
      resourceVersion,
      generation: resource.status ? generation + (isChanged ? 1 : 0) : undefined,
    });
    validate(resource, next, before);
    const now = new Date();
    const who = this.#who(call, options);
    const owners = entries ?? ownersAfterUpdate({ before, after: next, entries: managedFields ?? [], who, now });
    const owned = withMetadata(next, { managedFields: owners });
    if (isDeepStrictEqual(withoutTimes(owned), withoutTimes(before))) return before;
    return this.#store.put(resource, owned, { now, dryRun: options.dryRun });
  }

  /** Status changes by its own path only, and nothing else by that. */
  #partOf(resource: Resource, subresource: string | undefined, { before, after }: Change): KubernetesObject {
    if (!resource.status) return after;
    const [content, status] = subresource === 'status' ? [before, after.status] : [after, before.status];
    const { status: _, ...others } = content;
    return { ...others, ...(status === undefined ? {} : { status }) } as KubernetesObject;
  }

  #delete(call: Named): Answer {
    const { resource, asked, name } = call;
    const object = this.#present(call);
    const body: unknown = asked.body.length > 0 ? JSON.parse(asked.body.toString()) : {};
    const preconditions = isFields(body) && isFields(body.preconditions) ? body.preconditions : {};
    const { resourceVersion, uid } = object.metadata;
    const unmet = (what: string, wanted: unknown, is: unknown, so: string): Error =>
      conflict(
        { group: '', plural: resource.kind },
        name,
        `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is}). The object might have been ${so}`,
      );
    if (preconditions.uid !== undefined && preconditions.uid !== uid)
      throw unmet('UID', preconditions.uid, uid, 'deleted and then recreated');
    if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
      throw unmet('ResourceVersion', preconditions.resourceVersion, resourceVersion, 'modified');
    this.#store.remove(resource, object);
    const details = { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural, uid };
    return json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }
}

interface Change {
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
}

/** `/v1, Kind=Secret`: how Go writes a kind. */
const describe = (resource: Resource): string => `${resource.group}/${resource.version}, Kind=${resource.kind}`;
