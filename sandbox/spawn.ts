/** Starts a part as a child process and waits until it says that it is ready. The child ends with this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SpawnedPart<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** Ends the child and returns when it is gone. */
  close(): Promise<void>;
}

export class PartError extends Error {
  override readonly name = 'PartError';
}

/** What runs a part from the sources; a bundle gives its own. */
export const PART_COMMAND: readonly string[] = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL('./part.ts', import.meta.url)),
];

/** Runs `<command> <name> <config>`. Throws PartError with what the child wrote on stderr when it ends before it is ready. */
export async function spawnPart<Ready>(
  name: string,
  config: unknown,
  command: readonly string[] = PART_COMMAND,
): Promise<SpawnedPart<Ready>> {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, name, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited.then(() => undefined)]);
  if (!first) throw new PartError(`part ${name}: ended before it was ready: ${stderr.trim()}`);
  return {
    ready: JSON.parse(String(first[0])) as Ready,
    pid: child.pid ?? 0,
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
