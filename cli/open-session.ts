/** Opens what a command works with: the fleet, the local world, progress on stderr. */
import { homedir, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { terminalChannel } from '../shared/adapters/local/terminal-channel.ts';
import type { Fleet } from '../shared/contract/fleet.ts';
import type { Happened } from '../shared/contract/rows.ts';
import type { Local } from '../shared/wiring/local.ts';
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

type World = { readonly local: Local; readonly fleet: Fleet };

/** The world of this machine, with the fleet file's state. */
async function onThisMachine(
  { settings, progress, screen, signal }: Opening,
  watch: (event: Happened) => void,
): Promise<World> {
  const home = homedir();
  const { fleet, state, notices } = await fleetInUse(settings, { folder: process.cwd(), home, env: process.env });
  for (const notice of notices) progress.line(printable(notice));
  // what every wrong fleet file would wait for
  const { openLocal } = await import('../shared/wiring/local.ts');
  const local = await openLocal({
    ...{ fleet, state, home, watch, signal, env: process.env, allowExec: settings.allowExec },
    announce: (line) => progress.line(printable(line)),
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
    terminal: terminalChannel({ write: progress.text, colour: screen.colours, width: screen.width }),
  });
  return { local, fleet };
}

/** A deployed service: what people are told goes where it was deployed to tell it. */
async function atService(
  service: string,
  { settings, signal }: Opening,
  watch: (event: Happened) => void,
): Promise<World> {
  const { openDeployed } = await import('../shared/wiring/deployed.ts');
  const local = await openDeployed({
    ...{ service, watch, signal },
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
  });
  return { local, fleet: local.fleet };
}

/** The session of one command; whoever opens it closes `local`. Throws InputError, and ProblemError when the state cannot be used. */
export async function openSession(opening: Opening): Promise<Session> {
  const { settings, progress } = opening;
  const happened: Happened[] = [];
  const watch = (event: Happened): void => {
    happened.push(event);
    progress.told(event);
  };
  const { service } = settings;
  const { local, fleet } = await (service === undefined
    ? onThisMachine(opening, watch)
    : atService(service, opening, watch));
  return {
    ...{ local, settings, happened, clusters: fleet.clusters, issuers: fleet.issuers, user: userName() },
    say: async (lines) => {
      progress.end();
      const stream = settings.output === 'table' ? process.stdout : process.stderr;
      await write(stream, lines(paperOf(stream, local.clock.now())));
    },
    confirm: (question) => (settings.output === 'table' ? confirm(question) : Promise.resolve(undefined)),
  };
}
