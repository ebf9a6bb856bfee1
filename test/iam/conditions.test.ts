/** The operators as the IAM User Guide's page on condition operators has them, case by case, and what is not known. */
import { describe, expect, test } from 'vitest';
import { type ConditionJson, type Context, conditionsHold } from './conditions.ts';

const KNOWN = new Set(['aws:principalarn', 'aws:tagkeys', 'one', 'many', 'secure']);
const ROLE = 'arn:aws:iam::111111111111:role/nolapse-acme-issue';

const VARIABLE = '$' + '{aws:username}';

const holds = (conditions: ConditionJson, context: Context = {}): boolean => conditionsHold(conditions, context, KNOWN);

describe('a key of one value', () => {
  test.each<[string, ConditionJson, Context, boolean]>([
    ['equals one of the values', { StringEquals: { one: ['a', 'b'] } }, { one: 'b' }, true],
    ['equals none of the values', { StringEquals: { one: ['a', 'b'] } }, { one: 'c' }, false],
    ['is compared with its case', { StringEquals: { one: 'A' } }, { one: 'a' }, false],
    ['is compared without its case', { StringEqualsIgnoreCase: { one: 'A' } }, { one: 'a' }, true],
    ['has its name in any case', { StringEquals: { One: 'a' } }, { oNE: 'a' }, true],
    ['is no pattern for equals', { StringEquals: { one: 'a*' } }, { one: 'ab' }, false],
    ['that is missing equals nothing', { StringEquals: { one: 'a' } }, {}, false],
    ['that is missing differs from everything', { StringNotEquals: { one: 'a' } }, {}, true],
    ['differs from all of the values', { StringNotEquals: { one: ['a', 'b'] } }, { one: 'c' }, true],
    ['differs from one of the values only', { StringNotEquals: { one: ['a', 'b'] } }, { one: 'a' }, false],
    ['is like a pattern over dots and slashes', { StringLike: { one: 'a*z' } }, { one: 'a.b/c.z' }, true],
    ['is like one character', { StringLike: { one: 'a?c' } }, { one: 'abc' }, true],
    ['is not like one character less', { StringLike: { one: 'a?c' } }, { one: 'ac' }, false],
    ['is not like what only looks like an expression', { StringLike: { one: 'a.c' } }, { one: 'abc' }, false],
    ['is unlike a pattern', { StringNotLike: { one: 'a*' } }, { one: 'b' }, true],
    ['is there and compared', { StringEqualsIfExists: { one: 'a' } }, { one: 'b' }, false],
    ['is not there and not compared', { StringEqualsIfExists: { one: 'a' } }, {}, true],
    ['is true', { Bool: { secure: 'true' } }, { secure: 'true' }, true],
    ['is not true', { Bool: { secure: 'true' } }, { secure: 'false' }, false],
    ['is missing and so not false either', { Bool: { secure: 'false' } }, {}, false],
  ])('%s', (_, conditions, context, expected) => {
    expect(holds(conditions, context)).toBe(expected);
  });
});

