/** Chains in any order become leaf first, each followed by its issuer. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderedChain, pathFrom } from '../../../../shared/standards/x509/chain.ts';
import { type Made, makeChain, makeIntermediate, makeLeaf, makeRoot } from '../../../fixtures/x509.ts';

const root = await makeRoot();
const upper = await makeIntermediate(root, { commonName: 'Upper' });
const lower = await makeIntermediate(upper, { commonName: 'Lower' });
const leaf = await makeLeaf({ issuer: lower });
const other = await makeChain();
const alone = await makeLeaf();
const crossed = await makeIntermediate(other.root, { commonName: 'Lower', key: lower.key });
const text = (made: readonly Made[]): string => made.map(({ pem }) => pem).join('');

describe('orderedChain', () => {
  test('finds the one order from any, without root and doubles', () => {
    const all = fc.shuffledSubarray([leaf, lower, upper, root, leaf, upper], { minLength: 6 });
    fc.assert(
      fc.property(all, (shuffled) => {
        expect(orderedChain(text(shuffled))).toBe(text([leaf, lower, upper]));
      }),
    );
  });

  test.each([
    ['a leaf alone', [leaf], [leaf]],
    ['a self-signed leaf', [alone], [alone]],
    ['a root alone', [root], [root]],
    ['a chain with a gap: what does not connect stays', [upper, leaf], [leaf, upper]],
    ['a certificate of another chain: it stays', [lower, other.intermediate, leaf], [leaf, lower, other.intermediate]],
    ['a cross-signed issuer beside the other: it stays', [leaf, lower, crossed, upper], [leaf, lower, upper, crossed]],
  ])('of %s', (_, given, expected) => {
    expect(orderedChain(text(given))).toBe(text(expected));
  });

  test.each([
    ['no PEM', 'hello', 'the chain holds no PEM block CERTIFICATE'],
    ['21 certificates', leaf.pem.repeat(21), 'the chain holds 21 certificates, at most 20 are read'],
  ])('refuses %s', (_, given, message) => {
    expect(() => orderedChain(given)).toThrow(
      expect.objectContaining({
        name: 'ProblemError',
        message,
        problem: expect.objectContaining({ type: 'nolapse:bad-certificate' }),
      }),
    );
  });
});

test('pathFrom does not run in a circle where CAs have signed each other', async () => {
  const a = await makeRoot({ commonName: 'A' });
  const b = await makeRoot({ commonName: 'B' });
  const aByB = await makeIntermediate(b, { commonName: 'A', key: a.key });
  const bByA = await makeIntermediate(a, { commonName: 'B', key: b.key });
  expect(pathFrom(aByB.x509, [bByA.x509, aByB.x509])).toHaveLength(2);
});
