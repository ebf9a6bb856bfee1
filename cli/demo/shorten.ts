/** Less of a command's output than it is, for a reader in a hurry: nothing is changed, whole blocks are left out and counted. Pure. */
import { wrapped } from '../output/words.ts';

/** Blocks are parted by empty lines. */
const blocksOf = (text: string): readonly string[] => text.replace(/\n+$/, '').split(/\n\n+/);

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
const COLOURS = /\u001b\[[0-9;]*m/g;

export const uncoloured = (text: string): string => text.replace(COLOURS, '');

const FINDING = /^(info|warning|high|critical) [a-z0-9-]+/;

const isFinding = (block: string): boolean => FINDING.test(uncoloured(block));

/** The first line, or two where the object stands on a line of its own. */
function headOf(block: string): string {
  const [head = '', object = ''] = block.split('\n');
  return /^(info|warning|high|critical) \S+$/.test(uncoloured(head)) ? `${head} ${object}` : head;
}

export interface Shortened {
  readonly lines: readonly string[];
  /** Findings of which only the first line is there. */
  readonly cut: number;
}

/** The answer with so many findings whole; of the others the first lines. */
export function shortened(answer: string, whole: number): Shortened {
  const blocks = blocksOf(answer);
  const findings = blocks.filter(isFinding);
  const rest = findings.slice(whole);
  const others = blocks.filter((block) => !isFinding(block));
  const shown = [...others, ...findings.slice(0, whole)].flatMap((block) => [...block.split('\n'), '']);
  return { lines: [...shown, ...rest.map(headOf), ...(rest.length > 0 ? [''] : [])], cut: rest.length };
}

/** A line of progress that is too long for the paper, wrapped; coloured ones are left to the terminal. */
export const fitted = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => (line.includes('\u001b') || line.length <= width ? line : wrapped(line, width).join('\n  ')))
    .join('\n');
