/** The contract of port 2: whole objects by key. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Blobs } from '../../shared/contract/ports.ts';

export interface BlobsWorld {
  readonly blobs: Blobs;
  /** The same store, opened once more. */
  another(): Promise<Blobs>;
  close(): Promise<void>;
}

/** Keys that a careless store would mix up, or put in a place that is not its own. */
const KEYS = [
  'snapshots/prod-eu',
  'snapshots%2Fprod-eu',
  'snapshots',
  'snapshots/',
  '../outside',
  '..',
  '.hidden',
  'with space & "quotes"*?',
  'schlüssel/雪',
  `long/${'x'.repeat(400)}a`,
  `long/${'x'.repeat(400)}b`,
];

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

export function blobsContract(name: string, open: () => Promise<BlobsWorld>): void {
  describe(`Blobs: ${name}`, () => {
    let world: BlobsWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    test('has nothing under a key that was never written', async () => {
      expect(await world.blobs.read('never')).toBeUndefined();
    });

    test('keeps every key apart, for whoever opens the store next', async () => {
      for (const key of KEYS) await world.blobs.write(key, text(`body of ${key}`));
      const another = await world.another();
      for (const key of KEYS) expect(await another.read(key), key).toEqual(text(`body of ${key}`));
    });

    test('replaces an object whole: a shorter one leaves nothing of the longer', async () => {
      await world.blobs.write('replaced', text('a long body'));
      await world.blobs.write('replaced', text('short'));
      expect(await world.blobs.read('replaced')).toEqual(text('short'));
    });

    test.each([
      ['no byte', new Uint8Array()],
      ['every byte', Uint8Array.from({ length: 256 }, (_, n) => n)],
      ['2 MiB', new Uint8Array(2 * 1024 * 1024).fill(0xa5)],
    ])('takes a body of %s', async (_, body) => {
      await world.blobs.write('body', body);
      expect(Buffer.compare((await world.blobs.read('body')) ?? text('nothing'), body)).toBe(0);
    });

    test('of writes at once, one remains, and it is whole', async () => {
      const another = await world.another();
      const bodies = Array.from({ length: 8 }, (_, n) => new Uint8Array(100_000).fill(n));
      await Promise.all(bodies.map((body, n) => (n % 2 ? world.blobs : another).write('raced', body)));
      const read = (await world.blobs.read('raced')) ?? text('nothing');
      expect(bodies.filter((body) => Buffer.compare(body, read) === 0)).toHaveLength(1);
    });
  });
}
