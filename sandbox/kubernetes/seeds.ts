/** Objects that are there without anybody's request: the system's namespaces, and what a test or the demo plants. */

import { type KubernetesObject, withMetadata } from './object.ts';
import { ownersAfterUpdate } from './owners.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import type { Store } from './store.ts';
import { settledSecret } from './validation.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export class Seeds {
  readonly clusterUid: string;
  readonly #store: Store;
  readonly #resources: readonly Resource[];

  constructor(store: Store, resources: readonly Resource[]) {
    this.#store = store;
    this.#resources = resources;
    for (const name of SYSTEM_NAMESPACES) this.#namespace(name);
    const system = store.get(this.#resourceOf('v1', 'Namespace'), undefined, 'kube-system');
    this.clusterUid = system?.metadata.uid ?? '';
  }

  /** Puts an object in place of any of its name, unvalidated, with its own owners, or with `kubectl-create` as the only one. */
  plant(object: KubernetesObject): void {
    const resource = this.#resourceOf(object.apiVersion, object.kind);
    const { name, namespace, managedFields } = object.metadata;
    if (resource.namespaced && namespace === undefined)
      throw new TypeError(`${object.kind} ${name}: needs a namespace`);
    if (namespace !== undefined) this.#namespace(namespace);
    const refuse = (why: string): Error => new TypeError(`${object.kind} ${namespace}/${name}: ${why}`);
    const settled = resource.kind === 'Secret' ? settledSecret(object, refuse) : object;
    const now = new Date();
    const after = { ...resource.empty, ...settled };
    const who = { manager: 'kubectl-create', apiVersion: apiVersionOf(resource) };
    const owners = managedFields ?? ownersAfterUpdate({ before: resource.empty, after, entries: [], who, now });
    const generation = resource.status ? (object.metadata.generation ?? 1) : undefined;
    const planted = withMetadata(after, {
      ...(generation === undefined ? {} : { generation }),
      managedFields: owners,
    });
    this.#store.put(resource, planted, { now, dryRun: false });
  }

  #namespace(name: string): void {
    const resource = this.#resourceOf('v1', 'Namespace');
    if (this.#store.get(resource, undefined, name)) return;
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } };
    this.plant({ apiVersion: 'v1', kind: 'Namespace', metadata });
  }

  #resourceOf(apiVersion: string, kind: string): Resource {
    const found = this.#resources.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind);
    if (!found) throw new TypeError(`${apiVersion} ${kind}: this cluster does not serve the kind`);
    return found;
  }
}
