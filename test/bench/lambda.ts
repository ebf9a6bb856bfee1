/** What the deployed functions cost before and while they work: weight, cold start, memory, each beside what was aimed at. */
import { AIMS_KIB } from '../infra/weights.ts';
import { type ColdStart, coldStarts } from './cold-starts.ts';
import { inventoryMemory, type Pass } from './inventory-memory.ts';
import { type Line, megabytes, seconds, tableOf } from './table.ts';

export interface LambdaBench {
  /** TLS Secrets of the cluster that is read. */
  readonly secrets: number;
  /** Cold starts of each function. */
  readonly starts: number;
}

export interface Measured {
  readonly text: readonly string[];
  /** Aims that are missed. */
  readonly broken: readonly string[];
}

const KIB = 1024;
const MOST_OF_NOTHING = 2;
/** Half of what the function is given. */
const MOST_BYTES = 256_000_000;

const kib = (bytes: number): string => `${Math.ceil(bytes / KIB)} KiB`;
const times = (ratio: number): string => `${ratio.toFixed(2)} x`;

function startsTable(starts: readonly ColdStart[]): Measured {
  const nothingMs = starts.find(({ name }) => name === 'nothing')?.initMs ?? Number.NaN;
  const row = (cells: readonly string[]): string =>
    [cells[0]?.padEnd(10), ...cells.slice(1).map((cell) => cell.padStart(11))].join('').trimEnd();
  const rows = starts.map(({ name, bytes, startBytes, initMs }) => {
    const [init, ratio] = [`${Math.round(initMs)} ms`, initMs / nothingMs];
    if (name === 'nothing') return { cells: ['(nothing)', '', '', '', init], broken: [] };
    const [atMost, where] = [AIMS_KIB[name] * KIB, `${name}:`];
    return {
      cells: [name, kib(bytes), kib(atMost), kib(startBytes), init, times(ratio), times(MOST_OF_NOTHING)],
      broken: [
        ...(bytes > atMost ? [`${where} ${kib(bytes)}, and ${kib(atMost)} at most`] : []),
        ...(ratio > MOST_OF_NOTHING ? [`${where} starts in ${times(ratio)} the time of nothing`] : []),
      ],
    };
  });
  return {
    text: [
      row(['', 'weight', 'at most', 'at start', 'INIT', 'of nothing', 'at most']),
      ...rows.map(({ cells }) => row(cells)),
    ],
    broken: rows.flatMap(({ broken }) => broken),
  };
}

const MEMORY: readonly Line<Pass>[] = [
  { what: 'peak memory (VmHWM)', value: (pass) => pass.peakBytes, text: megabytes, atMost: MOST_BYTES },
  { what: 'wall time', value: (pass) => pass.wallMs, text: seconds },
  { what: 'requests to the cluster', value: (pass) => pass.requests, text: String },
];

/** Throws where a function does not start, or inventory fails. */
export async function benchLambda({ secrets, starts }: LambdaBench): Promise<Measured> {
  const cold = startsTable(await coldStarts(starts));
  const { first, steady } = await inventoryMemory(secrets);
  const memory = tableOf(MEMORY, [
    { name: 'first pass', result: first },
    { name: 'steady pass', result: steady },
  ]);
  return {
    text: [
      ...[`cold starts, median of ${starts}`, '', ...cold.text, ''],
      ...[`inventory of ${secrets} TLS Secrets`, '', ...memory.text],
    ],
    broken: [...cold.broken, ...memory.broken],
  };
}
