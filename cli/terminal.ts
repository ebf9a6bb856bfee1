/** The process's own streams: how wide they are, whether they take colours, and writing to them to the end. */

import { ProblemError } from '../shared/contract/problem.ts';
import { coloured, type Paper, plain } from './output/paper.ts';
import type { Screen } from './output/progress.ts';

const WIDTH = 80;
/** Narrower than this no table can be read; it may then run over. */
const LEAST = 40;

/** NO_COLOR as in no-color.org: set and not empty. */
const takesColours = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

const widthOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY ? Math.max(LEAST, stream.columns || WIDTH) : WIDTH;

export const paperOf = (stream: NodeJS.WriteStream, now: Date): Paper => ({
  width: widthOf(stream),
  now,
  ink: takesColours(stream) ? coloured : plain,
});

export const screenOf = (stream: NodeJS.WriteStream): Screen => ({
  isTerminal: stream.isTTY === true && process.env.TERM !== 'dumb',
  colours: takesColours(stream),
  width: widthOf(stream),
  write: (text) => void stream.write(text),
});

const outputLost = (error: Error): ProblemError =>
  new ProblemError({
    type: 'nolapse:output-lost',
    detail: `the answer could not be written: ${error.message}`,
    retry: 'later',
    fix: 'make room where the output goes, and run the command again: what was done is stored',
  });

const PIECE = 65_536;

/** The lines, some of them at a time. */
function* piecesOf(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** `lost`: nobody reads any more. */
const written = (stream: NodeJS.WriteStream, text: string): Promise<'written' | 'lost'> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) resolve('written');
      else if ('code' in error && error.code === 'EPIPE') resolve('lost');
      else reject(outputLost(error));
    });
  });

/** Writes the lines and returns when they have left the process, or when nobody reads any more. Rejects where they went nowhere: a full disk. */
export async function write(stream: NodeJS.WriteStream, lines: Iterable<string>): Promise<void> {
  for (const piece of piecesOf(lines)) if ((await written(stream, piece)) === 'lost') return;
}
