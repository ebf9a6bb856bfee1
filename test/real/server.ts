/** One server as a child process with a log of its own: started, waited for until it answers, stopped by TERM. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Far more than any takes, so that a busy machine fails none. */
const READY_MS = 300_000;
const POLL_MS = 50;
const STOP_MS = 10_000;

export interface ServerOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its log and whatever it writes beside. */
  readonly folder: string;
  /** Whether it answers; an error counts as no. */
  ready(): Promise<boolean>;
}

export interface Server {
  readonly name: string;
  /** TERM, and KILL after 10 s; returns when it is gone. */
  stop(): Promise<void>;
}

/** Ports that were free a moment ago, for programs that cannot be told to take any. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

const isGone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function stop(child: ChildProcess): Promise<void> {
  if (isGone(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}

async function lastWords(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).slice(-3000);
}

async function answers(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ready();
  } catch (error) {
    if (error instanceof Error) return false; // not listening yet looks like any other network error
    throw error;
  }
}

/** Starts a server and returns once it is ready. Throws with the end of its log when it ends or stays silent. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const log = join(options.folder, `${options.name}.log`);
  const output = createWriteStream(log);
  await once(output, 'open');
  const child = spawn(options.program, options.args, {
    cwd: options.folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', output, output],
  });
  await once(child, 'spawn');
  output.close();
  const until = performance.now() + READY_MS;
  while (!(await answers(options.ready))) {
    if (isGone(child)) throw new Error(`${options.name} ended with ${child.exitCode}:\n${await lastWords(log)}`);
    if (performance.now() > until) {
      await stop(child);
      throw new Error(`${options.name} was not ready after ${READY_MS} ms:\n${await lastWords(log)}`);
    }
    await pause(POLL_MS);
  }
  return { name: options.name, stop: () => stop(child) };
}
