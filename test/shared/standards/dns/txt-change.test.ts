/** Changes of TXT sets, and the property that others never notice them. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TxtKey } from '../../../../shared/contract/step.ts';
import { batchesOf, changesOf, type TxtChange, type TxtSet } from '../../../../shared/standards/dns/txt-change.ts';

const NAME = '_acme-challenge.example.com';
const keys = (values: readonly string[], fqdn = NAME): readonly TxtKey[] =>
  values.map((value) => ({ zoneId: 'Z1', fqdn, value }));
const create = (ttl: number, ...values: string[]): TxtChange => ({
  action: 'CREATE',
  name: NAME,
  set: { ttl, values },
});
const remove = (ttl: number, ...values: string[]): TxtChange => ({
  action: 'DELETE',
  name: NAME,
  set: { ttl, values },
});

describe('changesOf', () => {
  const foreign: TxtSet = { ttl: 300, values: ['"theirs"', '"a"'] };
  test.each<[string, string[], string[], TxtSet | undefined | 'not read', TxtChange[]]>([
    ['a name nobody looked at', ['a', 'b', 'a'], [], 'not read', [create(60, '"a"', '"b"')]],
    ['a removal nobody looked at', [], ['a', 'b'], 'not read', [remove(60, '"a"', '"b"')]],
    ['a turn nobody looked at', ['b'], ['a'], 'not read', [remove(60, '"a"'), create(60, '"b"')]],
    ['a name without a set', ['a'], [], undefined, [create(60, '"a"')]],
    ['a removal where there is no set', [], ['a'], undefined, []],
    ["another's set", ['b'], [], foreign, [remove(300, '"theirs"', '"a"'), create(300, '"theirs"', '"a"', '"b"')]],
    ['a value that is there', ['a'], [], foreign, [remove(300, '"theirs"', '"a"'), create(300, '"theirs"', '"a"')]],
    ["a removal beside another's value", [], ['a'], foreign, [remove(300, '"theirs"', '"a"'), create(300, '"theirs"')]],
    ['a removal of the last value', [], ['a'], { ttl: 300, values: ['"a"'] }, [remove(300, '"a"')]],
    ['a removal of a value that is gone', [], ['b'], foreign, []],
    ['a value both added and removed', ['b'], ['b'], undefined, [create(60, '"b"')]],
  ])('%s', (_, add, gone, set, changes) => {
    const existing = set === 'not read' ? new Map() : new Map([[NAME, set]]);
    expect(changesOf(keys(add), keys(gone), existing)).toEqual(changes);
  });

  /** The set after the changes, which must fit what was there, as Route 53 wants it. */
  const applied = (set: TxtSet | undefined, changes: readonly TxtChange[]): TxtSet | undefined =>
    changes.reduce<TxtSet | undefined>((now, change) => {
      if (change.action === 'CREATE') expect(now).toBeUndefined();
      else expect(change.set).toEqual(now);
      return change.action === 'CREATE' ? change.set : undefined;
    }, set);

  test('whatever others have, it is as before after values came and went', () => {
    const theirs = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 });
    const ours = fc.uniqueArray(fc.base64String({ minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(theirs, ours, fc.nat(), (values, added, ttl) => {
        const before = values.length > 0 ? { ttl, values: values.map((value) => `'${value}'`) } : undefined;
        const during = applied(before, changesOf(keys(added), [], new Map([[NAME, before]])));
        const after = applied(during, changesOf([], keys(added), new Map([[NAME, during]])));
        expect(after).toEqual(before);
      }),
    );
  });
});

describe('batchesOf', () => {
  const many = (count: number, length: number) =>
    changesOf(
      Array.from({ length: count }, (_, n) => keys(['x'.repeat(length)], `_acme-challenge.n${n}.example.com`)).flat(),
      [],
    );

  test('nothing is no batch, and a thousand values are one', () => {
    expect(batchesOf([])).toEqual([]);
    expect(batchesOf(many(1_000, 10)).map((batch) => batch.length)).toEqual([1_000]);
  });

  test.each([
    [1_001, 10, [1_000, 1]],
    [712, 43, [711, 1]],
  ])('%i values of %i characters are two', (count, length, sizes) => {
    expect(batchesOf(many(count, length)).map((batch) => batch.length)).toEqual(sizes);
  });

  test('what is changed at one name stays in one batch', () => {
    const turn = changesOf(keys(['b']), keys(['a']));
    const batches = batchesOf([...many(999, 10), ...turn]);
    expect(batches.map((batch) => batch.length)).toEqual([999, 2]);
  });
});
