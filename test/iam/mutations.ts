/** Every policy that differs from a given one in one place: something less, or something more. */
import { type ConditionJson, listOf } from './conditions.ts';
import type { StatementJson } from './policy.ts';

export interface Mutant {
  readonly how: string;
  readonly statements: readonly StatementJson[];
}

interface Change {
  readonly how: string;
  readonly statement?: StatementJson;
}

const leftOut = <T>(list: readonly T[], i: number): readonly T[] => list.toSpliced(i, 1);

const ofList = (element: 'Action' | 'Resource', statement: StatementJson, wider: (one: string) => readonly string[]) =>
  listOf(statement[element]).flatMap((one, i, all): readonly Change[] => [
    ...(all.length > 1
      ? [{ how: `without ${element} ${one}`, statement: { ...statement, [element]: leftOut(all, i) } }]
      : []),
    ...wider(one).map((more) => ({
      how: `with ${element} ${more} for ${one}`,
      statement: { ...statement, [element]: all.with(i, more) },
    })),
  ]);

const withCondition = (statement: StatementJson, Condition: ConditionJson): StatementJson => ({
  ...statement,
  Condition,
});

function ofConditions(statement: StatementJson): readonly Change[] {
  const { Condition = {} } = statement;
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, value]): readonly Change[] => {
      const others = Object.fromEntries(Object.entries(keys).filter(([name]) => name !== key));
      const without = withCondition(statement, { ...Condition, [operator]: others });
      const changed = (values: readonly string[]): StatementJson =>
        withCondition(statement, { ...Condition, [operator]: { ...keys, [key]: values } });
      const values = listOf(value);
      return [
        { how: `without ${operator} ${key}`, statement: without },
        ...(operator === 'Null' ? [{ how: `with ${operator} ${key} turned round`, statement: changed(['true']) }] : []),
        ...(operator === 'Null'
          ? []
          : [{ how: `with another value of ${key}`, statement: changed([...values, 'other']) }]),
        ...(values.length > 1
          ? values.map((one, i) => ({ how: `without ${one} of ${key}`, statement: changed(leftOut(values, i)) }))
          : []),
      ];
    }),
  );
}

/** `*` behind a pattern that ends with one would say the same. */
const changesOf = (statement: StatementJson): readonly Change[] => [
  { how: 'left out' },
  { how: 'with one more action', statement: { ...statement, Action: [...listOf(statement.Action), 'kms:Verify'] } },
  ...ofList('Action', statement, (action) => [`${action.split(':')[0]}:*`]),
  ...ofList('Resource', statement, (resource) => (resource.endsWith('*') ? ['*'] : ['*', `${resource}*`])),
  ...ofConditions(statement),
];

/** Every change of every statement, each by itself. */
export const mutantsOf = (statements: readonly StatementJson[]): readonly Mutant[] =>
  statements.flatMap((statement, i) =>
    changesOf(statement).map(({ how, statement: changed }) => ({
      how: `${statement.Sid} ${how}`,
      statements: changed ? statements.with(i, changed) : leftOut(statements, i),
    })),
  );
