/** Opens what a command works with: the fleet, the local world, progress on stderr. */
import { homedir, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { terminalChannel } from '../shared/adapters/local/terminal-channel.ts';
import type { Happened } from '../shared/contract/rows.ts';
import { fleetInUse } from './fleet-in-use.ts';
import type { Progress, Screen } from './output/progress.ts';
import { printable } from './output/words.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { paperOf, write } from './terminal.ts';

async function confirm(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a user id without an entry in the user database has no name
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

export interface Opening {
  readonly settings: Settings;
  readonly progress: Progress;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** The session of one command; whoever opens it closes `local`. Throws InputError, and ProblemError when the state cannot be used. */
export async function openSession({ settings, progress, screen, signal }: Opening): Promise<Session> {
  const home = homedir();
  const { fleet, state, notices } = await fleetInUse(settings, { folder: process.cwd(), home, env: process.env });
  for (const notice of notices) progress.line(printable(notice));
  const happened: Happened[] = [];
  // what every wrong fleet file would wait for
  const { openLocal } = await import('../shared/wiring/local.ts');
  const local = await openLocal({
    fleet,
    state,
    home,
    allowExec: settings.allowExec,
    announce: (line) => progress.line(printable(line)),
    watch: (event) => {
      happened.push(event);
      progress.told(event);
    },
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
    ...{ signal, env: process.env },
    terminal: terminalChannel({ write: progress.text, colour: screen.colours, width: screen.width }),
  });
  return {
    local,
    settings,
    issuers: fleet.issuers,
    happened,
    user: userName(),
    say: async (lines) => {
      progress.end();
      const stream = settings.json ? process.stderr : process.stdout;
      await write(stream, lines(paperOf(stream, local.clock.now())));
    },
    confirm: (question) => (settings.json ? Promise.resolve(undefined) : confirm(question)),
  };
}