describe('an ARN', () => {
  test.each<[string, ConditionJson, boolean]>([
    ['equals itself', { ArnEquals: { 'aws:PrincipalArn': ROLE } }, true],
    ['equals a pattern, for the two are one', { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, true],
    ['is like a pattern', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/nolapse-*' } }, true],
    ['is no pattern over several parts', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam:*' } }, false],
    ['is another one', { ArnEquals: { 'aws:PrincipalArn': `${ROLE}s` } }, false],
    ['is unlike another one', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::2*:role/*' } }, true],
  ])('%s', (_, conditions, expected) => {
    expect(holds(conditions, { 'aws:PrincipalArn': ROLE })).toBe(expected);
  });
});

describe('a key of several values', () => {
  const all: ConditionJson = { 'ForAllValues:StringEquals': { many: ['a', 'b'] } };
  const any: ConditionJson = { 'ForAnyValue:StringEquals': { many: ['a', 'b'] } };
  test.each<[string, ConditionJson, Context, boolean]>([
    ['holds for all', all, { many: ['a', 'b'] }, true],
    ['holds for all of fewer', all, { many: ['a'] }, true],
    ['does not hold for one too many', all, { many: ['a', 'c'] }, false],
    ['holds for all of none', all, { many: [] }, true],
    ['holds for all where it is missing', all, {}, true],
    ['holds for any', any, { many: ['c', 'a'] }, true],
    ['does not hold for any of others', any, { many: ['c'] }, false],
    ['does not hold for any of none', any, { many: [] }, false],
    ['does not hold for any where it is missing', any, {}, false],
    ['does not hold for any where it is missing, if it exists', ofMany('ForAnyValue:StringEqualsIfExists'), {}, false],
    [
      'is like one of the patterns, all of it',
      ofMany('ForAllValues:StringLike', ['x.*']),
      { many: ['x.1', 'x.2'] },
      true,
    ],
    ['has one that is unlike', ofMany('ForAnyValue:StringNotEquals'), { many: ['a', 'c'] }, true],
  ])('%s', (_, conditions, context, expected) => {
    expect(holds(conditions, context)).toBe(expected);
  });

  test('is no key for an operator of one value', () => {
    expect(() => holds({ StringEquals: { many: 'a' } }, { many: ['a'] })).toThrow(
      'a key of several values needs ForAllValues or ForAnyValue',
    );
  });
});

function ofMany(operator: string, values: readonly string[] = ['a', 'b']): ConditionJson {
  return { [operator]: { many: values } };
}

describe('Null', () => {
  test.each<[string, ConditionJson, Context, boolean]>([
    ['false: it must be there, and is', { Null: { many: 'false' } }, { many: ['a'] }, true],
    ['false: it must be there, and is not', { Null: { many: 'false' } }, {}, false],
    ['false: it must be there, and is empty', { Null: { many: 'false' } }, { many: [] }, false],
    ['true: it must not be there, and is', { Null: { one: 'true' } }, { one: 'a' }, false],
    ['true: it must not be there, and is not', { Null: { one: 'true' } }, {}, true],
  ])('%s', (_, conditions, context, expected) => {
    expect(holds(conditions, context)).toBe(expected);
  });

  test('closes what ForAllValues leaves open', () => {
    const both: ConditionJson = { 'ForAllValues:StringEquals': { many: 'a' }, Null: { many: 'false' } };
    expect([holds(both, { many: ['a'] }), holds(both, { many: ['b'] }), holds(both)]).toEqual([true, false, false]);
  });
});

test('all keys of an operator, and all operators, must hold', () => {
  const conditions: ConditionJson = { StringEquals: { one: 'a', secure: 'true' }, StringLike: { one: '?' } };
  expect(holds(conditions, { one: 'a', secure: 'true' })).toBe(true);
  expect(holds(conditions, { one: 'a', secure: 'false' })).toBe(false);
  expect(holds(conditions, { one: 'b', secure: 'true' })).toBe(false);
});

test.each<[string, ConditionJson, string]>([
  ['an operator', { NumericLessThan: { one: '1' } }, 'the operator NumericLessThan is not known here'],
  ['a misspelt operator', { StringsEqual: { one: '1' } }, 'the operator StringsEqual is not known here'],
  ['a set of Null', { 'ForAllValues:Null': { many: 'true' } }, 'the operator ForAllValues:Null is not known here'],
  ['a key', { StringEquals: { 'aws:Nothing': '1' } }, 'the condition key aws:Nothing is not known here'],
  ['a variable', { StringEquals: { one: VARIABLE } }, `the policy variable in ${VARIABLE} is not known here`],
])('%s that is not known throws', (_, conditions, message) => {
  expect(() => holds(conditions, { one: '1' })).toThrow(message);
});
