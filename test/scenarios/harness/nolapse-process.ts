/** Runs the `nolapse` command as its users do: a child process with nothing of this process's environment but what it is given. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { COMPILED, NODE } from './built-command.ts';
import type { NolapseOptions, NolapseProcess, NolapseResult } from './world.ts';

const TIMEOUT_MS = 300_000;

export interface Surroundings {
  /** The command's file. */
  readonly main: string;
  /** Working directory, home and parent of the default state folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

function parsed(args: readonly string[], stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`nolapse ${args.join(' ')}: no JSON on stdout: ${stdout}\nstderr: ${stderr}`, { cause: error });
  }
}

/** Through a shell that lowers the limit (POSIX: in units of 512 bytes) and then becomes the command. */
function limited(command: readonly string[], maxFileBytes: number | undefined): [string, string[]] {
  if (maxFileBytes === undefined) return [command[0] ?? '', command.slice(1)];
  return ['/bin/sh', ['-c', `ulimit -f ${Math.ceil(maxFileBytes / 512)} && exec "$@"`, 'sh', ...command]];
}

/** Starts the command; `done` resolves when it has ended and its output is complete, and rejects when it outlives its time. */
export function startNolapse(
  around: Surroundings,
  args: readonly string[],
  options: NolapseOptions = {},
): NolapseProcess {
  const state = options.state ?? join(around.folder, 'state');
  const all = state === 'none' ? [...args] : [...args, '--state', state];
  const child = spawn(...limited([NODE, around.main, ...all], options.maxFileBytes), {
    cwd: around.folder,
    env: { NODE_COMPILE_CACHE: COMPILED, ...around.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const done = new Promise<NolapseResult>((fulfil, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = options.timeoutMs ?? TIMEOUT_MS;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limit);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      if (late) reject(new Error(`nolapse ${args.join(' ')}: still running after ${limit} ms\n${stdout}\n${stderr}`));
      else fulfil({ code, signal, stdout, stderr, json: () => parsed(args, stdout, stderr) });
    });
  });
  return { pid: child.pid ?? -1, child, done };
}
