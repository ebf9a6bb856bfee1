/** TXT values in presentation form, `"one" "two"` with backslash escapes (RFC 1035 §5.1), to character strings; says what Route 53 dislikes. */

export type TextProblem =
  | 'InvalidCharacterString (Value should be enclosed in quotation marks)'
  | 'CharacterStringTooLong (Value is too long)';

export type ParsedText = { readonly strings: readonly string[] } | { readonly problem: TextProblem };

const QUOTED = /^\s*"((?:[^"\\]|\\[0-7]{3}|\\[^0-7])*)"(?=\s|$)/;
const MAX_STRING = 255;

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : code,
  );

/** The character strings of one value. */
export function parseText(value: string): ParsedText {
  const strings: string[] = [];
  for (let rest = value.trimEnd(); rest !== ''; ) {
    const quoted = QUOTED.exec(rest);
    if (!quoted) return { problem: 'InvalidCharacterString (Value should be enclosed in quotation marks)' };
    strings.push(unescaped(quoted[1] ?? ''));
    rest = rest.slice(quoted[0].length);
  }
  if (strings.length === 0) return { problem: 'InvalidCharacterString (Value should be enclosed in quotation marks)' };
  if (strings.some((text) => text.length > MAX_STRING))
    return { problem: 'CharacterStringTooLong (Value is too long)' };
  return { strings };
}
