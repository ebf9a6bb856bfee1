/** A run that its deadline ends once it has come so far: how long that takes is the machine's affair. */
import type { NolapseResult, World } from './world.ts';

const FIRST_S = 8;
const LAST_S = 120;
const IN_PROGRESS = 4;

/** Runs with a deadline, and again with twice the time where it was over too soon; the run that came so far, or ended otherwise. */
export async function lateRun(world: World, args: readonly string[], hasCome: () => boolean): Promise<NolapseResult> {
  for (let seconds = FIRST_S; ; seconds *= 2) {
    const result = await world.nolapse([...args, '--deadline', `${seconds}s`]);
    if (hasCome() || result.code !== IN_PROGRESS || seconds > LAST_S) return result;
  }
}
