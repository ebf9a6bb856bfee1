/** Turns what a schema or a standard's reader found into problems that name file, line and column, what was found, what is allowed and the nearest word. */
import * as z from 'zod';
import type { InputProblem } from '../contract/problem.ts';
import { type FieldProblem, fieldPath } from '../standards/certmanager/field.ts';
import type { FileDocument } from './documents.ts';
import { type Kind, SCHEMAS } from './kinds.ts';
import { NOT_YET_MODE, notYet } from './not-yet.ts';
import { listed, nearestWord, shown } from './words.ts';

type Path = readonly string[];
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map',
  record: 'a map',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** The keys that the schema has at a path, from the same JSON Schema that editors are given. */
function allowedAt(kind: Kind, path: Path): readonly string[] {
  let schema: JsonSchema | undefined = z.toJSONSchema(SCHEMAS[kind], { io: 'input' }) as JsonSchema;
  for (const key of path) {
    const rest: JsonSchema | boolean | undefined = schema?.additionalProperties;
    schema = schema?.properties?.[key] ?? schema?.items ?? (typeof rest === 'object' ? rest : undefined);
  }
  return Object.keys(schema?.properties ?? {});
}

function found(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `the list ${shown(value)}`;
  if (typeof value === 'object') return `a map with ${listed(Object.keys(value))}`;
  return typeof value === 'string' ? shown(value) : `the ${typeof value} ${shown(value)}`;
}

/** Web pages replace e-mail addresses by a text in brackets, which YAML reads as a list. */
const isScrubbedMail = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 1 && /^email[\s\u00a0]+protected$/i.test(String(value[0]));

export const scrubbedMail = (document: FileDocument, path: Path): InputProblem | undefined =>
  isScrubbedMail(valueAt(document.value, path))
    ? {
        where: document.where(path),
        message: `${fieldPath(path)}: the address became the list ["email protected"]: a web page hid it`,
        fix: 'write the address again, e.g. platform@example.com',
      }
    : undefined;

function unknownKey(document: FileDocument, kind: Kind, path: Path): InputProblem {
  const name = fieldPath(path);
  const where = document.whereKey(path);
  const instead = notYet(name);
  if (instead) return { where, message: `${name}: not honoured by this version`, fix: instead };
  const key = path.at(-1) ?? '';
  const allowed = allowedAt(kind, path.slice(0, -1));
  const near = nearestWord(key, allowed);
  const parent = fieldPath(path.slice(0, -1)) || `a ${kind}`;
  const message = `${parent}: unknown key ${shown(key)}; allowed: ${listed(allowed)}`;
  return { where, message, ...(near ? { fix: `did you mean ${near}?` } : {}) };
}

function wrongType(document: FileDocument, path: Path, expected: string): InputProblem {
  const name = fieldPath(path);
  const value = valueAt(document.value, path);
  if (value === undefined) return { where: document.where(path), message: `${name}: is required` };
  const scrubbed = scrubbedMail(document, path);
  if (scrubbed) return scrubbed;
  const quote = expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  return {
    where: document.where(path),
    message: `${name}: expected ${TYPES[expected] ?? expected}, found ${found(value)}`,
    ...(quote ? { fix: `put it in quotes: "${String(value)}"` } : {}),
  };
}

function wrongValue(document: FileDocument, path: Path, values: readonly unknown[]): InputProblem {
  const name = fieldPath(path);
  const value = valueAt(document.value, path);
  const where = document.where(path);
  if (value === undefined) return { where, message: `${name}: is required; allowed: ${values.join(', ')}` };
  if (path.at(-1) === 'mode' && value === NOT_YET_MODE)
    return {
      where,
      message: `${name}: the mode ${NOT_YET_MODE} is not honoured by this version`,
      fix: 'use audit or manage',
    };
  const allowed = values.map(String);
  const near = typeof value === 'string' ? nearestWord(value, allowed) : undefined;
  return {
    where,
    message: `${name}: ${shown(value)} is not allowed; allowed: ${listed(allowed)}`,
    ...(near ? { fix: `did you mean ${near}?` } : {}),
  };
}

