/** How much time an invocation gives to what it asks for. */
import type { Clock } from '../../contract/ports.ts';
import { InputError } from '../../contract/problem.ts';
import { shorter } from '../../lanes/shorter.ts';
import { parseDuration } from '../../standards/certmanager/duration.ts';

/** Left for the answer when the time of an invocation runs out. */
const ANSWER_MS = 5_000;

/** `within`: as Go writes a duration, e.g. `10m`; never more than the invocation itself has. Throws InputError on one that is none. */
export function timeFor({ within }: { readonly within?: string }, clock: Clock): Clock {
  const most = clock.remainingMs() - ANSWER_MS;
  if (within === undefined) return shorter(clock, most);
  const duration = parseDuration(within);
  if ('problem' in duration)
    throw new InputError([{ where: 'within', message: duration.problem, fix: 'write e.g. 10m' }]);
  return shorter(clock, Math.min(most, duration.ms));
}
