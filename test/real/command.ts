/** Runs one command to its end and keeps what it said; tells on the way that it is still at it. */
import { spawn } from 'node:child_process';
import { MissingToolError } from './cache.ts';

const SIGN_OF_LIFE_MS = 30_000;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Printed every 30 s with the seconds so far. */
  readonly progress?: string;
  /** Said when the command is not on this machine. */
  readonly howToGet?: string;
}

/** Standard output. Throws MissingToolError when there is no such command, Error with its last words when it fails. */
export async function command(name: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const startedAt = performance.now();
  const child = spawn(name, args, {
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (options.progress) console.log(`  ${options.progress} … ${seconds} s`);
  }, SIGN_OF_LIFE_MS);
  try {
    return await new Promise<string>((resolve, reject) => {
      let out = '';
      let all = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk;
        all += chunk;
      });
      child.stderr.on('data', (chunk: Buffer) => {
        all += chunk;
      });
      child.on('error', (error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT' && options.howToGet;
        reject(missing ? new MissingToolError(`${name} is not on this machine. ${options.howToGet}`) : error);
      });
      child.on('close', (code, signal) => {
        if (code === 0) resolve(out);
        else reject(new Error(`${name} ${args.join(' ')}: ended with ${signal ?? code}\n${all.slice(-4000)}`));
      });
    });
  } finally {
    clearInterval(timer);
  }
}
