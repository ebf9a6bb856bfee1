/** What stands between here and the next renewal: the first obstacle on top, then every check on a line, with what was seen and who does what. */
import { type Checked, idOf, type State } from '../doctor/diagnose.ts';
import type { NextRenewal } from '../doctor/next-renewal.ts';
import type { Ink, Paper } from './paper.ts';
import { fromNow } from './times.ts';
import { counted, hanging, printable, widthOf } from './words.ts';

const SIGNS: Readonly<Record<State, { readonly sign: string; readonly ink: Ink }>> = {
  ok: { sign: '✔', ink: 'green' },
  broken: { sign: '✖', ink: 'red' },
  warning: { sign: '!', ink: 'yellow' },
  waiting: { sign: '–', ink: 'dim' },
};
const INDENT = '    ';

export const countOf = (checked: readonly Checked[], state: State): number =>
  checked.filter((one) => one.state === state).length;

const renewalWords = (next: NextRenewal | undefined, now: Date): string => {
  if (!next) return 'the next renewal';
  const isDue = Date.parse(next.at) <= now.getTime();
  return `the next renewal (${next.certificate} ${isDue ? 'is due now' : fromNow(next.at, now)})`;
};

/** To be copied: broken before pipes, else before options, in the way a shell reads it. */
function commandLines(command: string, width: number): readonly string[] {
  const first = `${INDENT}run: `;
  const room = width - 2;
  const lines: string[] = [];
  const add = (part: string): void => {
    const joined = `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && widthOf(joined) <= room) lines[lines.length - 1] = joined;
    else lines.push(`${lines.length === 0 ? first : ' '.repeat(first.length)}${part}`);
  };
  for (const program of printable(command).split(/ (?=\| )/)) {
    const options = program.split(/ (?=--[a-z])/);
    const [head = '', ...rest] = widthOf(first) + widthOf(program) <= room ? [program] : options;
    add(head);
    for (const option of rest) add(option);
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}

function lineOf(one: Checked, paper: Paper): readonly string[] {
  const { state, evidence } = one;
  const { sign, ink } = SIGNS[state];
  const head = `${sign} ${printable(idOf(one))}`;
  const [only = ''] = evidence;
  const isShort = evidence.length === 1 && (state === 'ok' || state === 'waiting');
  const whole = `${head}: ${printable(only)}`;
  const inked = (line: string): string => line.replace(sign, paper.ink(ink, sign));
  if (isShort && widthOf(whole) <= paper.width) return [inked(whole)];
  const seen = evidence.flatMap((text) => hanging(INDENT, text, paper.width));
  const heading = hanging('  ', `${idOf(one)}`, paper.width).map((line, i) =>
    i === 0 ? inked(`${sign} ${line.slice(2)}`) : line,
  );
  return [...heading, ...seen];
}

function mending({ fix, command, who }: Checked, paper: Paper): readonly string[] {
  return [
    ...(fix === undefined ? [] : hanging(`${INDENT}fix: `, fix, paper.width)),
    ...(command === undefined ? [] : commandLines(command, paper.width)),
    ...(who === undefined ? [] : hanging(`${INDENT}by:  `, who, paper.width)),
  ];
}

function summary(checked: readonly Checked[], next: NextRenewal | undefined, paper: Paper): readonly string[] {
  const [broken, warnings, waiting] = (['broken', 'warning', 'waiting'] as const).map((state) =>
    countOf(checked, state),
  );
  const rest = [
    ...(waiting ? [`${counted(waiting, 'check')} ${waiting === 1 ? 'waits' : 'wait'} for what is broken`] : []),
    ...(warnings ? [counted(warnings, 'warning')] : []),
  ];
  const after = rest.length > 0 ? `; ${rest.join(', ')}` : '';
  const before = renewalWords(next, paper.now);
  const checks = `${counted(checked.length, 'check')}${after}.`;
  if (!broken && !next) return hanging('', `Nothing is broken, and nothing is to be renewed: ${checks}`, paper.width);
  if (!broken) return hanging('', `Nothing stands between here and ${before}: ${checks}`, paper.width);
  const stands = broken === 1 ? 'stands' : 'stand';
  const first = checked.find(({ state }) => state === 'broken');
  return [
    ...hanging(
      '',
      `${broken} of ${counted(checked.length, 'check')} ${stands} between here and ${before}${after}.`,
      paper.width,
    ).map((line) => paper.ink('bold', line)),
    ...(first ? hanging('First: ', `${idOf(first)}: ${first.evidence[0] ?? ''}`, paper.width) : []),
  ];
}

export const diagnosisLines = (
  checked: readonly Checked[],
  next: NextRenewal | undefined,
  paper: Paper,
): readonly string[] => [
  ...summary(checked, next, paper),
  '',
  ...checked.flatMap((one) => [...lineOf(one, paper), ...mending(one, paper)]),
];

export const diagnosisDocument = (checked: readonly Checked[], next: NextRenewal | undefined) => ({
  ...(next ? { next } : {}),
  broken: countOf(checked, 'broken'),
  checks: checked,
});
