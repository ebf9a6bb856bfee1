/** One part of the sandbox as a process of its own: `node sandbox/part.ts <name> '<json>'`. Ends with its stdin, so it never outlives its parent. */
import { once } from 'node:events';
import { enableCompileCache } from 'node:module';
import { basename } from 'node:path';

/** What every part is once it runs. `ready` is plain JSON: addresses, PEMs, ids. */
export interface RunningPart {
  readonly ready: unknown;
  close(): Promise<void>;
}

type Start = (config: never) => Promise<RunningPart>;

/** Loaded when asked for, so that a process holds the libraries of its own part only. */
const parts: Readonly<Record<string, () => Promise<Start>>> = {
  dns: async () => (await import('./dns/server.ts')).startDns,
  kubernetes: async () => (await import('./kubernetes/server.ts')).startKubernetes,
  aws: async () => (await import('./aws/server.ts')).startAws,
  ca: async () => (await import('./ca/server.ts')).startCa,
  slack: async () => (await import('./slack/server.ts')).startSlack,
};

const isName = (name: string): boolean => Object.hasOwn(parts, name);

/** Starts the part, says `ready` in one line of JSON on stdout, and returns when stdin ends or SIGTERM came and it is closed. */
export async function runPart(name: string, config: unknown): Promise<void> {
  const load = parts[name];
  if (!load || !isName(name))
    throw new TypeError(`part ${name}: there is none of that name, only ${Object.keys(parts).join(', ')}`);
  const start = await load();
  const ended = new AbortController();
  const { signal } = ended;
  const over = Promise.race([once(process.stdin, 'end', { signal }), once(process, 'SIGTERM', { signal })]);
  process.stdin.resume();
  const part = await start(config as never);
  process.stdout.write(`${JSON.stringify(part.ready)}\n`);
  await over;
  ended.abort();
  await part.close();
}

if (basename(process.argv[1] ?? '') === 'part.ts') {
  const [, , name = '', config = '{}'] = process.argv;
  // most of a part's start is compiling its libraries
  enableCompileCache();
  await runPart(name, JSON.parse(config));
  process.exit(0);
}
