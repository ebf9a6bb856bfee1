/** Where the demo's reader is: the folder, how Nolapse is started there, and an environment that leads to no account. */
import { join, relative } from 'node:path';
import type { Stage } from './stage.ts';

/** The path as it is shorter to read. */
export function nearer(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near.startsWith('..') ? path : near;
}

/** How the reader starts Nolapse: as the demo was started. */
const typed = ([, script = '']: readonly string[], cwd: string): string =>
  script.endsWith('.ts') ? 'npm run -s nolapse --' : `node ${nearer(cwd, script)}`;

/** The last lines: what the reader may do next. */
export function close(stage: Stage, command: readonly string[], cwd: string): void {
  const next = `${typed(command, cwd)} inventory --context <your-context>`;
  stage.lines(['', 'A cluster of your own next; this only reads:', next]);
}

/** The environment of the sandbox's AWS and no other: the demo must not meet an account. */
export function useEnvironment(env: Readonly<Record<string, string>>, folder: string): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const none = { AWS_CONFIG_FILE: join(folder, 'no-aws'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws') };
  Object.assign(process.env, env, none);
}
