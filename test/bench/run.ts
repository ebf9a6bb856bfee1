/** `npm run bench issue [-- --world sandbox|real --certificates 100 --insync 30]`: measures, prints a table, fails when a promise is broken. */
import { parseArgs } from 'node:util';
import { MissingToolError } from '../real/cache.ts';
import { realKind } from '../real/real-world.ts';
import { prepare, startStack } from '../real/stack.ts';
import type { KeyWish } from '../scenarios/harness/many-certificates.ts';
import type { WorldKind } from '../scenarios/harness/run-scenarios.ts';
import { sandboxKind } from '../scenarios/harness/sandbox-world.ts';
import { benchIssue } from './issue.ts';
import { type Asked, type Column, linesOf, tableOf } from './table.ts';

const USAGE = 'usage: npm run bench issue [-- --world sandbox|real --certificates 100 --insync 30]';
const KEYS: readonly KeyWish[] = [
  { algorithm: 'ECDSA', size: 256 },
  { algorithm: 'RSA', size: 2048 },
];
const OPTIONS = {
  world: { type: 'string', default: 'sandbox' },
  certificates: { type: 'string', default: '100' },
  insync: { type: 'string', default: '30' },
} as const;

interface Wish extends Asked {
  readonly world: string;
}

/** Undefined when it cannot be understood. */
function wishOf(args: readonly string[]): Wish | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [certificates, inSync] = [Number(values.certificates), Number(values.insync)];
  const isKnown = positionals.join() === 'issue' && ['sandbox', 'real'].includes(values.world);
  if (!isKnown || !Number.isInteger(certificates) || certificates < 1 || !(inSync >= 0)) return undefined;
  return { world: values.world, certificates, inSyncMs: inSync * 1000 };
}

async function withKind<T>(world: string, work: (kind: WorldKind) => Promise<T>): Promise<T> {
  if (world === 'sandbox') return work(sandboxKind);
  const stack = await startStack(await prepare());
  try {
    return await work(realKind(stack));
  } finally {
    await stack.stop();
  }
}

async function bench({ world, certificates, inSyncMs }: Wish): Promise<boolean> {
  console.log(`${certificates} certificates of one zone, INSYNC after ${inSyncMs / 1000} s, ${world} world\n`);
  const columns = await withKind(world, async (kind) => {
    const measured: Column[] = [];
    for (const privateKey of KEYS)
      measured.push({
        name: `${privateKey.algorithm} ${privateKey.size}`,
        result: await benchIssue({ kind, certificates, inSyncMs, privateKey }),
      });
    return measured;
  });
  const { text, broken } = tableOf(linesOf({ certificates, inSyncMs }), columns);
  for (const line of [...text, ...(broken.length > 0 ? ['', ...broken] : [])]) console.log(line);
  return broken.length === 0;
}

try {
  const wish = wishOf(process.argv.slice(2));
  if (!wish) console.error(USAGE);
  process.exitCode = wish ? ((await bench(wish)) ? 0 : 1) : 2;
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof MissingToolError)) throw error;
  console.error(isUsage ? `${error.message}\n${USAGE}` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}
