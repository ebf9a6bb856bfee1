/** Text for terminals: what came from clusters cannot move the cursor, and every line fits. */

/** Controls, invisible format characters (bidi overrides too), lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
};

/** The text on one line, with everything that a terminal would act on written as an escape. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** How many columns a printable text takes; one a code point. */
export const widthOf = (text: string): number => [...text].length;

/** Best places to break a word that is too long: ids, names and lists have these. */
const SEAM = /[/.,:=-]/;

/** Where a word that is longer than `width` is cut: after its last seam that fits, else at the width. */
function cutAt(word: readonly string[], width: number): number {
  const floor = Math.floor(width / 2);
  for (let i = width; i > floor; i--) if (SEAM.test(word[i - 1] ?? '')) return i;
  return width;
}

/** Pieces of a word, each at most `width` columns. */
function pieces(word: string, width: number): readonly string[] {
  const rest = [...word];
  const cut: string[] = [];
  while (rest.length > width) cut.push(rest.splice(0, cutAt(rest, width)).join(''));
  return [...cut, rest.join('')];
}

/** Lines of at most `width` columns; nothing but the blanks between words is lost. At least one line. */
export function wrapped(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ').filter(Boolean)) {
    for (const piece of pieces(word, room)) {
      const joined = line === '' ? piece : `${line} ${piece}`;
      if (widthOf(joined) <= room) line = joined;
      else {
        lines.push(line);
        line = piece;
      }
    }
  }
  return [...lines, line];
}

/** Wrapped, with `first` before the first line and as many blanks before the others. */
export function hanging(first: string, text: string, width: number): readonly string[] {
  const indent = widthOf(first);
  return wrapped(text, width - indent).map((line, i) => `${i === 0 ? first : ' '.repeat(indent)}${line}`.trimEnd());
}

/** JSON for people and pipes: what JSON lets through but a terminal would act on is escaped as well. */
export function jsonText(document: unknown): string {
  const unicode = (c: string): string =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  const text = JSON.stringify(document, null, 2);
  return text.replace(UNPRINTABLE, (c) => (c === '\n' ? c : unicode(c)));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const indented = (value: unknown, by: string): string => jsonText(value).replaceAll('\n', `\n${by}`);

const isList = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

/** An entry is written when it is known whether another follows. */
function* listLines(name: string, list: Iterable<unknown>, end: string): Generator<string> {
  let entry: string | undefined;
  for (const one of list) {
    yield entry === undefined ? `${name}[` : `${entry},`;
    entry = `    ${indented(one ?? null, '    ')}`;
  }
  if (entry === undefined) yield `${name}[]${end}`;
  else yield* [entry, `  ]${end}`];
}

/**
 * The same text line by line, those of one entry of a list together: all of a large document is never one text, and where its lists are
 * made as they are read (`Iterable`), it is never there at once.
 */
export function* jsonLines(document: unknown): Generator<string> {
  const entries = isObject(document) ? Object.entries(document).filter(([, value]) => value !== undefined) : [];
  if (entries.length === 0) {
    yield jsonText(document);
    return;
  }
  yield '{';
  for (const [at, [key, value]] of entries.entries()) {
    const end = at < entries.length - 1 ? ',' : '';
    const name = `  ${jsonText(key)}: `;
    if (isList(value)) yield* listLines(name, value, end);
    else yield `${name}${indented(value, '  ')}${end}`;
  }
  yield '}';
}

/** `1 certificate`, `2 certificates`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
