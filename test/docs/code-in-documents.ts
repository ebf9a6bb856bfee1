/** What stands as code in our documents: fenced blocks, commands with the answers that are shown, and words as a shell splits them. */

export interface Block {
  /** What follows the opening fence; may be empty. */
  readonly language: string;
  readonly text: string;
}

export const fencedBlocks = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));

/** Code within sentences and tables. */
export const inlineCode = (markdown: string): readonly string[] =>
  [...markdown.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

export interface Prompt {
  readonly command: string;
  /** Lines that are not empty. */
  readonly answer: readonly string[];
}

/** The commands after `$ ` in a block, each with the lines below it. */
export function promptsIn(block: string): readonly Prompt[] {
  const [, ...prompts] = `\n${block}`.split(/^\$ /m);
  return prompts.map((prompt) => {
    const [command = '', ...answer] = prompt.split('\n');
    return { command, answer: answer.filter((line) => line.trim() !== '') };
  });
}

/** The words of one command; quotes hold words together, and so do the brackets of `<what you name>`. What follows `|`, `>`, `&&`, `;` or `#` is another matter. */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|<[^<>]*>|[^\s"'])+/g)) {
    if (/^(?:[|;#>]|&&)/.test(word)) break;
    words.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words;
}
