/** Finds the word that somebody meant: the nearest of those allowed, if any is near. */

/** Edits (insert, delete, replace, swap neighbours) between two short words. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (r: number, c: number): number => rows[r]?.[c] ?? 0;
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      row.push(swapped ? Math.min(edits, at(i - 2, j - 2) + 1) : edits);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The allowed word within a third of its letters, or undefined; case does not count. */
export function nearestWord(found: string, allowed: readonly string[]): string | undefined {
  if (found.length > 64) return undefined;
  const scored = allowed.map((word) => ({ word, edits: distance(found.toLowerCase(), word.toLowerCase()) }));
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (a, b) => (a && a.edits <= b.edits ? a : b),
    undefined,
  );
  return best && best.edits <= Math.max(1, Math.ceil(best.word.length / 3)) ? best.word : undefined;
}

const MAX_LIST = 160;

/** `a, b, c`, cut where it would get longer than a line of text. */
export function listed(words: readonly string[]): string {
  if (words.length === 0) return 'none';
  const text = words.join(', ');
  return text.length <= MAX_LIST ? text : `${text.slice(0, text.lastIndexOf(', ', MAX_LIST))}, …`;
}

/** A found value for people: short, on one line, and no webhook: whoever has its URL may write to the channel. */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replaceAll(/(hooks\.slack\.com\/)[\w/-]+/g, '$1…');
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
