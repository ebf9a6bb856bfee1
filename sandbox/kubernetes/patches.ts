/** Merge patches: RFC 7386, and the strategic kind as far as it differs for the kinds that are served. */
import { type Fields, isFields } from './object.ts';

/** Lists that a strategic patch merges by that key; all others are replaced. */
const MERGED_LISTS: Readonly<Record<string, string>> = { ownerReferences: 'uid', conditions: 'type' };

const isThere = ([, value]: readonly [string, unknown]): boolean => value !== undefined;

/** JSON merge patch. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const base: Fields = isFields(target) ? target : {};
  const changes = Object.entries(patch).map(([name, value]) => [
    name,
    value === null ? undefined : mergePatch(base[name], value),
  ]);
  return Object.fromEntries(Object.entries({ ...base, ...Object.fromEntries(changes) }).filter(isThere));
}

function mergedList(target: readonly unknown[], patch: readonly unknown[], key: string): readonly unknown[] {
  const keyOf = (item: unknown): unknown => (isFields(item) ? item[key] : undefined);
  const items = new Map(target.map((item) => [keyOf(item), item]));
  for (const item of patch) items.set(keyOf(item), strategicPatch(items.get(keyOf(item)), item));
  return [...items.values()];
}

/** Strategic merge patch without its `$patch` directives. */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const base: Fields = isFields(target) ? target : {};
  const changes = Object.entries(patch).map(([name, value]) => {
    const old = base[name];
    const key = MERGED_LISTS[name];
    if (value === null) return [name, undefined];
    if (key !== undefined && Array.isArray(value) && Array.isArray(old)) return [name, mergedList(old, value, key)];
    if (name === 'finalizers' && Array.isArray(value) && Array.isArray(old))
      return [name, [...new Set([...old, ...value])]];
    return [name, strategicPatch(old, value)];
  });
  return Object.fromEntries(Object.entries({ ...base, ...Object.fromEntries(changes) }).filter(isThere));
}
