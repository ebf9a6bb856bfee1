/** The contract suites of the deployed world's stores once more, on moto: the file of `npm test`, led there by a variable. Run by itself: on the moto at an URL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Moto } from './moto.ts';

const root = join(import.meta.dirname, '../..');
const VITEST = join(root, 'node_modules/vitest/vitest.mjs');
const SUITES = 'test/shared/adapters/aws/ports.test.ts';
/** moto says that a ciphertext refers to a key of others without a word of text, by which alone a denied right is told from it. */
const LEFT_OUT: readonly string[] = [
  'does not open under another key',
  'does not open when a single character was changed',
];

/** Whether all held. What did not is printed. */
export async function runContracts({ url, reset }: Pick<Moto, 'url' | 'reset'>): Promise<boolean> {
  console.log(`\nContracts of the stores on moto, all but: ${LEFT_OUT.join('; ')}`);
  await reset();
  const pattern = `^(?!.*(?:${LEFT_OUT.join('|')})$)`;
  const child = spawn(process.execPath, [VITEST, 'run', '--reporter=dot', '-t', pattern, SUITES], {
    cwd: root,
    env: { ...process.env, NOLAPSE_TEST_AWS_URL: url },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , url = ''] = process.argv;
  const reset = async (): Promise<void> => void (await fetch(`${url}/moto-api/reset`, { method: 'POST' }));
  process.exitCode = (await runContracts({ url, reset })) ? 0 : 1;
}
