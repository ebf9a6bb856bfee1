/** YAML text as documents whose every value knows its place in the file. YAML 1.2 core: no merge keys, no tags that make objects. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { InputProblem } from '../contract/problem.ts';

export const MAX_FILE_BYTES = 1_048_576;
const MAX_ALIASES = 100;
const MAX_DEPTH = 200;

export interface FileDocument {
  readonly file: string;
  readonly value: unknown;
  /** The first `kind` at the top: one that lost its indentation has that of its issuerRef below. */
  readonly kind: unknown;
  /** What YAML itself refuses: duplicate keys, unknown tags, broken syntax. */
  readonly complaints: readonly InputProblem[];
  /** `file:line:column` of the value at the path, or of the nearest thing above it that exists. */
  readonly where: (path: readonly string[]) => string;
  /** The same of the key itself: for keys that should not be there. */
  readonly whereKey: (path: readonly string[]) => string;
}

export interface Parsed {
  readonly documents: readonly FileDocument[];
  readonly problems: readonly InputProblem[];
}

interface Found {
  readonly node: Node | undefined;
  /** Where the key, or the item itself, begins. */
  readonly start: number;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

function childOf(document: Document, node: Node | undefined, key: string): Found | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target)) {
    const item = target.items[Number(key)] as Node | undefined;
    const start = startOf(item);
    return start === undefined ? undefined : { node: item, start };
  }
  if (!isMap(target)) return undefined;
  const pair = target.items.find((p) => isScalar(p.key) && String(p.key.value) === key);
  const start = startOf(pair?.key);
  return start === undefined ? undefined : { node: (pair?.value as Node | null) ?? undefined, start };
}

/** The deepest thing on the way to `path` that exists. */
function find(document: Document, path: readonly string[]): Found & { readonly whole: boolean } {
  let found: Found = { node: (document.contents as Node | null) ?? undefined, start: startOf(document.contents) ?? 0 };
  for (const key of path) {
    const child = childOf(document, found.node, key);
    if (!child) return { ...found, whole: false };
    found = child;
  }
  return { ...found, whole: true };
}

const placeIn = (file: string, lines: LineCounter, offset: number): string => {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
};

function fileDocument(file: string, document: Document, lines: LineCounter): FileDocument {
  const valueStart = (path: readonly string[]): number => {
    const { node, start, whole } = find(document, path);
    const empty = !node || (isScalar(node) && (node.value === null || node.value === ''));
    return whole && !empty ? (startOf(node) ?? start) : start;
  };
  const kind = childOf(document, (document.contents as Node | null) ?? undefined, 'kind')?.node;
  return {
    file,
    kind: isScalar(kind) ? kind.value : undefined,
    value: document.toJS({ maxAliasCount: MAX_ALIASES }),
    complaints: [...document.errors, ...document.warnings].map(({ code, pos, message }) => ({
      where: placeIn(file, lines, pos[0]),
      message: code === 'DUPLICATE_KEY' ? 'this key is there already, further up' : message.replace(/\s+/g, ' '),
    })),
    where: (path) => placeIn(file, lines, valueStart(path)),
    whereKey: (path) => placeIn(file, lines, find(document, path).start),
  };
}

const unusable = (file: string, message: string): Parsed => ({
  documents: [],
  problems: [{ where: `${file}:1:1`, message }],
});

export const tooLarge = (file: string, bytes: number): Parsed =>
  unusable(file, `the file has ${bytes} bytes, at most ${MAX_FILE_BYTES}`);

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // the decoder says no more than that it is not UTF-8
    return undefined;
  }
}

/** An upper bound, from brackets and from indentation: the parser itself runs out of stack on what is deeper. */
function depthOf(text: string): number {
  let [open, most] = [0, 0];
  for (const character of text) {
    if (character === '[' || character === '{') most = Math.max(most, ++open);
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
  }
  const indented = text.split('\n').reduce((deepest, line) => Math.max(deepest, /^ */.exec(line)?.[0].length ?? 0), 0);
  return Math.max(most, indented / 2);
}

/** The documents of one file; empty ones are left out. What cannot be made into values at all (alias bombs) is a problem. */
export function parseDocuments(file: string, bytes: Uint8Array): Parsed {
  if (bytes.byteLength > MAX_FILE_BYTES) return tooLarge(file, bytes.byteLength);
  const text = decoded(bytes);
  if (text === undefined) return unusable(file, 'the file is not UTF-8 text');
  const lines = new LineCounter();
  const options = { version: '1.2', schema: 'core', lineCounter: lines, prettyErrors: false } as const;
  if (depthOf(text) > MAX_DEPTH)
    return {
      documents: [],
      problems: [{ where: file, message: `is nested more than ${MAX_DEPTH} levels deep`, fix: 'no manifest is' }],
    };
  const parsed = parseAllDocuments(text, options);
  const documents: FileDocument[] = [];
  const problems: InputProblem[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    try {
      documents.push(fileDocument(file, document, lines));
    } catch (error) {
      // yaml throws on too many aliases, and on one that names nothing
      if (!(error instanceof ReferenceError)) throw error;
      problems.push({ where: placeIn(file, lines, startOf(document.contents) ?? 0), message: error.message });
    }
  }
  return { documents: documents.filter((d) => d.value !== null || d.complaints.length > 0), problems };
}
