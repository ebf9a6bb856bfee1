/** The last good look as it is stored: what is written is read, as a whole or in brief, and what cannot be read was never written. */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../../shared/contract/observation.ts';
import type { Blobs } from '../../../shared/contract/ports.ts';
import { readBrief, readObserved, writeSnapshot } from '../../../shared/lanes/snapshots.ts';
import { at, DAY, facts, observed } from '../stages/assess/judged-things.ts';

class MemoryBlobs implements Blobs {
  readonly bodies = new Map<string, Uint8Array>();
  read = async (key: string) => this.bodies.get(key);
  write = async (key: string, body: Uint8Array) => void this.bodies.set(key, body);
}

const KEY = 'snapshots/prod';
const view = (name: string): Snapshot['certificates'][number] => ({
  ...{ id: `prod/shop/${name}`, name, kind: 'Secret', names: ['a\nb', 'ü'], state: 'ok', managedBy: 'nobody' },
});
const snapshotOf = (count: number): Snapshot => {
  const names = Array.from({ length: count }, (_, n) => `s${n}`);
  return {
    ...{ source: 'prod', asOf: at(0), wholeAt: at(-DAY), gaps: [{ what: 'gateways', problem: 'no' }] },
    definitions: { versions: 'v', bundles: [] },
    observations: names.map((name) => ({ ...observed(name, facts(60 * DAY)), chainPem: 'PEM' })),
    certificates: names.map(view),
  };
};

test.each([0, 1, 1_234])('%d of each are read as they were written', async (count) => {
  const blobs = new MemoryBlobs();
  const snapshot = snapshotOf(count);
  await writeSnapshot(blobs, snapshot);
  const { certificates, observations, ...head } = snapshot;
  expect(await readObserved(blobs, 'prod')).toEqual({ ...head, observations });
  expect(await readBrief(blobs, 'prod')).toEqual({ ...head, certificates });
});

test('it is small, and a line is a thing', async () => {
  const blobs = new MemoryBlobs();
  await writeSnapshot(blobs, snapshotOf(1_000));
  const bytes = blobs.bodies.get(KEY) ?? new Uint8Array();
  const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
  expect(lines).toHaveLength(2_001);
  expect(bytes.length * 5).toBeLessThan(lines.join('').length);
});

test('one of the version before, a single document, is read', async () => {
  const blobs = new MemoryBlobs();
  const { definitions: _, ...older } = snapshotOf(3);
  await blobs.write(KEY, Buffer.from(JSON.stringify(older)));
  expect(await readObserved(blobs, 'prod')).toEqual(older);
  expect(await readBrief(blobs, 'prod')).toEqual(older);
});

test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['of another kind', () => Buffer.from('snapshot')],
  ['empty', () => new Uint8Array()],
  ['a document that is none', () => Buffer.from('{"source":')],
])('what is %s is as if it was never written', async (_, damage) => {
  const blobs = new MemoryBlobs();
  await writeSnapshot(blobs, snapshotOf(2_000));
  await blobs.write(KEY, damage(blobs.bodies.get(KEY) ?? new Uint8Array()));
  expect(await readObserved(blobs, 'prod')).toBeUndefined();
});
