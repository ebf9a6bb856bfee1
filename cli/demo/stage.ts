/** What the demo's reader sees: commands as they are typed, what they say, cut to what can be read, and the demo's own words between. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paper } from '../output/paper.ts';
import { wrapped } from '../output/words.ts';
import type { Check } from './check.ts';
import { type Played, play } from './play.ts';
import { fitted, shortened, uncoloured } from './shorten.ts';

const MEANING: Readonly<Record<number, string>> = {
  0: 'fine',
  1: 'findings of severity high or critical',
  3: 'something failed',
};

export interface Stage {
  /** The demo's own words, a paragraph. */
  tell(text: string): void;
  /** Lines as they are. */
  lines(lines: readonly string[]): void;
  title(text: string): void;
  /** Plays `nolapse <words>`; of its findings so many are shown whole, of the others a line. All of it is in the file `name`. */
  play(words: string, how: { readonly whole: number; readonly name: string }): Promise<Played>;
  checks(checks: readonly Check[]): void;
}

/** Shows progress; of the messages to the terminal the first one whole, of the others the subject. */
function shower(write: (text: string) => void, width: number): (text: string) => void {
  let messages = 0;
  return (text) => {
    if (!text.startsWith('\n')) return write(fitted(text, width));
    messages += 1;
    const [, subject = ''] = text.split('\n');
    write(messages === 1 ? `${text}\n` : `${fitted(subject, width)}\n`);
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
    play: async (words, { whole, name }) => {
      lines(['', paper.ink('bold', paper.ink('cyan', `$ nolapse ${words}`))]);
      const played = await play(words.split(' '), shower(write, paper.width));
      await writeFile(join(folder, name), uncoloured(played.progress + played.answer));
      const { lines: shown, cut } = shortened(played.answer, whole);
      lines(shown);
      if (cut > 0) dim(`(${cut} findings cut to one line here; all of it: nolapse-demo/${name})`);
      dim(`(exit code ${played.code}: ${MEANING[played.code] ?? 'see nolapse --help'})`);
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
