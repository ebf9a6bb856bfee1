/** What the command line says, checked: every option that more than one command takes. */
import { SEVERITIES } from '../shared/contract/finding.ts';
import { InputError } from '../shared/contract/problem.ts';
import { nearestWord } from '../shared/fleet/words.ts';
import { parseDuration } from '../shared/standards/certmanager/duration.ts';
import type { FailOn } from './exit-code.ts';

/** What `inventory` can also be written as: a whole, for another program. */
export const REPORTS = ['html', 'csv', 'prometheus'] as const;
export type Report = (typeof REPORTS)[number];
export const OUTPUTS = ['table', 'json', ...REPORTS] as const;
export type Output = (typeof OUTPUTS)[number];
export const FAIL_ON: readonly FailOn[] = [...SEVERITIES, 'never'];

/** As commander hands them over. */
export interface RawOptions {
  readonly fleet?: string;
  readonly context?: readonly string[];
  readonly kubeconfig?: string;
  readonly state?: string;
  readonly service?: string;
  readonly deadline?: string;
  readonly failOn?: string;
  readonly output?: string;
  readonly allowExec?: boolean;
  readonly all?: boolean;
}

export interface Settings {
  readonly fleet?: string;
  /** Kubeconfig contexts to look at without a fleet file. */
  readonly contexts: readonly string[];
  readonly kubeconfig?: string;
  readonly state?: string;
  /** Name of a deployed service, whose fleet and state are meant. */
  readonly service?: string;
  readonly deadlineMs?: number;
  readonly failOn: FailOn;
  readonly output: Output;
  readonly allowExec: boolean;
  /** Of an inventory: everything, not only what is most urgent. */
  readonly all: boolean;
}

function oneOf<Word extends string>(option: string, found: string, allowed: readonly Word[]): Word {
  const word = allowed.find((each) => each === found);
  if (word) return word;
  const near = nearestWord(found, allowed);
  const message = `${JSON.stringify(found)} is not allowed; it is one of ${allowed.join(', ')}`;
  throw new InputError([{ where: option, message, ...(near ? { fix: `did you mean ${near}?` } : {}) }]);
}

function deadlineMs(found: string): number {
  const duration = parseDuration(found);
  if ('problem' in duration)
    throw new InputError([{ where: '--deadline', message: duration.problem, fix: 'write e.g. 10m' }]);
  if (duration.ms > 0) return duration.ms;
  throw new InputError([
    { where: '--deadline', message: `${JSON.stringify(found)} leaves no time`, fix: 'write e.g. 10m' },
  ]);
}

/** A deployed service has a fleet and a state of its own. */
function refuseBesideService(raw: RawOptions): void {
  if (raw.service === undefined) return;
  const { fleet, state, kubeconfig, context = [] } = raw;
  const others = { '--fleet': fleet, '--state': state, '--kubeconfig': kubeconfig, '--context': context[0] };
  const given = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined) return;
  const message = 'a deployed service has its own fleet and state';
  throw new InputError([{ where: given, message, fix: `leave out ${given} or --service` }]);
}

function refuseBoth(raw: RawOptions): void {
  const byContext = (raw.context ?? []).length > 0 || raw.kubeconfig !== undefined;
  if (!byContext || raw.fleet === undefined) return;
  const where = raw.kubeconfig === undefined ? '--context' : '--kubeconfig';
  throw new InputError([
    {
      where,
      message: 'goes without a fleet file; with --fleet the clusters are those of the file',
      fix: `leave out --fleet or ${where}`,
    },
  ]);
}

/** The settings; throws InputError naming the option, what was found and what is allowed. */
export function settingsOf(raw: RawOptions): Settings {
  refuseBesideService(raw);
  refuseBoth(raw);
  return {
    ...(raw.fleet === undefined ? {} : { fleet: raw.fleet }),
    contexts: raw.context ?? [],
    ...(raw.kubeconfig === undefined ? {} : { kubeconfig: raw.kubeconfig }),
    ...(raw.state === undefined ? {} : { state: raw.state }),
    ...(raw.service === undefined ? {} : { service: raw.service }),
    ...(raw.deadline === undefined ? {} : { deadlineMs: deadlineMs(raw.deadline) }),
    failOn: oneOf('--fail-on', raw.failOn ?? 'high', FAIL_ON),
    output: oneOf('--output', raw.output ?? 'table', OUTPUTS),
    allowExec: raw.allowExec ?? false,
    all: raw.all ?? false,
  };
}

/** They look, or say what looking needs; init has a rule of its own. */
const WITH_CONTEXTS = ['inventory', 'explain', 'rbac'];

/** Refuses contexts for a command that would change something or needs to be told what is wanted. */
export function needFleetFile(command: string, settings: Settings): void {
  if (settings.contexts.length === 0 && settings.kubeconfig === undefined) return;
  if (WITH_CONTEXTS.includes(command)) return;
  const where = settings.contexts.length > 0 ? '--context' : '--kubeconfig';
  const message = `goes with inventory, init, explain and rbac only; ${command} needs a fleet file`;
  throw new InputError([{ where, message, fix: 'name the fleet file with --fleet' }]);
}

/** Refuses what is a fleet already for the command that makes a file of contexts. */
export function needContext({ contexts, kubeconfig, fleet, service }: Settings): void {
  if (contexts.length > 0 || (kubeconfig !== undefined && service === undefined)) return;
  const given = fleet === undefined ? '--service' : '--fleet';
  const isFleet = fleet !== undefined || service !== undefined;
  const message = isFleet ? 'is a fleet already; init makes one of contexts' : 'no context is named';
  const fix = 'name contexts of your kubeconfig with --context; kubectl config get-contexts lists them';
  throw new InputError([{ where: isFleet ? given : '--context', message, fix }]);
}

/** Refuses a report of a command that has none. */
export function needAnswerAs(command: string, { output }: Settings): void {
  if (command === 'inventory' || !REPORTS.some((report) => report === output)) return;
  const message = `${output} goes with inventory only; ${command} answers as table or json`;
  throw new InputError([{ where: '--output', message, fix: `leave out -o ${output}, or write -o json` }]);
}

/** Whether JSON was asked for, read before anything else is understood: an error of the arguments must be JSON too. */
export const asksForJson = (args: readonly string[]): boolean =>
  args.some(
    (arg, i) => /^(-o=?|--output=)json$/.test(arg) || ((arg === '-o' || arg === '--output') && args[i + 1] === 'json'),
  );
