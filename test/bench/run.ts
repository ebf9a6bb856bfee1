/** `npm run bench issue`, `service`, `lambda` or `inventory`, with options after `--`: measures, prints tables, fails when a promise is broken. */
import { parseArgs } from 'node:util';
import { MissingToolError } from '../real/cache.ts';
import { realKind } from '../real/real-world.ts';
import { prepare, type RealStack, startStack } from '../real/stack.ts';
import type { KeyWish } from '../scenarios/harness/many-certificates.ts';
import type { WorldKind } from '../scenarios/harness/run-scenarios.ts';
import { openService, sandboxKind } from '../scenarios/harness/sandbox-world.ts';
import { benchOnReal, benchOnSandbox } from './inventory.ts';
import { benchIssue, type IssueResult } from './issue.ts';
import { benchLambda, type Measured } from './lambda.ts';
import { benchService } from './service.ts';
import { type Asked, type Column, linesOf, tableOf } from './table.ts';

const USAGE = `usage: npm run bench issue [-- --world sandbox|real --certificates 100 --insync 30]
       npm run bench service [-- --certificates 100 --insync 30]
       npm run bench lambda [-- --starts 9 --secrets 5000]
       npm run bench inventory [-- --secrets 5000 --many 50000]`;
const KEYS: readonly [KeyWish, KeyWish] = [
  { algorithm: 'ECDSA', size: 256 },
  { algorithm: 'RSA', size: 2048 },
];
const OPTIONS = {
  world: { type: 'string', default: 'sandbox' },
  certificates: { type: 'string', default: '100' },
  insync: { type: 'string', default: '30' },
  starts: { type: 'string', default: '9' },
  secrets: { type: 'string', default: '5000' },
  many: { type: 'string', default: '50000' },
} as const;

interface IssueWish extends Asked {
  readonly world: string;
}

/** What is measured; prints it, and gives what is broken. */
type Bench = () => Promise<readonly string[]>;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

/** Undefined when it cannot be understood. */
function benchOf(args: readonly string[]): Bench | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [certificates, inSync] = [Number(values.certificates), Number(values.insync)];
  const [starts, secrets, many] = [Number(values.starts), Number(values.secrets), Number(values.many)];
  const isFit = [certificates, starts, secrets, many].every(isCount) && inSync >= 0;
  if (!isFit || !['sandbox', 'real'].includes(values.world)) return undefined;
  const benches: Readonly<Record<string, Bench>> = {
    issue: () => issue({ world: values.world, certificates, inSyncMs: inSync * 1000 }),
    service: () => service({ certificates, inSyncMs: inSync * 1000 }),
    inventory: () => inventory(secrets, many),
    lambda: async () => printed(await benchLambda({ starts, secrets })),
  };
  return benches[positionals.join()];
}

function printed({ text, broken }: Measured): readonly string[] {
  for (const line of [...text, ...(broken.length > 0 ? ['', ...broken] : [])]) console.log(line);
  return broken;
}

async function service({ certificates, inSyncMs }: Asked): Promise<readonly string[]> {
  console.log(
    `${certificates} certificates of one zone, INSYNC after ${inSyncMs / 1000} s, from the hourly schedule on\n`,
  );
  const [privateKey] = KEYS;
  return printed(await benchService({ kind: sandboxKind, openService, certificates, inSyncMs, privateKey }));
}

async function onReal<T>(work: (stack: RealStack) => Promise<T>): Promise<T> {
  const stack = await startStack(await prepare());
  try {
    return await work(stack);
  } finally {
    await stack.stop();
  }
}

const withKind = <T>(world: string, work: (kind: WorldKind) => Promise<T>): Promise<T> =>
  world === 'sandbox' ? work(sandboxKind) : onReal((stack) => work(realKind(stack)));

async function inventory(secrets: number, many: number): Promise<readonly string[]> {
  const ofReal = printed(await onReal((stack) => benchOnReal(stack, secrets)));
  console.log('');
  return [...ofReal, ...printed(await benchOnSandbox(many))];
}

async function issue({ world, certificates, inSyncMs }: IssueWish): Promise<readonly string[]> {
  console.log(`${certificates} certificates of one zone, INSYNC after ${inSyncMs / 1000} s, ${world} world\n`);
  const columns = await withKind(world, async (kind) => {
    const measured: Column<IssueResult>[] = [];
    for (const privateKey of KEYS)
      measured.push({
        name: `${privateKey.algorithm} ${privateKey.size}`,
        result: await benchIssue({ kind, certificates, inSyncMs, privateKey }),
      });
    return measured;
  });
  return printed(tableOf(linesOf({ certificates, inSyncMs }), columns));
}

try {
  const bench = benchOf(process.argv.slice(2));
  if (!bench) console.error(USAGE);
  process.exitCode = bench ? ((await bench()).length === 0 ? 0 : 1) : 2;
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof MissingToolError)) throw error;
  console.error(isUsage ? `${error.message}\n${USAGE}` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}
