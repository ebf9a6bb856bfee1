/** The contract of port 4: what is sealed opens for the same context under the same key, and for nothing else. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountContext, AttemptContext, Seal, Unseal } from '../../shared/contract/ports.ts';
import { problemOf } from '../../shared/contract/problem.ts';

export interface Sealing {
  readonly seal: Seal<AttemptContext>;
  readonly unseal: Unseal<AttemptContext>;
}

export interface SealingWorld extends Sealing {
  /** The same key, as the next process has it. */
  reopened(): Promise<Sealing>;
  /** Another key. */
  stranger(): Promise<Sealing>;
  close(): Promise<void>;
}

const CONTEXT: AttemptContext = { fleet: 'acme', issuance: '5f2c', attempt: '01' };
const ACCOUNT: AccountContext = { fleet: 'acme', account: '5f2c' };

const brokenBy = async (opening: Promise<Uint8Array>): Promise<string> => {
  const error = await opening.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { type, retry } = problemOf(error);
  expect({ type, retry }).toEqual({ type: 'nolapse:seal-broken', retry: 'never' });
  return JSON.stringify([String(error), problemOf(error)]);
};

const flipped = (text: string, index: number): string =>
  `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;

export function sealingContract(name: string, open: () => Promise<SealingWorld>): void {
  describe(`Seal and Unseal: ${name}`, () => {
    const key = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey;
    const plain = Buffer.from(key);
    let world: SealingWorld;
    let sealed: string;
    beforeAll(async () => {
      world = await open();
      sealed = await world.seal(plain, CONTEXT);
    });
    afterAll(() => world.close());

    test('opens to what was sealed, also for the next process', async () => {
      for (const { unseal } of [world, await world.reopened()])
        expect(Buffer.compare(await unseal(sealed, CONTEXT), plain)).toBe(0);
    });

    test.each([
      ['nothing', 0],
      ['one byte', 1],
      ['5 kB', 5_000],
    ])('seals %s', async (_, length) => {
      const bytes = randomBytes(length);
      const opened = await world.unseal(await world.seal(bytes, CONTEXT), CONTEXT);
      expect(Buffer.compare(opened, bytes)).toBe(0);
    });

    test('leaves the key with whoever asked', () => {
      expect(plain.toString()).toBe(key);
    });

    test('is printable, never the same twice, and shows nothing of the key', async () => {
      expect(sealed).toMatch(/^[\x21-\x7e]+$/);
      expect(await world.seal(plain, CONTEXT)).not.toBe(sealed);
      const bytes = Buffer.concat(sealed.split('.').map((part) => Buffer.from(part, 'base64url')));
      for (const line of key.split('\n').filter((part) => part !== '')) {
        expect(sealed).not.toContain(line);
        expect(bytes.includes(line)).toBe(false);
      }
    });

    test('does not care for the order in which a context was written', async () => {
      const { fleet, issuance, attempt } = CONTEXT;
      expect(Buffer.compare(await world.unseal(sealed, { attempt, issuance, fleet }), plain)).toBe(0);
    });

    test.each<[string, object]>([
      ['another fleet', { ...CONTEXT, fleet: 'acmd' }],
      ['another issuance', { ...CONTEXT, issuance: '5f2d' }],
      ['another attempt', { ...CONTEXT, attempt: '02' }],
      ['fields moved between values', { ...CONTEXT, issuance: '5f2', attempt: 'c01' }],
      ['one field more', { ...CONTEXT, more: '' }],
      ['an account', ACCOUNT],
      ['nothing', {}],
    ])('does not open for %s', async (_, context) => {
      expect(await brokenBy(world.unseal(sealed, context as AttemptContext))).not.toContain('PRIVATE KEY');
    });

    test('does not open under another key', async () => {
      await brokenBy((await world.stranger()).unseal(sealed, CONTEXT));
    });

    test('does not open when a single character was changed', async () => {
      const step = Math.ceil(sealed.length / 60);
      const places = [...Array(sealed.length).keys()].filter((n) => n % step === 0 || n < 4 || n > sealed.length - 4);
      for (const index of places) await brokenBy(world.unseal(flipped(sealed, index), CONTEXT));
    });

    test.each([
      ['nothing', () => ''],
      ['no sealed text', () => key],
      ['a text that was cut', () => sealed.slice(0, -20)],
      ['a text without its end', () => sealed.slice(0, sealed.lastIndexOf('.'))],
      ['a text with something after it', () => `${sealed}.AAAA`],
      ['a text with a line break', () => `${sealed}\n`],
      ['a later version', () => sealed.replace('v1', 'v2')],
    ])('does not open %s', async (_, broken) => {
      expect(await brokenBy(world.unseal(broken(), CONTEXT))).not.toContain('PRIVATE KEY');
    });
  });
}
