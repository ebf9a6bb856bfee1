/** The objects of one cluster, each write with the next resource version, and lists as they were when their first page was read. */
import { randomBytes, randomUUID } from 'node:crypto';
import { instant, isFields, type KubernetesObject, withMetadata } from './object.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { badRequest, StatusError } from './status.ts';

const PARTED = '\0';
const KEPT_SNAPSHOTS = 50;

/** What etcd orders by. */
const keyOf = ({ metadata }: KubernetesObject): string => (metadata.namespace ?? '') + PARTED + metadata.name;

export interface Page {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remaining: number;
}

interface Token {
  readonly rv: string;
  readonly start: string;
}

export const encodeToken = (token: Token): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');

function decodeToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isFields(token) && typeof token.rv === 'string' && typeof token.start === 'string')
      return { rv: token.rv, start: token.start };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest(
    "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
  );
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** 410 with a token that goes on with what is there now. */
export const expired = (token: string): StatusError =>
  new StatusError(
    410,
    { message: TOO_OLD, reason: 'Expired' },
    { continue: encodeToken({ rv: '-1', start: decodeToken(token).start }) },
  );

export class Store {
  readonly #kinds = new Map<string, Map<string, KubernetesObject>>();
  readonly #snapshots = new Map<string, readonly KubernetesObject[]>();
  #version = 1000 + randomBytes(2).readUInt16BE();

  get(resource: Resource, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#kind(resource).get((namespace ?? '') + PARTED + name);
  }

  /** Stores it with a new version; a new object gets uid and time unless it brings them. A dry run stores nothing. */
  put(resource: Resource, object: KubernetesObject, { now, dryRun }: PutOptions): KubernetesObject {
    const { uid = randomUUID(), creationTimestamp = instant(now) } = object.metadata;
    if (dryRun) return withMetadata(object, { uid, creationTimestamp });
    this.#version += 1;
    const stored = withMetadata(object, { uid, creationTimestamp, resourceVersion: String(this.#version) });
    this.#kind(resource).set(keyOf(stored), stored);
    return stored;
  }

  remove(resource: Resource, object: KubernetesObject): void {
    this.#version += 1;
    this.#kind(resource).delete(keyOf(object));
  }

  /** All that is in a namespace. */
  empty(namespace: string): void {
    for (const kind of this.#kinds.values())
      for (const [key, { metadata }] of kind) if (metadata.namespace === namespace) kind.delete(key);
  }

  /** In etcd's order. */
  all(resource: Resource, namespace?: string): readonly KubernetesObject[] {
    const all = [...this.#kind(resource)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** Up to `limit` of those that are selected; 0 = all. Throws 410 for a token whose list is no longer kept. */
  page(resource: Resource, options: PageOptions): Page {
    const { namespace, limit, token, selects } = options;
    const from = token === undefined ? undefined : decodeToken(token);
    const rv = from && from.rv !== '-1' ? from.rv : String(this.#version);
    const place = [resource.plural, resource.group, namespace ?? '', rv].join('|');
    const isOld = from !== undefined && from.rv !== '-1';
    const whole = isOld ? this.#snapshots.get(place) : this.all(resource, namespace);
    if (!whole) throw expired(token ?? '');
    const selected = whole.filter((object) => selects(object) && (!from || keyOf(object) > from.start));
    const items = limit > 0 ? selected.slice(0, limit) : selected;
    const last = items.at(-1);
    const remaining = selected.length - items.length;
    if (remaining === 0 || !last) return { items, resourceVersion: rv, remaining };
    this.#keep(place, whole);
    return { items, resourceVersion: rv, remaining, continue: encodeToken({ rv, start: keyOf(last) }) };
  }

  #keep(place: string, whole: readonly KubernetesObject[]): void {
    this.#snapshots.set(place, whole);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > KEPT_SNAPSHOTS && oldest !== undefined) this.#snapshots.delete(oldest);
  }

  #kind(resource: Resource): Map<string, KubernetesObject> {
    const key = `${apiVersionOf(resource)}/${resource.plural}`;
    const kind = this.#kinds.get(key) ?? new Map<string, KubernetesObject>();
    this.#kinds.set(key, kind);
    return kind;
  }
}

export interface PutOptions {
  readonly now: Date;
  readonly dryRun: boolean;
}

export interface PageOptions {
  readonly namespace: string | undefined;
  readonly limit: number;
  readonly token: string | undefined;
  readonly selects: (object: KubernetesObject) => boolean;
}
