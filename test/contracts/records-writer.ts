/** Another process on a store of rows: told over its input, heard by its lines. Run by itself it is that process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decided, type Records } from '../../shared/contract/records.ts';

export interface Writer {
  /** `count <times>`: counts COUNT / processes up. `write`: rows WRITTEN / <n> until killed. */
  say(command: string): Promise<void>;
  /** Resolves when the process has printed the line; rejects, with its errors, when it ends before. */
  line(text: string): Promise<void>;
  lines(): readonly string[];
  /** SIGKILL; what it had printed by then is in lines(). */
  kill(): Promise<void>;
  end(): Promise<void>;
}

export function startWriter(opener: string, where: string): Writer {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), opener, where]);
  const lines: string[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  return {
    say: async (command) => void child.stdin.write(`${command}\n`),
    async line(text) {
      while (!lines.includes(text)) {
        const over = await Promise.race([once(output, 'line').then(() => false), ended.then(() => true)]);
        if (over && !lines.includes(text)) throw new Error(`the writer ended without "${text}": ${errors}`);
      }
    },
    lines: () => lines,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

async function count(records: Records, times: number): Promise<void> {
  const key = { pk: 'COUNT', sk: 'processes' };
  for (let done = 0; done < times; done += 1)
    await decided<{ readonly n: number }>(records, key, (found) => ({
      ...key,
      rev: found?.rev ?? 0,
      body: { n: (found?.body.n ?? 0) + 1 },
    }));
}

async function main(opener: string, where: string): Promise<void> {
  const module = (await import(opener)) as { open(where: string): Promise<Records & { close(): void }> };
  const records = await module.open(where);
  console.log('open');
  for await (const command of createInterface({ input: process.stdin })) {
    const [verb, times] = command.split(' ');
    if (verb === 'count') {
      await count(records, Number(times));
      console.log('counted');
    }
    for (let n = 0; verb === 'write'; n += 1) {
      await records.put({ pk: 'WRITTEN', sk: String(n).padStart(6, '0'), rev: 0, body: { n } });
      console.log(`written ${n}`);
    }
  }
  records.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '', process.argv[3] ?? '');
