/** A list of objects as `kubectl get -A -o wide` shows it: by kubectl where the world has one, else the Table that it would print. */

/** One line: what stands under each heading, `READY`, `NAME`, …; empty where there is nothing. */
export type Line = Readonly<Record<string, string>>;

interface Table {
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly metadata: { readonly namespace?: string } };
  }[];
}

/** What kubectl asks for. */
export const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

export function linesOfTable(body: string): readonly Line[] {
  const { columnDefinitions, rows } = JSON.parse(body) as Table;
  return rows.map(({ cells, object }) => {
    const { namespace } = object.metadata;
    const named = columnDefinitions.map(({ name }, i) => [name.toUpperCase(), String(cells[i] ?? '')]);
    return { ...(namespace === undefined ? {} : { NAMESPACE: namespace }), ...Object.fromEntries(named) };
  });
}

/** Columns begin where their headings do. */
export function linesOfText(text: string): readonly Line[] {
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const headings = [...head.matchAll(/\S+/g)].map((found) => ({ name: found[0], from: found.index }));
  return lines.map((line) =>
    Object.fromEntries(headings.map(({ name, from }, i) => [name, line.slice(from, headings[i + 1]?.from).trim()])),
  );
}
