/** What our documents tell people to type, held against the programs that would read it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommanderError } from 'commander';
import { programOf } from '../../cli/program.ts';
import { type RawOptions, settingsOf } from '../../cli/settings.ts';
import { FUNCTIONS, type FunctionName } from '../../shared/contract/environment.ts';
import { invocationOf } from '../../shared/contract/invocation.ts';
import { InputError } from '../../shared/contract/problem.ts';
import { fencedBlocks, inlineCode, shellWords } from './code-in-documents.ts';

/** Of a command that is named and not to be typed: what it needs besides is said elsewhere. */
const UNFINISHED = new Set(['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.help']);

function nolapseProblem(args: readonly string[], isNamed: boolean): string | undefined {
  try {
    programOf('0.0.0', (asked) => {
      if ('raw' in asked) settingsOf(asked.raw as RawOptions);
    }).parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) {
      const isFine = error.exitCode === 0 || (isNamed && UNFINISHED.has(error.code));
      return isFine ? undefined : error.message;
    }
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

interface CdkOption {
  readonly alias?: string | readonly string[];
}

/** The command line of cdk as the package that is installed describes it. */
const CDK = JSON.parse(
  readFileSync(
    join(resolve(import.meta.dirname, '../..'), 'node_modules/aws-cdk/lib/cli/cli-type-registry.json'),
    'utf8',
  ),
) as {
  readonly globalOptions: Readonly<Record<string, CdkOption>>;
  readonly commands: Readonly<Record<string, { readonly options?: Readonly<Record<string, CdkOption>> }>>;
};

function cdkProblem([command = '', ...args]: readonly string[]): string | undefined {
  const known = CDK.commands[command];
  if (!known) return `cdk has no command ${command}`;
  const options = Object.entries({ ...CDK.globalOptions, ...known.options });
  const spelled = new Set(
    options.flatMap(([name, { alias = [] }]) => [`--${name}`, ...[alias].flat().map((a) => `-${a}`)]),
  );
  const unknown = args.find((arg) => arg.startsWith('-') && !spelled.has(arg.split('=')[0] ?? ''));
  return unknown === undefined ? undefined : `cdk ${command} has no option ${unknown}`;
}

const messageOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const isFunction = (name: string): name is FunctionName => FUNCTIONS.some((one) => one === name);

/** A payload beside the function that it is for, or alone: then some function must take it. */
function payloadProblem(text: string, name?: string): string | undefined {
  const taken = (one: FunctionName) => messageOf(() => invocationOf(one, JSON.parse(text)));
  if (name !== undefined) return isFunction(name) ? taken(name) : `there is no function ${name}`;
  return FUNCTIONS.some((one) => taken(one) === undefined) ? undefined : `no function takes it`;
}

/** What is wrong with one piece of code, if anybody of ours reads it. `named`: it stands in a sentence. */
function codeProblem(code: string, isNamed: boolean): string | undefined {
  const words = shellWords(code.replace(/^\$ /, '').replace(/^npm run (?:-s )?nolapse -- /, 'nolapse '));
  const [program, ...args] = words;
  if (program === 'nolapse' && args.length > 0 && args[0] !== '…') return nolapseProblem(args, isNamed);
  if (program === 'npx' && args[0] === 'cdk') return cdkProblem(args.slice(1));
  if (program === 'invoke') return payloadProblem(args[1] ?? '', args[0]);
  if (isNamed && /^\{ ?"/.test(code)) return payloadProblem(code);
  return undefined;
}

/** Lines of blocks; one that ends with a backslash goes on with the next. */
const linesOf = (text: string): readonly string[] => text.replaceAll(/\\\n\s*/g, '').split('\n');

export interface Typed {
  readonly code: string;
  readonly problem: string | undefined;
}

/** Every command and payload of a document that a program of ours, or cdk, would read. */
export function typedIn(markdown: string): readonly Typed[] {
  const lines = fencedBlocks(markdown)
    .filter(({ language }) => language !== 'json' && language !== 'yaml')
    .flatMap(({ text }) => linesOf(text));
  return [
    ...lines.map((code) => ({ code, problem: codeProblem(code, false) })),
    ...inlineCode(markdown).map((code) => ({ code, problem: codeProblem(code, true) })),
  ].filter(({ code }) => /^(?:\$ )?(?:npm run (?:-s )?nolapse|nolapse|npx cdk|invoke)\b|^\{ ?"/.test(code));
}
