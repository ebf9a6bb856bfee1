/** How a command ends that could not do what it was asked: one clear message, in both languages, and the exit code. */
import { CommanderError } from 'commander';
import { InputError, type InputProblem, type Problem, ProblemError, problemOf } from '../shared/contract/problem.ts';
import { FAILED, INTERRUPTED, USAGE } from './exit-code.ts';
import { errorDocument } from './output/documents.ts';
import { jsonText, printable } from './output/words.ts';
import { write } from './terminal.ts';

export interface Failed {
  readonly document: unknown;
  /** For stderr; not wrapped, so that a place in a file can be clicked. */
  readonly lines: readonly string[];
  readonly code: number;
}

const inputLine = ({ where, message, fix }: InputProblem): string =>
  printable(`${where}: ${message}`) + (fix ? `\n  fix: ${printable(fix)}` : '');

function ofInput(problems: readonly InputProblem[]): Failed {
  const n = problems.length;
  const [first] = problems;
  const message = n === 1 && first ? `${first.where}: ${first.message}` : `${n} problems in what was given`;
  return { document: errorDocument(message, problems), lines: problems.map(inputLine), code: USAGE };
}

function problemLines(problem: Problem): readonly string[] {
  const said = (problem.subproblems ?? []).map(({ identifier, detail }) =>
    printable(`  ${identifier ? `${identifier.value}: ` : ''}${detail}`),
  );
  return [printable(problem.detail), ...said, ...(problem.fix ? [`  fix: ${printable(problem.fix)}`] : [])];
}

/** commander's own words, without its `error:`; it may add a second line with the nearest word. */
const argumentProblem = (error: CommanderError): InputProblem => {
  const [message = '', near] = error.message.replace(/^error: /, '').split('\n');
  return { where: 'command line', message, fix: near?.replace(/^\(|\)$/g, '') ?? 'see nolapse --help' };
};

/** A signal came before there was an answer. */
export const interrupted = (): Failed => ({
  document: errorDocument('stopped by a signal; what was begun is stored', []),
  lines: [],
  code: INTERRUPTED,
});

/** The help was shown instead: the people on stderr need no more words. */
const noCommand = (): Failed => ({
  ...ofInput([{ where: 'command line', message: 'no command is given', fix: 'see nolapse --help' }]),
  lines: [],
});

/** What to say of anything thrown. What nobody foresaw keeps its stack: it is a defect of ours. */
export function failedWith(error: unknown): Failed {
  if (error instanceof InputError) return ofInput(error.problems);
  if (error instanceof CommanderError && error.code === 'commander.help') return noCommand();
  if (error instanceof CommanderError) return ofInput([argumentProblem(error)]);
  // lanes that ran beside each other: what stopped them all, a full disk for one, is said once
  const thrown: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const problems = [...new Map(thrown.map(problemOf).map((problem) => [problem.detail, problem])).values()];
  const stacks = thrown.flatMap((one) =>
    !(one instanceof ProblemError) && one instanceof Error ? [one.stack ?? ''] : [],
  );
  const message = problems.map(({ detail }) => detail).join('; ');
  return {
    document: errorDocument(message, problems),
    lines: [...problems.flatMap(problemLines), ...stacks],
    code: FAILED,
  };
}

/** Says why there is no answer, on stderr and, where JSON was asked for, on stdout; returns the exit code. */
export async function tellFailure({ document, lines, code }: Failed, json: boolean): Promise<number> {
  await write(process.stderr, lines);
  if (json) await write(process.stdout, [jsonText(document)]);
  return code;
}
