/** What the demo's reader sees: commands as they are typed, what they say, cut to what can be read, and the demo's own words between. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paper } from '../output/paper.ts';
import { counted, wrapped } from '../output/words.ts';
import type { Check } from './check.ts';
import { type Played, play } from './play.ts';
import { type Cut, fitted, shortened, uncoloured } from './shorten.ts';

const WHOLE: Cut = { whole: Number.POSITIVE_INFINITY, rest: 'first lines' };

const MEANING: Readonly<Record<number, string>> = {
  0: 'fine',
  1: 'findings of severity high or above',
  3: 'something failed',
};

export interface Stage {
  /** The demo's own words, a paragraph. */
  tell(text: string): void;
  /** Lines as they are. */
  lines(lines: readonly string[]): void;
  title(text: string): void;
  /** Plays `nolapse <words>` and shows its answer cut; all of it is in the file `name` of the demo's folder. */
  play(words: string, how: { readonly name: string; readonly cut?: Cut }): Promise<Played>;
  checks(checks: readonly Check[]): void;
}

/** Shows progress; of the messages to the terminal only the first: the others stand in the lines on what SNS was told. */
function shower(write: (text: string) => void, paper: Paper): (text: string) => void {
  let messages = 0;
  return (text) => {
    if (!text.startsWith('\n')) return write(fitted(text, paper.width));
    messages += 1;
    if (messages === 1) write(`${text}${paper.ink('dim', '(a message; the others by their subjects only)')}\n\n`);
  };
}

export function stageOn(stdout: NodeJS.WriteStream, paper: Paper, folder: string): Stage {
  const write = (text: string): void => void stdout.write(text);
  const lines = (all: readonly string[]): void => write(all.map((line) => `${line}\n`).join(''));
  const dim = (text: string): void => lines(wrapped(text, paper.width).map((line) => paper.ink('dim', line)));
  return {
    lines,
    tell: (text) => lines(wrapped(text, paper.width)),
    title: (text) => lines(['', ...wrapped(`== ${text}`, paper.width).map((line) => paper.ink('bold', line))]),
    play: async (words, { name, cut: wish = WHOLE }) => {
      lines(['', paper.ink('bold', paper.ink('cyan', `$ nolapse ${words}`))]);
      const played = await play(words.split(' '), shower(write, paper));
      await writeFile(join(folder, name), uncoloured(played.progress + played.answer));
      const { lines: shown, cut } = shortened(played.answer, wish);
      lines(shown);
      const where = cut > 0 ? `; ${counted(cut, 'finding')} cut here, whole in ${name}` : '';
      dim(`(exit code ${played.code}: ${MEANING[played.code] ?? 'see nolapse --help'}${where})`);
      return played;
    },
    checks: (checks) => {
      for (const { claim, holds } of checks)
        lines([`  ${holds ? paper.ink('green', 'yes') : paper.ink('red', 'NO ')}  ${claim}`]);
      const right = checks.filter(({ holds }) => holds).length;
      const sum = `checked: ${right} of ${checks.length} hold against what the servers recorded`;
      lines([paper.ink(right === checks.length ? 'green' : 'red', sum)]);
    },
  };
}
