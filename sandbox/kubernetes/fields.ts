/** Sets of field paths and their FieldsV1 form (structured-merge-diff): who owns what is told in these. */
import { isDeepStrictEqual } from 'node:util';
import { type Fields, isFields } from './object.ts';

/** Paths as elements (`f:name`, `v:"value"`, `k:{"key":"value"}`) joined by a line feed. */
export type FieldSet = ReadonlySet<string>;

const JOINT = '\n';

/** Stands for a map with members of its own. */
const BRANCH = Symbol('branch');

/** Lists that are not replaced as a whole: sets of values, or maps by that key. */
const GRANULAR_LISTS: Readonly<Record<string, 'set' | 'uid' | 'type'>> = {
  'f:metadata\nf:finalizers': 'set',
  'f:metadata\nf:ownerReferences': 'uid',
  'f:status\nf:conditions': 'type',
};

/** Nobody owns these. */
const UNOWNED = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata',
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'managedFields',
    'selfLink',
  ].map((name) => `f:metadata\nf:${name}`),
]);

const under = (path: string, element: string): string => (path === '' ? element : path + JOINT + element);

function itemElement(item: unknown, key: 'set' | 'uid' | 'type'): string {
  if (key === 'set') return `v:${JSON.stringify(item)}`;
  return `k:${JSON.stringify({ [key]: isFields(item) ? item[key] : undefined })}`;
}

function walk(value: unknown, path: string, found: Map<string, unknown>): void {
  if (UNOWNED.has(path) && path !== 'f:metadata') return;
  if (isFields(value)) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    if (path !== '') found.set(path, BRANCH);
    for (const [name, inner] of entries) walk(inner, under(path, `f:${name}`), found);
    return;
  }
  const key = GRANULAR_LISTS[path];
  if (!Array.isArray(value) || key === undefined) {
    found.set(path, value);
    return;
  }
  found.set(path, BRANCH);
  for (const item of value) walk(item, under(path, itemElement(item, key)), found);
}

function contentOf(object: Fields): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  walk(object, '', found);
  found.delete('f:metadata');
  return found;
}

const hasInside = (paths: Iterable<string>, path: string): boolean => {
  for (const one of paths) if (one.startsWith(path + JOINT)) return true;
  return false;
};

/** What an applied configuration claims: its leaves, and items of granular lists, but no maps around them. */
export function claimedBy(config: Fields): FieldSet {
  const content = contentOf(config);
  const paths = [...content].filter(
    ([path, value]) => value !== BRANCH || !hasInside(content.keys(), path) || isItem(path),
  );
  return new Set(paths.map(([path]) => path));
}

const isItem = (path: string): boolean => /(^|\n)[kv]:[^\n]*$/.test(path);

export interface Difference {
  /** Modified or new. */
  readonly written: FieldSet;
  readonly removed: FieldSet;
}

export function difference(before: Fields, after: Fields): Difference {
  const old = contentOf(before);
  const now = contentOf(after);
  const written = [...now].filter(([path, value]) => !old.has(path) || !isDeepStrictEqual(old.get(path), value));
  return {
    written: new Set(written.map(([path]) => path)),
    removed: new Set([...old.keys()].filter((path) => !now.has(path))),
  };
}

interface Node {
  member: boolean;
  readonly children: Map<string, Node>;
}

const newNode = (): Node => ({ member: false, children: new Map() });

function encodeNode({ member, children }: Node): Fields {
  const entries = [...children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, node]) => [name, encodeNode(node)]);
  const isInner = member && entries.length > 0;
  return Object.fromEntries(isInner ? [['.', {}], ...entries] : entries);
}

/** FieldsV1 of a set. */
export function encodeFields(set: FieldSet): Fields {
  const root = newNode();
  for (const path of set) {
    let node = root;
    for (const element of path.split(JOINT)) {
      const next = node.children.get(element) ?? newNode();
      node.children.set(element, next);
      node = next;
    }
    node.member = true;
  }
  return encodeNode(root);
}

function decodeInto(fields: Fields, path: string, found: Set<string>): void {
  const entries = Object.entries(fields);
  if (path !== '' && (entries.length === 0 || Object.hasOwn(fields, '.'))) found.add(path);
  for (const [element, inner] of entries)
    if (element !== '.' && isFields(inner)) decodeInto(inner, under(path, element), found);
}

/** The set that a FieldsV1 tells. */
export function decodeFields(fields: Fields): FieldSet {
  const found = new Set<string>();
  decodeInto(fields, '', found);
  return found;
}

/** `.data.tls.crt`, `.metadata.ownerReferences[uid="1"]`. */
export function displayPath(path: string): string {
  return path
    .split(JOINT)
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      const pairs = Object.entries(JSON.parse(rest) as Fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `[${pairs.join(',')}]`;
    })
    .join('');
}

/** The configuration laid over the object: maps and granular lists join, everything else is replaced. */
export function overlay(live: unknown, config: unknown, path = ''): unknown {
  if (isFields(live) && isFields(config)) {
    const entries = Object.entries(config).map(([name, value]) => [
      name,
      overlay(live[name], value, under(path, `f:${name}`)),
    ]);
    return { ...live, ...Object.fromEntries(entries) };
  }
  const key = GRANULAR_LISTS[path];
  if (!Array.isArray(live) || !Array.isArray(config) || key === undefined) return config;
  const items = new Map(live.map((item) => [itemElement(item, key), item]));
  for (const item of config) {
    const element = itemElement(item, key);
    items.set(element, overlay(items.get(element), item, under(path, element)));
  }
  return [...items.values()];
}

/** The value without those paths; a map or granular list that is empty then is gone with them unless it is in `kept`. */
export function without(value: unknown, paths: FieldSet, kept: FieldSet, path = ''): unknown {
  if (paths.has(path) && !hasInside(kept, path) && !kept.has(path)) return undefined;
  if (!hasInside(paths, path) && path !== '') return value;
  const lost = (inner: unknown): boolean => inner === undefined;
  const isEmptied = (length: number): boolean => length === 0 && path !== '' && !kept.has(path);
  if (isFields(value)) {
    const entries = Object.entries(value)
      .map(([name, inner]) => [name, without(inner, paths, kept, under(path, `f:${name}`))])
      .filter(([, inner]) => !lost(inner));
    return isEmptied(entries.length) ? undefined : Object.fromEntries(entries);
  }
  const key = GRANULAR_LISTS[path];
  if (!Array.isArray(value) || key === undefined) return value;
  const items = value
    .map((item) => without(item, paths, kept, under(path, itemElement(item, key))))
    .filter((item) => !lost(item));
  return isEmptied(items.length) ? undefined : items;
}
