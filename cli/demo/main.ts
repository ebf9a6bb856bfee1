/** The demo: a small fleet in a box on this machine. */
import { ProblemError } from '../../shared/contract/problem.ts';

export interface DemoOptions {
  /** The part of the world that fails. */
  readonly broken?: 'dns';
  /** What starts this command again: the program and its first argument. `part <name> <config>` after it runs a part of the sandbox. */
  readonly command: readonly string[];
}

/** Plays the demo on stdout; the exit code of the command. */
export async function demo(_options: DemoOptions): Promise<number> {
  throw new ProblemError({ type: 'nolapse:no-demo', detail: 'the demo is not there yet', retry: 'never' });
}
