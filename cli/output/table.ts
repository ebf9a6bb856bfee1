/** Columns that fit the page: the widest give way first and wrap, so nothing is cut off. */
import type { Paper } from './paper.ts';
import { printable, widthOf, wrapped } from './words.ts';

export interface Column {
  readonly title: string;
  /** Never made narrower than its longest cell. */
  readonly fixed?: boolean;
}

const GAP = '  ';
/** A column that gives way keeps at least this much. */
const LEAST = 8;

/** Natural widths, then one column off the widest flexible one until all fit (or none can give any more). */
function widths(natural: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const fitted = [...natural];
  const total = (): number => fitted.reduce((a, b) => a + b, 0);
  const widest = (anyColumn: boolean, least: number): number =>
    fitted.reduce((best, width, i) => {
      const may = (anyColumn || !columns[i]?.fixed) && width > least;
      return may && (best < 0 || width > (fitted[best] ?? 0)) ? i : best;
    }, -1);
  while (total() > room) {
    const flexible = widest(false, LEAST);
    const at = flexible >= 0 ? flexible : widest(true, 1);
    if (at < 0) return fitted;
    fitted[at] = (fitted[at] ?? 1) - 1;
  }
  return fitted;
}

/** One row as lines: each cell wrapped into its column. */
function rowLines(cells: readonly string[], fitted: readonly number[]): readonly string[] {
  const stacks = cells.map((cell, i) => wrapped(cell, fitted[i] ?? 1));
  const height = Math.max(1, ...stacks.map((stack) => stack.length));
  return Array.from({ length: height }, (_, y) =>
    stacks
      .map((stack, x) => {
        const text = stack[y] ?? '';
        return text + ' '.repeat(Math.max(0, (fitted[x] ?? 0) - widthOf(text)));
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** A header and the rows, no line wider than the paper (as long as it has room for one letter a column). Cells are plain text. */
export function table(columns: readonly Column[], cells: readonly (readonly string[])[], paper: Paper): string[] {
  const natural = columns.map(({ title }, x) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(printable(row[x] ?? '')))),
  );
  const room = paper.width - GAP.length * (columns.length - 1);
  const fitted = widths(natural, columns, room);
  const titles = columns.map((column) => column.title);
  return [
    ...rowLines(titles, fitted).map((line) => paper.ink('bold', line)),
    ...cells.flatMap((row) => rowLines(row, fitted)),
  ];
}
