/** Results side by side, each beside what it may be at most. */
import type { IssueResult } from './issue.ts';

export interface Line<Result> {
  readonly what: string;
  readonly value: (result: Result) => number;
  readonly text: (value: number) => string;
  readonly atMost?: number;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

/** What is promised for a hundred certificates with INSYNC after 30 s; other sizes have no promise on time. */
const wallAtMost = ({ certificates, inSyncMs }: Asked): { atMost?: number } =>
  certificates <= 100 && inSyncMs <= 30_000 ? { atMost: 60_000 } : {};

export interface Asked {
  readonly certificates: number;
  readonly inSyncMs: number;
}

export const linesOf = (asked: Asked): readonly Line<IssueResult>[] => [
  { what: 'wall time to the last Secret', value: (r) => r.wallMs, text: seconds, ...wallAtMost(asked) },
  { what: 'floor: INSYNC and the CA', value: (r) => r.floorMs, text: seconds },
  { what: 'wall time / floor', value: (r) => r.wallMs / r.floorMs, text: number },
  { what: 'CA: requests per certificate', value: (r) => r.cost.ca / r.certificates, text: number, atMost: 8 },
  { what: 'CA: requests once a run', value: (r) => r.cost.caOnce, text: number },
  { what: 'Route 53: batches that add', value: (r) => r.cost.adds, text: number, atMost: 2 },
  { what: 'Route 53: batches that remove', value: (r) => r.cost.removes, text: number, atMost: 2 },
  { what: 'Route 53: looks at INSYNC', value: (r) => r.cost.getChanges, text: number },
  { what: 'Kubernetes: requests per cert.', value: (r) => r.cost.kubernetes / r.certificates, text: number },
  { what: 'CPU time of the command', value: (r) => r.cpuMs, text: seconds },
  { what: 'peak memory (RSS)', value: (r) => r.rssBytes, text: megabytes },
];

export interface Column<Result> {
  readonly name: string;
  readonly result: Result;
}

/** Each column as wide as its widest cell; the first to the left, numbers to the right. */
function laidOut(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : `  ${cell.padStart(widths[column] ?? 0)}`))
      .join('')
      .trimEnd(),
  );
}

/** The lines of the table, and what is more than it may be. */
export function tableOf<Result>(lines: readonly Line<Result>[], columns: readonly Column<Result>[]) {
  const isLimited = lines.some(({ atMost }) => atMost !== undefined);
  const text = laidOut([
    ['', ...columns.map(({ name }) => name), ...(isLimited ? ['at most'] : [])],
    ...lines.map((line) => [
      line.what,
      ...columns.map(({ result }) => line.text(line.value(result))),
      ...(line.atMost === undefined ? [] : [line.text(line.atMost)]),
    ]),
  ]);
  const broken = lines.flatMap(({ what, value, text: textOf, atMost = Number.POSITIVE_INFINITY }) =>
    columns
      .filter(({ result }) => value(result) > atMost)
      .map(({ name, result }) => `${what}, ${name}: ${textOf(value(result))}, and ${textOf(atMost)} at most`),
  );
  return { text, broken };
}