function problemsOfIssue(document: FileDocument, kind: Kind, issue: z.core.$ZodIssue): readonly InputProblem[] {
  const path = issue.path.map(String);
  const name = fieldPath(path);
  const where = document.where(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(document, kind, [...path, key]));
    case 'invalid_type':
      return [wrongType(document, path, issue.expected)];
    case 'invalid_value':
      return [wrongValue(document, path, issue.values)];
    case 'invalid_format':
      return [{ where, message: `${name}: ${shown(valueAt(document.value, path))} ${issue.message}` }];
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string')
        return [{ where, message: `${name}: is empty, at least ${issue.minimum} is needed` }];
      return [{ where, message: `${name}: ${shown(valueAt(document.value, path))} is less than ${issue.minimum}` }];
    case 'too_big':
      if (issue.origin === 'array') return [{ where, message: `${name}: has more than ${issue.maximum}` }];
      return [{ where, message: `${name}: ${shown(valueAt(document.value, path))} is more than ${issue.maximum}` }];
    case 'invalid_union':
      return (
        issue.errors[0]?.flatMap((inner) =>
          problemsOfIssue(document, kind, { ...inner, path: [...issue.path, ...inner.path] }),
        ) ?? []
      );
    default:
      return [{ where, message: `${name}: ${issue.message}` }];
  }
}

/** A rule on the whole of a map says nothing new while one of its keys is unknown. */
const isFollowUp = (issue: z.core.$ZodIssue, issues: readonly z.core.$ZodIssue[]): boolean =>
  issue.code === 'custom' &&
  issues.some((other) => other.code === 'unrecognized_keys' && other.path.join('/') === issue.path.join('/'));

/** Everything that a schema found wrong with a document. */
export const problemsOfIssues = (
  document: FileDocument,
  kind: Kind,
  issues: readonly z.core.$ZodIssue[],
): readonly InputProblem[] =>
  issues.filter((issue) => !isFollowUp(issue, issues)).flatMap((issue) => problemsOfIssue(document, kind, issue));

/** A reader's problem at its place in the file. */
export const problemAt = (document: FileDocument, problem: FieldProblem): InputProblem => ({
  where: document.where(problem.path),
  message: `${fieldPath(problem.path) || 'the document'}: ${problem.message}`,
  ...(problem.fix ? { fix: problem.fix } : {}),
});

/** What a reader found beyond the schema: a field that the schema has complained about already is not said twice. */
export function beyondSchema(
  schemaProblems: readonly InputProblem[],
  readerProblems: readonly InputProblem[],
): readonly InputProblem[] {
  const subject = ({ where, message }: InputProblem): string => `${where} ${message.slice(0, message.indexOf(': '))}`;
  const said = new Set(schemaProblems.map(subject));
  return readerProblems.filter((problem) => !said.has(subject(problem)));
}

/** In the order of the files: `a.yaml:9:1` comes before `a.yaml:10:1`; each said once. */
export function inOrder(problems: readonly InputProblem[]): readonly InputProblem[] {
  const parts = (where: string) => /^(.*?)(?::(\d+):(\d+))?$/.exec(where) ?? [];
  const compare = (a: InputProblem, b: InputProblem): number => {
    const [, fileA = '', lineA = 0, columnA = 0] = parts(a.where);
    const [, fileB = '', lineB = 0, columnB = 0] = parts(b.where);
    if (fileA !== fileB) return fileA < fileB ? -1 : 1;
    return Number(lineA) - Number(lineB) || Number(columnA) - Number(columnB);
  };
  const seen = new Map(problems.map((problem) => [`${problem.where} ${problem.message}`, problem]));
  return [...seen.values()].sort(compare);
}
