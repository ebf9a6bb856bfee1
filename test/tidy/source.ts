/** What the house style refuses in one source file, read from its syntax tree: lengths, drawer names, swallowed errors. */
import { basename, dirname } from 'node:path';
import { parseSync } from '@swc/core';

const FILE_LINES = 300;
const HANDLER_LINES = 60;
const FUNCTION_LINES = 50;
/** Names that say nothing of what is inside. */
const DRAWERS = /^(utils?|helpers?|managers?|common)$/;
/** The field's own words, which hold a drawer's name. */
const FIELD_WORDS = /(field|secrets|cert)[-_]?manager/gi;
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);
const NAMED = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclarator',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
]);
/** Calls whose callback is a list of tests, not a function of ours. */
const SUITES = new Set(['describe', 'test', 'it', 'scenario']);

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly type: string;
  readonly span?: Span;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** swc gives a Parameter's pattern, an Argument's expression and the like without a type of their own; both are walked. */
function* children(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  for (const child of Object.values(value)) {
    if (isNode(child)) yield child;
    else yield* children(child);
  }
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) yield* walk(child);
}

const nameIn = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('value' in value && typeof value.value === 'string') return value.value;
  for (const key of ['identifier', 'id', 'key', 'object', 'callee', 'expression'] as const) {
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    const name = inner === undefined ? undefined : nameIn(inner);
    if (name) return name;
  }
  return undefined;
};

/** Whether the function's own statements are tests: then its length is that of a table. */
function holdsTests(node: Node): boolean {
  const { body } = node;
  if (!isNode(body)) return false;
  const statements = Array.isArray(body.stmts) ? body.stmts : [];
  return statements.some(
    (s) =>
      isNode(s) &&
      s.type === 'ExpressionStatement' &&
      isNode(s.expression) &&
      s.expression.type === 'CallExpression' &&
      SUITES.has(nameIn(s.expression.callee) ?? ''),
  );
}

const isDrawer = (name: string): boolean => {
  const last = name
    .replace(FIELD_WORDS, 'field')
    .split(/[-_.]|(?<=[a-z0-9])(?=[A-Z])/)
    .at(-1);
  return DRAWERS.test((last ?? '').toLowerCase());
};

class Source {
  readonly #bytes: Buffer;
  readonly tree: readonly Node[];
  readonly #base: number;

  /** swc counts bytes, on from where the last parse ended: an empty statement in front tells where this one began. */
  constructor(text: string) {
    this.#bytes = Buffer.from(`;${text}`);
    const module = parseSync(`;${text}`, { syntax: 'typescript', target: 'es2024' });
    this.tree = module.body as unknown as readonly Node[];
    this.#base = this.tree[0]?.span?.start ?? 0;
  }

  textOf(span: Span): string {
    return this.#bytes.subarray(span.start - this.#base, span.end - this.#base).toString();
  }

  lineOf(span: Span): number {
    return this.#bytes
      .subarray(0, span.start - this.#base)
      .toString()
      .split('\n').length;
  }
}

function problemOfNode(source: Source, node: Node): string | undefined {
  if (!node.span) return undefined;
  const line = source.lineOf(node.span);
  if (FUNCTIONS.has(node.type) && !holdsTests(node)) {
    const lines = source.textOf(node.span).split('\n').length;
    if (lines > FUNCTION_LINES)
      return `${line}: function ${nameIn(node) ?? ''} has ${lines} lines, at most ${FUNCTION_LINES}`;
  }
  const name = NAMED.has(node.type) ? nameIn(node) : undefined;
  if (name && isDrawer(name)) return `${line}: ${name} names a drawer, not a thing`;
  if (node.type === 'CatchClause' && isNode(node.body) && node.body.span) {
    const { stmts } = node.body;
    const isEmpty = Array.isArray(stmts) && stmts.length === 0;
    if (isEmpty && !/\/[/*]/.test(source.textOf(node.body.span)))
      return `${line}: an error is caught and nothing says why`;
  }
  return undefined;
}

const pathProblems = (path: string): readonly string[] =>
  [...dirname(path).split('/'), basename(path).replace(/(\.test|\.scenario)?\.ts$/, '')]
    .filter(isDrawer)
    .map((part) => `0: ${part} in the path names a drawer, not a thing`);

/** `<line>: <what is wrong>` for everything the style refuses; `path` is relative to the repository. */
export function sourceProblems(path: string, text: string): readonly string[] {
  const problems = [...pathProblems(path)];
  const lines = text.split('\n').length - 1;
  const limit = path.startsWith('functions/') ? HANDLER_LINES : FILE_LINES;
  if (lines > limit) problems.push(`${lines}: the file has ${lines} lines, at most ${limit}`);
  if (!/^(#!.*\n)?\/\*\*/.test(text) && !path.endsWith('.config.ts'))
    problems.push('1: the file does not open with a sentence on what it is');
  const source = new Source(text);
  for (const node of source.tree.flatMap((statement) => [...walk(statement)])) {
    const problem = problemOfNode(source, node);
    if (problem) problems.push(problem);
  }
  return problems;
}
