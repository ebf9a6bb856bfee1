/** The last good look at each source, as one blob that is replaced whole. */
import type { Snapshot } from '../contract/observation.ts';
import type { Blobs } from '../contract/ports.ts';

const keyOf = (source: string): string => `snapshots/${source}`;

/** Undefined = never read. One that cannot be parsed was written by another version: the next look is whole. */
export async function readSnapshot(blobs: Blobs, source: string): Promise<Snapshot | undefined> {
  const bytes = await blobs.read(keyOf(source));
  if (!bytes) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Snapshot;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const writeSnapshot = (blobs: Blobs, snapshot: Snapshot): Promise<void> =>
  blobs.write(keyOf(snapshot.source), Buffer.from(JSON.stringify(snapshot)));
