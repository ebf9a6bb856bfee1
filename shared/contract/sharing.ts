/** What several share, among fifty thousand that mostly share nothing. */

/**
 * The groups of at least two with the same key, in the order of `all`, which is read twice; for one alone nothing is made. The keys are
 * held meanwhile: texts that are there already cost least.
 */
export function sharing<T>(all: Iterable<T>, keyOf: (one: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const seen = new Set<string>();
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === undefined) continue;
    if (seen.has(key)) groups.set(key, []);
    else seen.add(key);
  }
  if (groups.size === 0) return groups;
  for (const one of all) {
    const key = keyOf(one);
    if (key !== undefined) groups.get(key)?.push(one);
  }
  return groups;
}
