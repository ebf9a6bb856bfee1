/** What processes use, one by one, whatever program they are: read from /proc while they run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  readonly wallMs: number;
  /** User and system. */
  readonly cpuMs: number;
  /** VmHWM; of a pipeline the sum. */
  readonly peakBytes: number;
}

const EVERY_MS = 10;
/** USER_HZ: what /proc counts in, on all that Linux runs on here. */
const TICK_MS = 10;

class Watched {
  peakBytes = 0;
  cpuMs = 0;
  readonly #pid: number;

  constructor({ pid = 0 }: ChildProcess) {
    this.#pid = pid;
  }

  look(): void {
    try {
      const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
      const stat = readFileSync(`/proc/${this.#pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      this.peakBytes = Math.max(this.peakBytes, Number(kibibytes ?? 0) * 1024);
      this.cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch (error) {
      // it has ended
      if (!(error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code)))) throw error;
    }
  }
}

export interface Piped {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the programs, each reading what the one before writes; throws unless each ends with one of `codes`. */
export async function usageOf(pipe: readonly Piped[], codes: readonly number[] = [0]): Promise<Usage> {
  const startedAt = performance.now();
  const children: ChildProcess[] = [];
  for (const [n, { program, args, env }] of pipe.entries()) {
    const isLast = n === pipe.length - 1;
    const child = spawn(program, [...args], {
      stdio: [children.at(-1)?.stdout ?? 'ignore', isLast ? 'ignore' : 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ...env },
    });
    children.at(-1)?.stdout?.destroy();
    children.push(child);
  }
  const watched = children.map((child) => new Watched(child));
  const timer = setInterval(() => {
    for (const one of watched) one.look();
  }, EVERY_MS);
  const ends = children.map(
    (child) =>
      new Promise<number | null>((resolve, reject) => {
        child.on('error', reject).on('exit', resolve);
      }),
  );
  try {
    const ended = await Promise.all(ends);
    const bad = ended.findIndex((code) => !codes.includes(code ?? -1));
    if (bad >= 0) throw new Error(`${pipe[bad]?.program}: ended with ${ended[bad]}`);
  } finally {
    clearInterval(timer);
  }
  const sum = (of: 'cpuMs' | 'peakBytes'): number => watched.reduce((all, one) => all + one[of], 0);
  return { wallMs: performance.now() - startedAt, cpuMs: sum('cpuMs'), peakBytes: sum('peakBytes') };
}
