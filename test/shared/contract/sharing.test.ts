/** Groups of what shares a key: as many as there are, in order, none of one alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharing } from '../../../shared/contract/sharing.ts';

test('what is alone, or has no key, is in no group', () => {
  const all = ['ant', 'bee', 'auk', 'cat', 'bat', '?', '', ''];
  const keyOf = (word: string): string | undefined => (word === '?' ? undefined : word.slice(0, 1));
  expect([...sharing(all, keyOf)]).toEqual([
    ['a', ['ant', 'auk']],
    ['b', ['bee', 'bat']],
    ['', ['', '']],
  ]);
});

test('is what grouping all of them leaves when groups of one are dropped', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (numbers) => {
      const keyOf = (n: number): string => String(n % 7);
      const groups = [...Map.groupBy(numbers, keyOf)].filter(([, group]) => group.length > 1);
      expect(new Map(sharing(numbers, keyOf))).toEqual(new Map(groups));
    }),
  );
});
