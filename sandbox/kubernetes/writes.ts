/** Create, replace and patch: from a request to the object that shall be. */
import { randomBytes } from 'node:crypto';
import { allowed, forbidden, type Rbac } from './access.ts';
import { appliedConfig, bodyObject, patchKind, patchOf, settled } from './bodies.ts';
import { type Call, find, type NamedCall, present } from './call.ts';
import { Commits, checkPlace, whoWrites } from './commits.ts';
import { type Fields, type KubernetesObject, withMetadata } from './object.ts';
import { apply, ownersOfThePast } from './owners.ts';
import { mergePatch, strategicPatch } from './patches.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { badRequest, cause, conflict, internal, invalid, notFound } from './status.ts';
import type { Store } from './store.ts';
import { type WriteOptions, writeOptions } from './validation.ts';

export interface Written {
  readonly object: KubernetesObject;
  readonly isNew: boolean;
}

const VERSION_NEEDED = cause(
  'invalid',
  'metadata.resourceVersion',
  'Invalid value: 0: must be specified for an update',
);

/** Where etcd has it. */
const storageKey = ({ resource, target, name }: NamedCall): string =>
  ['/registry', ...(resource.custom ? [resource.group] : []), resource.plural, target.namespace, name]
    .filter((part) => part !== undefined)
    .join('/');

/** `/v1, Kind=Secret`: how Go writes a kind. */
const goKind = ({ group, version, kind }: Resource): string => `${group}/${version}, Kind=${kind}`;

function nameOf({ name = '', generateName }: KubernetesObject['metadata']): string {
  if (name !== '' || typeof generateName !== 'string') return name;
  return generateName + randomBytes(3).toString('hex').slice(0, 5);
}

/** Who applies by the path of the status owns nothing else, and by the other path no status. */
function claimable(config: Fields, { resource, target }: Call): Fields {
  if (!resource.status) return config;
  const { apiVersion, kind, metadata, status, ...content } = config;
  const part = target.subresource === 'status' ? { status } : content;
  return { ...given({ apiVersion, kind, metadata }), ...given(part) };
}

const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export class Writes {
  readonly #store: Store;
  readonly #rbac: Rbac;
  readonly #commits: Commits;

  constructor(store: Store, rbac: Rbac) {
    this.#store = store;
    this.#rbac = rbac;
    this.#commits = new Commits(store);
  }

  create(call: Call): KubernetesObject {
    const { resource, asked } = call;
    const options = writeOptions('create', asked.query);
    const body = bodyObject(asked, { resource, strict: options.strict });
    if (body.metadata.resourceVersion) throw internal('resourceVersion should not be set on objects to be created');
    const name = nameOf(body.metadata);
    return this.#commits.add({ call: { ...call, name }, options, after: withMetadata(body, { name }) });
  }

  replace(call: NamedCall): KubernetesObject {
    const { resource, asked, name } = call;
    const options = writeOptions('update', asked.query);
    const after = bodyObject(asked, { resource, strict: options.strict });
    checkPlace(call, after);
    const before = present(this.#store, call);
    if (resource.custom && !after.metadata.resourceVersion)
      throw invalid({ group: resource.group, kind: resource.plural }, name, [VERSION_NEEDED]);
    const { uid } = after.metadata;
    if (uid !== undefined && uid !== before.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
      const at = `Code: 4, Key: ${storageKey(call)}, ResourceVersion: 0`;
      throw conflict(resource, name, `StorageError: invalid object, ${at}, AdditionalErrorMsg: ${why}`);
    }
    return this.#commits.change({ call, options, after }, before);
  }

  patch(call: NamedCall): Written {
    const { resource, asked } = call;
    const kind = patchKind(asked.headers['content-type'], resource);
    const options = writeOptions('patch', asked.query, kind === 'apply');
    if (kind === 'apply') return this.#apply(call, options);
    const before = present(this.#store, call);
    const patch = patchOf(asked);
    const patched = kind === 'merge' ? mergePatch(before, patch) : strategicPatch(before, patch);
    const after = settled(patched as Fields, resource, badRequest);
    checkPlace(call, after);
    return { object: this.#commits.change({ call, options, after }, before), isNew: false };
  }

  #apply(call: NamedCall, options: WriteOptions): Written {
    const { resource, target, name, user, asked } = call;
    const { namespace } = target;
    const config = claimable(appliedConfig(asked, { resource, namespace, name }), call);
    const before = find(this.#store, call);
    const creation = { ...target, verb: 'create' };
    if (!before && allowed(user, creation, this.#rbac) === undefined) throw forbidden(user, creation);
    // a subresource is of something that is there
    if (!before && target.subresource !== undefined) throw notFound(resource, name);
    const { uid } = config.metadata as { readonly uid?: string };
    if (!before && uid !== undefined) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(resource, name, why);
    }
    const live = before ?? { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name } };
    const now = new Date();
    const past = before ? ownersOfThePast(before, resource.empty, now) : [];
    const entries = live.metadata.managedFields ?? past;
    const who = whoWrites(call, options);
    const applied = apply({ live, config, entries, who, force: options.force, now });
    const after = settled(applied.object, resource, (why) => {
      const kind = goKind(resource);
      const what = `${namespace === undefined ? '' : `${namespace}/`}${name}; ${kind}`;
      const inside = `unable to convert unstructured object to ${kind}: error decoding from json: ${why}`;
      return internal(`failed to convert new object (${what}) to proper version: ${inside}`);
    });
    checkPlace(call, after);
    const write = { call, options, after, entries: applied.entries };
    if (!before) return { object: this.#commits.add(write), isNew: true };
    return { object: this.#commits.change(write, before), isNew: false };
  }
}
