/** Columns that fit the page: the widest give way first and wrap, so nothing is cut off. */
import type { Ink, Paper } from './paper.ts';
import { printable, widthOf, wrapped } from './words.ts';

export interface Column {
  readonly title: string;
  /** Never made narrower than its longest cell. */
  readonly fixed?: boolean;
  /** The colour of a cell, by what it says. */
  readonly ink?: (cell: string) => Ink | undefined;
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

type Draw = (text: string, column: number) => string;

/** One row as lines: each cell wrapped into its column, padded, then drawn. */
function rowLines(cells: readonly string[], fitted: readonly number[], draw: Draw): readonly string[] {
  const stacks = cells.map((cell, x) => wrapped(cell, fitted[x] ?? 1));
  const height = Math.max(1, ...stacks.map((stack) => stack.length));
  const last = cells.length - 1;
  const line = (y: number): string =>
    stacks
      .map((stack, x) => {
        const text = stack[y] ?? '';
        const padding = x === last ? '' : ' '.repeat(Math.max(0, (fitted[x] ?? 0) - widthOf(text)));
        return draw(text, x) + padding;
      })
      .join(GAP)
      .trimEnd();
  return Array.from({ length: height }, (_, y) => line(y));
}

/** A header and the rows, no line wider than the paper (as long as it has room for one letter a column). Cells are plain text. */
export function table(columns: readonly Column[], cells: readonly (readonly string[])[], paper: Paper): string[] {
  const natural = columns.map(({ title }, x) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(printable(row[x] ?? '')))),
  );
  const room = paper.width - GAP.length * (columns.length - 1);
  const fitted = widths(natural, columns, room);
  const titles = columns.map((column) => column.title);
  const title: Draw = (text) => (text === '' ? '' : paper.ink('bold', text));
  const drawCell =
    (row: readonly string[]): Draw =>
    (text, x) => {
      const ink = text === '' ? undefined : columns[x]?.ink?.(row[x] ?? '');
      return ink ? paper.ink(ink, text) : text;
    };
  return [...rowLines(titles, fitted, title), ...cells.flatMap((row) => rowLines(row, fitted, drawCell(row)))];
}
