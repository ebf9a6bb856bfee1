/** What a command said, read back from its own words as a person would. Pure. */
import { uncoloured } from './shorten.ts';

export interface Renewed {
  readonly id: string;
  readonly serial: string;
}

export interface Said {
  readonly renewed: readonly Renewed[];
  readonly written: readonly string[];
  readonly failed: readonly string[];
  /** Subjects of the messages that SNS took. */
  readonly told: readonly string[];
}

/** Text that was wrapped to a paper, on one line again. */
const flat = (text: string): string => uncoloured(text).replace(/\s+/g, ' ');

const groups = (text: string, pattern: RegExp): readonly (readonly string[])[] =>
  [...text.matchAll(pattern)].map((match) => match.slice(1));

const first = (text: string, pattern: RegExp): readonly string[] => groups(text, pattern).map(([group = '']) => group);

/** What a run said it did. */
export function saidByRun(run: { readonly answer: string; readonly progress: string }): Said {
  const answer = uncoloured(run.answer);
  return {
    renewed: groups(flat(answer), / renewed (\S+), serial ([0-9a-f]+)/g).map(([id = '', serial = '']) => ({
      id,
      serial,
    })),
    written: first(answer, /^ {2}written +(\S+)$/gm),
    failed: first(flat(answer), / failed (\S+) at \w+:/g),
    told: first(uncoloured(run.progress), /told sns: (.+)$/gm),
  };
}

/** The findings of an answer as `code object`, in the words of their headings. */
export const findingsIn = (answer: string): readonly string[] =>
  groups(uncoloured(answer), /^(?:info|warning|high|critical) ([a-z0-9-]+)\s+(\w+ \S+)$/gm).map((words) =>
    words.join(' '),
  );

/** The states of an inventory's table by certificate. */
export const statesIn = (answer: string): ReadonlyMap<string, string> =>
  new Map(groups(uncoloured(answer), /^(\w+) {2,}(\S+\/\S+)/gm).map(([state = '', id = '']) => [id, state]));
