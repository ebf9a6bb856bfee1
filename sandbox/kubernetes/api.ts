/** The verbs: what a request that may be made reads, writes and removes. */
import { type Answer, json } from '../listen.ts';
import type { Rbac } from './access.ts';
import { preconditionsOf } from './bodies.ts';
import { type Call, type NamedCall, present } from './call.ts';
import { type Form, formOf, listOf, oneObject } from './representation.ts';
import type { Resource } from './resources.ts';
import { fieldSelector, labelSelector, type Selects } from './selectors.ts';
import { conflict, methodNotAllowed, type StatusError } from './status.ts';
import type { Store } from './store.ts';
import { limitOf } from './validation.ts';
import { Writes } from './writes.ts';

function selectedBy({ resource, asked }: Call): Selects {
  const byField = fieldSelector(resource, asked.query.get('fieldSelector') ?? '');
  const byLabel = labelSelector(asked.query.get('labelSelector') ?? '');
  return (object) => byField(object) && byLabel(object);
}

interface Unmet {
  readonly what: string;
  readonly wanted: unknown;
  readonly is: unknown;
  readonly so: string;
}

const unmet = ({ kind }: Resource, name: string, { what, wanted, is, so }: Unmet): StatusError =>
  conflict(
    { group: '', plural: kind },
    name,
    `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is}). The object might have been ${so}`,
  );

export class Api {
  readonly #store: Store;
  readonly #writes: Writes;

  constructor(store: Store, rbac: Rbac) {
    this.#store = store;
    this.#writes = new Writes(store, rbac);
  }

  /** Throws StatusError. */
  perform(call: Call): Answer {
    const { target, resource, asked } = call;
    const { name, verb } = target;
    const form = formOf(asked.headers.accept);
    if (verb === 'list') return this.#list(call, form);
    if (verb === 'deletecollection') return this.#deleteAll(call, form);
    if (verb === 'create' && name === undefined) return oneObject(this.#writes.create(call), { resource, form }, 201);
    if (name === undefined) throw methodNotAllowed();
    return this.#performOnOne({ ...call, name }, form);
  }

  #performOnOne(call: NamedCall, form: Form): Answer {
    const { resource } = call;
    switch (call.target.verb) {
      case 'get':
        return oneObject(present(this.#store, call), { resource, form });
      case 'update':
        return oneObject(this.#writes.replace(call), { resource, form });
      case 'patch': {
        const { object, isNew } = this.#writes.patch(call);
        return oneObject(object, { resource, form }, isNew ? 201 : 200);
      }
      case 'delete':
        return this.#delete(call);
      default:
        throw methodNotAllowed();
    }
  }

  #list(call: Call, form: Form): Answer {
    const { resource, target, asked } = call;
    const { query } = asked;
    const limit = limitOf(query);
    // version 0 means "whatever the cache has", which knows no pages
    const page = this.#store.page(resource, {
      namespace: target.namespace,
      limit: query.get('resourceVersion') === '0' ? 0 : limit,
      token: query.get('continue') || undefined,
      selects: selectedBy(call),
    });
    const isSelected = query.has('fieldSelector') || query.has('labelSelector');
    return listOf({ page, resource, form, isSelected });
  }

  #deleteAll(call: Call, form: Form): Answer {
    const { resource, target } = call;
    const options = { namespace: target.namespace, limit: 0, token: undefined, selects: selectedBy(call) };
    const page = this.#store.page(resource, options);
    for (const object of page.items) this.#store.remove(resource, object);
    return listOf({ page, resource, form, isSelected: true });
  }

  #delete(call: NamedCall): Answer {
    const { resource, asked, name } = call;
    const object = present(this.#store, call);
    const wanted = preconditionsOf(asked);
    const { resourceVersion, uid } = object.metadata;
    if (wanted.uid !== undefined && wanted.uid !== uid)
      throw unmet(resource, name, { what: 'UID', wanted: wanted.uid, is: uid, so: 'deleted and then recreated' });
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
      const what = { what: 'ResourceVersion', wanted: wanted.resourceVersion, is: resourceVersion, so: 'modified' };
      throw unmet(resource, name, what);
    }
    this.#store.remove(resource, object);
    if (resource.kind === 'Namespace') {
      this.#store.empty(name);
      return json({ ...object, status: { phase: 'Terminating' } });
    }
    const details = { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural, uid };
    return json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }
}
