/** Runs one command from its settings to its exit code: opens, works, answers, closes. */
import { exitCode, IN_PROGRESS, INTERRUPTED } from './exit-code.ts';
import { failedWith, interrupted, tellFailure } from './failure.ts';
import { stopOnSignal } from './interrupt.ts';
import { openSession } from './open-session.ts';
import { progressOn } from './output/progress.ts';
import { jsonLines } from './output/words.ts';
import { type Answer, type Command, hasOpenOrder, type Session } from './session.ts';
import type { Output, Settings } from './settings.ts';
import { paperOf, screenOf, write } from './terminal.ts';

async function linesOf(answer: Answer, output: Output, now: Date): Promise<Iterable<string>> {
  if (output === 'table') return answer.lines(paperOf(process.stdout, now));
  if (output !== 'json' && answer.report) return answer.report(output, now);
  return jsonLines(answer.document);
}

async function tellAnswer(answer: Answer, { local, settings }: Session): Promise<number> {
  const now = local.clock.now();
  await write(process.stdout, await linesOf(answer, settings.output, now));
  return exitCode(answer, settings.failOn);
}

/** What a run that was stopped from outside ends with: 4 when an order is open that another run would go on with. */
const interruptedCode = async ({ local }: Session): Promise<number> =>
  (await hasOpenOrder(local)) ? IN_PROGRESS : INTERRUPTED;

/** The exit code; everything there is to say has been written. */
export async function execute(command: Command, settings: Settings): Promise<number> {
  const screen = screenOf(process.stderr);
  const progress = progressOn(screen);
  const { signal, within, release } = stopOnSignal(progress.line);
  let session: Session | undefined;
  try {
    session = await openSession({ settings, progress, screen, signal });
    const answer = await within(command(session));
    progress.end();
    const code = await tellAnswer(answer, session);
    return signal.aborted ? await interruptedCode(session) : code;
  } catch (error) {
    progress.end();
    const isStop = signal.aborted && error instanceof Error && error.name === 'AbortError';
    const code = await tellFailure(isStop ? interrupted() : failedWith(error), settings.output === 'json');
    return isStop && session ? await interruptedCode(session) : code;
  } finally {
    release();
    await session?.local.close();
  }
}
