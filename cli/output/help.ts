/** Text that help ends with. */

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ nolapse ${line}`).join('\n')}\n`;
