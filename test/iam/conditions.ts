/** Conditions of IAM policies as the IAM User Guide defines them, for the operators of strings, ARNs, Bool and Null. Whatever else is asked throws. */

/** What is known of a request; a key of several values has a list. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export type ConditionJson = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const compiled = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = new RegExp(`^${escaped(pattern).replaceAll('\\*', '[^]*').replaceAll('\\?', '[^]')}$`);
  compiled.set(pattern, made);
  return made;
}

/** `*` is any characters, `?` is one. */
export const globbed = (pattern: string, text: string): boolean => expressionOf(pattern).test(text);

const ARN_PARTS = 6;

/** Each of an ARN's six parts by itself, so that a wildcard never eats a colon before the last. */
function arnLike(pattern: string, text: string): boolean {
  const parts = (arn: string): readonly string[] => {
    const split = arn.split(':');
    return [...split.slice(0, ARN_PARTS - 1), split.slice(ARN_PARTS - 1).join(':')];
  };
  const [wanted, found] = [parts(pattern), parts(text)];
  return wanted.every((part, i) => globbed(part, found[i] ?? ''));
}

type Match = (pattern: string, text: string) => boolean;

const same: Match = (pattern, text) => pattern === text;

const MATCHES: Readonly<Record<string, { readonly match: Match; readonly negated?: true }>> = {
  StringEquals: { match: same },
  StringNotEquals: { match: same, negated: true },
  StringEqualsIgnoreCase: { match: (pattern, text) => same(pattern.toLowerCase(), text.toLowerCase()) },
  StringLike: { match: globbed },
  StringNotLike: { match: globbed, negated: true },
  ArnEquals: { match: arnLike },
  ArnLike: { match: arnLike },
  ArnNotEquals: { match: arnLike, negated: true },
  ArnNotLike: { match: arnLike, negated: true },
  Bool: { match: (pattern, text) => same(pattern.toLowerCase(), text.toLowerCase()) },
};

interface Operator {
  readonly set?: string;
  readonly name: string;
  readonly ifExists: boolean;
}

function operatorOf(text: string): Operator {
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(text) ?? [];
  const isNull = name === 'Null' && set === undefined && ifExists === undefined;
  if (!isNull && !Object.hasOwn(MATCHES, name)) throw new TypeError(`the operator ${text} is not known here`);
  return { name, ifExists: ifExists !== undefined, ...(set === undefined ? {} : { set }) };
}

function holdsFor({ set, name, ifExists }: Operator, patterns: readonly string[], found: Context[string] | undefined) {
  const values = listOf(found);
  if (name === 'Null') return patterns.some((pattern) => (pattern === 'true') === (values.length === 0));
  const { match, negated = false } = MATCHES[name] as (typeof MATCHES)[string];
  const one = (value: string): boolean => patterns.some((pattern) => match(pattern, value)) !== negated;
  if (set === 'ForAllValues') return values.every(one);
  if (values.length === 0 && ifExists) return set === undefined;
  if (set === 'ForAnyValue') return values.some(one);
  if (typeof found === 'object') throw new TypeError('a key of several values needs ForAllValues or ForAnyValue');
  return found === undefined ? negated : one(found);
}

/** Whether all of them hold. `known`: the keys, in lower case, that a request may have; a policy that asks for another one throws. */
export function conditionsHold(conditions: ConditionJson, context: Context, known: ReadonlySet<string>): boolean {
  const found = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([operator, keys]) => {
    const parsed = operatorOf(operator);
    return Object.entries(keys).every(([key, wanted]) => {
      const name = key.toLowerCase();
      if (!known.has(name)) throw new TypeError(`the condition key ${key} is not known here`);
      const patterns = listOf(wanted);
      const variable = patterns.find((pattern) => pattern.includes('${'));
      if (variable !== undefined) throw new TypeError(`the policy variable in ${variable} is not known here`);
      return holdsFor(parsed, patterns, found.get(name));
    });
  });
}
