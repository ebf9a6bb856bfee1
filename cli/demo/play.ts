/** Plays one nolapse command in this process, word for word as it would be typed: its progress is shown as it comes, its answer is handed back. */
import packageJson from '../../package.json' with { type: 'json' };
import { type Asked, programOf } from '../program.ts';
import type { Command } from '../session.ts';
import { settingsOf } from '../settings.ts';

export interface Played {
  readonly code: number;
  /** What the command wrote on stdout. */
  readonly answer: string;
  /** What it wrote on stderr. */
  readonly progress: string;
}

async function commandOf(asked: Asked): Promise<Command> {
  switch (asked.command) {
    case 'inventory':
      return (await import('../inventory.ts')).inventory;
    case 'plan':
      return (await import('../plan.ts')).plan(asked);
    case 'run':
      return (await import('../run.ts')).run(asked);
    case 'adopt':
      return (await import('../adopt.ts')).adopt(asked);
    default:
      throw new TypeError(`${asked.command}: no command that the demo plays`);
  }
}

async function understood(words: readonly string[]): Promise<Asked> {
  const taken: Asked[] = [];
  await programOf(packageJson.version, (one) => taken.push(one)).parseAsync(words, { from: 'user' });
  const [asked] = taken;
  if (!asked) throw new TypeError(`${words.join(' ')}: no command`);
  return asked;
}

type Write = NodeJS.WriteStream['write'];

/** A stream like stdout whose text goes to `take`; it is done at once. */
function like(stdout: NodeJS.WriteStream, take: (text: string) => void): NodeJS.WriteStream {
  const write = (text: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    take(String(text));
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
  return Object.create(stdout, { write: { value: write as Write } }) as NodeJS.WriteStream;
}

/** While `work` runs, the process's two streams are these; both look as stdout does, so that what is shown is of one width and colour. */
async function between<T>(
  streams: { out: NodeJS.WriteStream; err: NodeJS.WriteStream },
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.getOwnPropertyDescriptors(process);
  Object.defineProperty(process, 'stdout', { value: streams.out, configurable: true });
  Object.defineProperty(process, 'stderr', { value: streams.err, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, 'stdout', before.stdout);
    Object.defineProperty(process, 'stderr', before.stderr);
  }
}

/** Runs `nolapse <words>`; `show` is handed its progress. Throws what a wrong command line throws. */
export async function play(words: readonly string[], show: (text: string) => void): Promise<Played> {
  const asked = await understood(words);
  const command = await commandOf(asked);
  const { execute } = await import('../execute.ts');
  const said = { answer: '', progress: '' };
  const out = like(process.stdout, (text) => {
    said.answer += text;
  });
  const err = like(process.stdout, (text) => {
    said.progress += text;
    show(text);
  });
  const code = await between({ out, err }, () => execute(command, settingsOf('raw' in asked ? asked.raw : {})));
  return { code, ...said };
}
