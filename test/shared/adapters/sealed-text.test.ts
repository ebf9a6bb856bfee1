/** The sealed text apart from who keeps the master key: data keys do not outlive their use. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { decrypt, encrypt, randomDataKey, sealText, unsealText } from '../../../shared/adapters/sealed-text.ts';

const CONTEXT = { fleet: 'acme', account: 'a' };
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

test('the data key is zeroed after sealing, after opening, and when opening fails', async () => {
  const master = randomBytes(32);
  const made: Uint8Array[] = [];
  const sealed = await sealText(Buffer.from('plain'), CONTEXT, async ({ bytes }) => {
    const plain = randomDataKey();
    made.push(plain);
    expect(isZero(plain)).toBe(false);
    return { plain, wrapped: encrypt(master, plain, bytes) };
  });
  const opened = await unsealText(sealed, CONTEXT, async (wrapped, { bytes }) => {
    const plain = decrypt(master, wrapped, bytes);
    made.push(plain);
    expect(isZero(plain)).toBe(false);
    return plain;
  });
  expect(Buffer.from(opened).toString()).toBe('plain');
  const wrong = randomDataKey();
  await expect(unsealText(sealed, CONTEXT, async () => wrong)).rejects.toMatchObject({
    problem: { type: 'nolapse:seal-broken' },
  });
  expect(made).toHaveLength(2);
  expect([...made, wrong].every(isZero)).toBe(true);
});

test('whoever wraps is given the context as fields and as the same bytes, in whatever order they were written', async () => {
  const seen: unknown[] = [];
  for (const context of [CONTEXT, { account: 'a', fleet: 'acme' }])
    await sealText(Buffer.from('plain'), context, async (bound) => {
      seen.push({ context: bound.context, bytes: Buffer.from(bound.bytes).toString() });
      return { plain: randomDataKey(), wrapped: randomBytes(40) };
    });
  expect(seen).toEqual(Array(2).fill({ context: CONTEXT, bytes: '{"account":"a","fleet":"acme"}' }));
});
