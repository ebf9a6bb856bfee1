/** Less of a command's output than it is, for a reader in a hurry: nothing is changed, whole blocks are left out and counted. Pure. */
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

export interface Cut {
  /** So many findings stay whole. */
  readonly whole: number;
  /** Only findings of this code stay whole. */
  readonly code?: string;
  /** What is left of the others. */
  readonly rest: 'first lines' | 'nothing';
}

export interface Shortened {
  readonly lines: readonly string[];
  /** Findings that are not there whole. */
  readonly cut: number;
}

/** The answer with some of its findings whole, in front of what is left of the others. */
export function shortened(answer: string, { whole, code, rest }: Cut): Shortened {
  const blocks = blocksOf(answer);
  const findings = blocks.filter(isFinding);
  const isMeant = (block: string): boolean => code === undefined || headOf(block).includes(` ${code}`);
  const kept = findings.filter(isMeant).slice(0, whole);
  const others = findings.filter((block) => !kept.includes(block));
  const shown = [...blocks.filter((block) => !isFinding(block)), ...kept].flatMap((block) => [
    ...block.split('\n'),
    '',
  ]);
  const heads = rest === 'nothing' || others.length === 0 ? [] : [...others.map(headOf), ''];
  return { lines: [...shown, ...heads], cut: others.length };
}

const CONTINUED = '  ';

const widthOf = (text: string): number => [...uncoloured(text)].length;

/** Words whole; colours take no room and may go on over the end of a line. */
function folded(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && widthOf(longer) > width) {
      lines.push(current);
      current = CONTINUED + word;
    } else current = longer;
  }
  return [...lines, current].join('\n');
}

/** Lines of progress that are too long for the paper, folded between words. */
export const fitted = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => folded(line, width))
    .join('\n');
