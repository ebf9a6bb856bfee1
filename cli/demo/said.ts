/** What a command said, read back from its own words as a person would, however they were wrapped. Pure. */
import { uncoloured } from './shorten.ts';

export interface Renewed {
  readonly id: string;
  readonly serial: string;
}

export interface Written {
  readonly id: string;
  readonly place: string;
}

export interface Said {
  readonly renewed: readonly Renewed[];
  /** As told while it went on. */
  readonly written: readonly Written[];
  /** Places, as told at the end. */
  readonly places: readonly string[];
  readonly failed: readonly string[];
  /** How many messages SNS took. */
  readonly told: number;
  /** Whether it was told that SNS took a message of this subject. */
  hasTold(subject: string): boolean;
}

/** Text that was wrapped to a paper, on one line again. */
const flat = (text: string): string => uncoloured(text).replace(/\s+/g, ' ');

const groups = (text: string, pattern: RegExp): readonly (readonly string[])[] =>
  [...text.matchAll(pattern)].map((match) => match.slice(1));

const first = (text: string, pattern: RegExp): readonly string[] => groups(text, pattern).map(([group = '']) => group);

/** What a run said it did. */
export function saidByRun(run: { readonly answer: string; readonly progress: string }): Said {
  const answer = flat(run.answer);
  const progress = flat(run.progress);
  return {
    renewed: groups(answer, / renewed (\S+), serial ([0-9a-f]+)/g).map(([id = '', serial = '']) => ({ id, serial })),
    written: groups(progress, /(\S+): written: (\S+)/g).map(([id = '', place = '']) => ({ id, place })),
    places: first(uncoloured(run.answer), /^ {2}written +(\S+)$/gm),
    failed: first(answer, / failed (\S+) at \w+:/g),
    told: first(progress, /(told sns: )/g).length,
    hasTold: (subject) => progress.includes(`told sns: ${flat(subject)}`),
  };
}

/** The findings of an answer that are more than info, as `code object` in the words of their headings. */
export const findingsIn = (answer: string): readonly string[] =>
  groups(uncoloured(answer), /^(?:warning|high|critical) ([a-z0-9-]+)\s+(\w+ \S+)$/gm).map((words) => words.join(' '));

/** The states of an inventory's table by certificate. */
export const statesIn = (answer: string): ReadonlyMap<string, string> =>
  new Map(groups(uncoloured(answer), /^(\w+) {2,}(\S+\/\S+)/gm).map(([state = '', id = '']) => [id, state]));
