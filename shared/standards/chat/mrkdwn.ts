/** Text of others in the markup of chats (Slack's mrkdwn; Teams reads these parts of it alike): shown as it is, commanding nothing. Pure. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Without these three there is no mention, no `<!channel>`, no link (Slack, Formatting text: Escaping text). */
export const escaped = (text: string): string =>
  text.toWellFormed().replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

/** At most `most` characters after the escape, which is never cut in two; what is cut off shows as `end`. */
export function escapedWithin(text: string, most: number, end = '...'): string {
  const whole = escaped(text);
  if (whole.length <= most) return whole;
  let fitting = '';
  for (const character of text) {
    const next = fitting + escaped(character);
    if (next.length > most - end.length) break;
    fitting = next;
  }
  return fitting + end;
}

/** Emphasis, code, a quotation, an emoji by its name: `*.shop.example.com` would lose its star, a fingerprint some of its bytes. */
const MARKUP = /[*_~`]|^\s*>|:[\w+-]+:/;

const hasMarkup = (text: string): boolean => MARKUP.test(text);

/** Every backtick would end it. */
const inlineCode = (text: string, most: number): string => `\`${escapedWithin(text.replaceAll('`', "'"), most - 2)}\``;

/** One line as it is: as code where the chat would read markup in it. */
export const verbatim = (text: string, most: number): string =>
  hasMarkup(text) ? inlineCode(text, most) : escapedWithin(text, most);

/** The same, emphasised. */
export const strong = (text: string, most: number): string =>
  hasMarkup(text) ? inlineCode(text, most) : `*${escapedWithin(text, most - 2)}*`;

/** What is left to say of these lines below a title: its own words are not said again, but where nothing else is said. */
export const below = (title: string, [first = '', ...more]: readonly string[]): readonly string[] =>
  more.some((line) => line.trim() !== '') && title.includes(first) ? more : [first, ...more];

/** A block of code, for what is to be copied. Three backticks would end it. */
export const codeBlock = (text: string, most: number): string =>
  `\`\`\`\n${escapedWithin(text.replaceAll('```', "'''"), most - 8)}\n\`\`\``;

/** As many whole lines as there is room for; where some were left out, `end` is the last one. */
export function linesWithin(lines: readonly string[], most: number, end: string): string {
  const whole = lines.join('\n');
  if (whole.length <= most) return whole;
  let fitting = '';
  for (const line of lines) {
    if (fitting.length + line.length + 1 > most - end.length) break;
    fitting += `${line}\n`;
  }
  return fitting + end;
}
