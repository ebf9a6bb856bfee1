/** Checks that wait for each other: all side by side, each within its time, and none whose ground has already given way. */
import { type Problem, ProblemError, problemOf } from '../../shared/contract/problem.ts';

/** ok · broken: stands in the way of a renewal · warning: does not, and should be known · waiting: not looked at, as what it needs is broken. */
export type State = 'ok' | 'broken' | 'warning' | 'waiting';

export interface Verdict {
  readonly state: Exclude<State, 'waiting'>;
  /** What was seen: sentences. */
  readonly evidence: readonly string[];
  /** The one thing to do. */
  readonly fix?: string;
  /** It as a command. */
  readonly command?: string;
  /** Who can do it. */
  readonly who?: string;
}

export interface Check {
  /** A stable word. */
  readonly check: string;
  readonly subject: string;
  /** Subjects and words of checks without whose success this one would say nothing new. */
  readonly needs?: readonly string[];
  /** Who can mend what `look` throws; default `you`. */
  readonly who?: string;
  /** Throws ProblemError for what is broken. */
  look(): Promise<Verdict>;
}

/** A check with its answer, as `-o json` has it. */
export interface Checked extends Omit<Verdict, 'state'> {
  readonly check: string;
  readonly subject: string;
  readonly state: State;
}

export const YOU = 'you';

export const idOf = ({ check, subject }: Pick<Check, 'check' | 'subject'>): string => `${check} ${subject}`;

export const ok = (...evidence: readonly string[]): Verdict => ({ state: 'ok', evidence });

/** A fix that begins with a program is a command. */
const isCommand = (fix: string): boolean => /^(aws|kubectl|chmod|nolapse) \S/.test(fix);

export function brokenBy({ detail, fix, subproblems = [] }: Problem, who = YOU): Verdict {
  const evidence = [detail, ...subproblems.map((one) => one.detail)];
  if (fix === undefined) return { state: 'broken', evidence, who };
  return isCommand(fix) ? { state: 'broken', evidence, command: fix, who } : { state: 'broken', evidence, fix, who };
}

export interface Diagnosing {
  readonly limitMs: number;
  /** Told at each end of a check. */
  readonly onDone?: (done: number, of: number) => void;
}

const tooLong = (ms: number): ProblemError =>
  new ProblemError({
    type: 'nolapse:check-too-long',
    detail: `there was no answer within ${ms / 1_000} s`,
    retry: 'later',
    fix: 'check the way there: name, port, proxy, firewall; then look again',
  });

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The answers in the order of the checks. Rejects with what a check threw that is no ProblemError: a defect of ours. */
export async function diagnose(checks: readonly Check[], { limitMs, onDone }: Diagnosing): Promise<readonly Checked[]> {
  const running = new Map<string, Promise<Checked>>();
  let done = 0;
  const run = async (one: Check): Promise<Checked> => {
    const { check, subject, needs = [], who } = one;
    // one that is not there has nothing to say against it
    const before = await Promise.all(needs.flatMap((id) => running.get(id) ?? []));
    const ground = before.find(({ state }) => state === 'broken' || state === 'waiting');
    if (ground) return { check, subject, state: 'waiting', evidence: [`waits for ${idOf(ground)}`] };
    try {
      return { check, subject, ...(await within(one.look(), limitMs)) };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { check, subject, ...brokenBy(problemOf(error), who) };
    }
  };
  for (const one of checks) {
    const told = run(one).then((checked) => {
      done += 1;
      onDone?.(done, checks.length);
      return checked;
    });
    running.set(idOf(one), told);
  }
  const settled = await Promise.allSettled(running.values());
  const thrown = settled.find((one) => one.status === 'rejected');
  if (thrown) throw thrown.reason;
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
