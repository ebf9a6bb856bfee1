/**
 * The last good look at each source, as one blob that is replaced whole: lines of JSON, compressed, so that neither writing nor reading
 * ever has all of it as one text. The head comes first, the lines of the inventory after it, and what was observed last.
 */

import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { CertificateView, Observation, Snapshot } from '../contract/observation.ts';
import type { Blobs } from '../contract/ports.ts';
import { slimming } from '../stages/inventory/slim.ts';

const keyOf = (source: string): string => `snapshots/${source}`;

/** For those who tell of it. */
export type Brief = Omit<Snapshot, 'observations'>;

/** For the next look. */
export type Observed = Omit<Snapshot, 'certificates'>;

/** What is told of the look itself. */
export type Head = Omit<Snapshot, 'observations' | 'certificates'>;

const OPENS_JSON = 0x7b;
const LINE_FEED = 0x0a;
/** Some of them wait for the compressor at any time. */
const BATCH = 50;

/** A look as it is stored: its lines may be made meanwhile. */
export type Written = Observed & { readonly certificates: Iterable<CertificateView> };

function* linesOf({ observations, certificates, ...head }: Written): Generator<string> {
  yield `${JSON.stringify(head satisfies Head)}\n`;
  for (const [mark, all] of [
    ['v', certificates],
    ['o', observations],
  ] as const) {
    let lines: string[] = [];
    for (const one of all) {
      lines.push(`${mark}${JSON.stringify(one)}\n`);
      if (lines.length < BATCH) continue;
      yield lines.join('');
      lines = [];
    }
    if (lines.length > 0) yield lines.join('');
  }
}

async function* textLines(bytes: Uint8Array): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let to = all.indexOf(LINE_FEED); to >= 0; to = all.indexOf(LINE_FEED, from)) {
      yield all.toString('utf8', from, to);
      from = to + 1;
    }
    rest = all.subarray(from);
  }
}

/** Lines of the other mark stay text, and are dropped. */
async function parsed<T>(bytes: Uint8Array, mark: 'v' | 'o', take: (json: string) => T) {
  let head: Head | undefined;
  const taken: T[] = [];
  for await (const line of textLines(bytes)) {
    if (!head) head = JSON.parse(line) as Head;
    else if (line.startsWith(mark)) taken.push(take(line.slice(1)));
    else if (taken.length > 0) break;
  }
  return head && { head, taken };
}

/** As 0.1 wrote it: one document. */
const older = (bytes: Uint8Array): Snapshot => JSON.parse(Buffer.from(bytes).toString()) as Snapshot;

async function read<T>(blobs: Blobs, source: string, parse: (bytes: Uint8Array) => Promise<T>) {
  const bytes = await blobs.read(keyOf(source));
  if (!bytes) return undefined;
  try {
    return bytes[0] === OPENS_JSON ? older(bytes) : await parse(bytes);
  } catch (error) {
    const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    if (error instanceof SyntaxError || isDamaged) return undefined;
    throw error;
  }
}

/** Undefined = never read. Nothing after its first line is unpacked. */
export const readHead = (blobs: Blobs, source: string): Promise<Head | undefined> =>
  read(blobs, source, async (bytes) => {
    for await (const line of textLines(bytes)) return JSON.parse(line) as Head;
    return undefined;
  });

/** Undefined = never read. One that cannot be parsed was written by another version: the next look is whole. */
export const readObserved = (blobs: Blobs, source: string): Promise<Observed | undefined> =>
  read(blobs, source, async (bytes) => {
    const slim = slimming(() => true);
    const read = await parsed(bytes, 'o', (json) => slim(JSON.parse(json) as Observation));
    return read && { ...read.head, observations: read.taken };
  });

/** The same without what was observed, which is by far the most of it. */
export const readBrief = (blobs: Blobs, source: string): Promise<Brief | undefined> =>
  read(blobs, source, async (bytes) => {
    const read = await parsed(bytes, 'v', (json) => JSON.parse(json) as CertificateView);
    return read && { ...read.head, certificates: read.taken };
  });

export async function writeSnapshot(blobs: Blobs, snapshot: Written): Promise<void> {
  const chunks: Buffer[] = [];
  const packed = Readable.from(linesOf(snapshot)).pipe(createGzip({ level: 1 }));
  for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  await blobs.write(keyOf(snapshot.source), Buffer.concat(chunks));
}
