/** The nolapse command: reads the command line, runs one command, ends with its exit code. Refuses to end before its output has left. */
import './small-heap.ts';
import { CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { failedWith, tellFailure } from './failure.ts';
import { type Asked, programOf } from './program.ts';
import type { Command } from './session.ts';
import { asksForJson, needAnswerAs, needContext, needFleetFile, settingsOf } from './settings.ts';

/** Loaded when asked for, as all that follows is: `--help`, wrong arguments and `part` need none of it. */
async function commandOf(
  asked: Exclude<Asked, { command: 'access' | 'demo' | 'doctor' | 'part' | 'rbac' }>,
): Promise<Command> {
  switch (asked.command) {
    case 'inventory':
      return (await import('./inventory.ts')).inventory;
    case 'init':
      return (await import('./init.ts')).init(asked);
    case 'plan':
      return (await import('./plan.ts')).plan(asked);
    case 'rehearse':
      return (await import('./rehearse.ts')).rehearse(asked.id);
    case 'run':
      return (await import('./run.ts')).run(asked);
    case 'digest':
      return (await import('./digest.ts')).digest;
    case 'renew':
      return (await import('./renew.ts')).renew(asked);
    case 'adopt':
      return (await import('./adopt.ts')).adopt(asked);
    case 'leave':
      return (await import('./leave.ts')).leave(asked);
    case 'pause':
      return (await import('./pause.ts')).pause(asked);
    case 'explain':
      return (await import('./explain.ts')).explain(asked.id);
  }
}

async function perform(asked: Asked): Promise<number> {
  if (asked.command === 'part') {
    await (await import('./demo/part.ts')).runPart(asked.name, JSON.parse(asked.config));
    return 0;
  }
  if (asked.command === 'demo') {
    const { demo } = await import('./demo/main.ts');
    return demo({
      ...(asked.broken ? { broken: asked.broken } : {}),
      story: asked.story ?? false,
      command: [process.execPath, process.argv[1] ?? ''],
    });
  }
  const settings = settingsOf(asked.raw);
  needAnswerAs(asked.command, settings);
  if (asked.command === 'init') needContext(settings);
  else needFleetFile(asked.command, settings);
  if (asked.command === 'access' || asked.command === 'rbac')
    return (await import('./rights.ts')).printRights(asked, settings);
  if (asked.command === 'doctor') return (await import('./doctor.ts')).doctor(asked, settings);
  const { execute } = await import('./execute.ts');
  return execute(await commandOf(asked), settings);
}

/** The one command that was asked for, or nothing where help or the version was. Throws CommanderError on anything else. */
async function asked(args: readonly string[]): Promise<Asked | undefined> {
  const taken: Asked[] = [];
  try {
    await programOf(packageJson.version, (one) => taken.push(one)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    throw error;
  }
  return taken[0];
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const one = await asked(args);
    return one ? await perform(one) : 0;
  } catch (error) {
    const failure = failedWith(error);
    // where stdout takes nothing, stderr still says why
    return tellFailure(failure, asksForJson(args)).catch(() => tellFailure(failure, false));
  }
}

// node:sqlite is stable enough for us; its warning would stand above every answer
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
// a reader that went away (`| head`) is no failure of ours
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exit(await main(process.argv.slice(2)));
