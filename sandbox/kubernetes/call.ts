/** One request that may be made, with the kind it is about. */
import type { Asked } from '../listen.ts';
import type { User } from './access.ts';
import type { KubernetesObject } from './object.ts';
import type { Resource } from './resources.ts';
import { notFound } from './status.ts';
import type { Store } from './store.ts';
import type { ResourceTarget } from './target.ts';

export interface Call {
  readonly target: ResourceTarget;
  readonly resource: Resource;
  readonly asked: Asked;
  readonly user: User;
}

export interface NamedCall extends Call {
  readonly name: string;
}

export const find = (store: Store, { resource, target, name }: NamedCall): KubernetesObject | undefined =>
  store.get(resource, resource.namespaced ? target.namespace : undefined, name);

/** Throws 404. */
export function present(store: Store, call: NamedCall): KubernetesObject {
  const object = find(store, call);
  if (!object) throw notFound(call.resource, call.name);
  return object;
}
