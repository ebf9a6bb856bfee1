/** One record of RFC 4180, as cert-manager's annotations hold lists: Go's encoding/csv, comma separated, quotes doubled. */

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;

/** The fields of one record, or what is wrong with it. */
export function parseCsv(text: string): { readonly fields: readonly string[] } | { readonly problem: string } {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(text);
    if (!match) return { problem: `${JSON.stringify(text.slice(0, 80))} is no list of comma separated values` };
    const [, quoted, bare = '', end] = match;
    fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === '') return { fields };
  }
}

/** Quotes what holds a comma, a quote, a line break, or begins with a space. */
export const formatCsv = (fields: readonly string[]): string =>
  fields.map((f) => (/^\s|[",\r\n]/.test(f) || f === '\\.' ? `"${f.replaceAll('"', '""')}"` : f)).join(',');
