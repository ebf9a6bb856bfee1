/** How long a bundle takes to start as Lambda starts it, beside a handler in which there is nothing. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunctions } from '../../infra/bundles.ts';
import { type Environment, type FunctionName, variablesOf } from '../../shared/contract/environment.ts';
import { ExecutionEnvironment } from '../lambda/execution-environment.ts';

export interface ColdStart {
  readonly name: FunctionName | 'nothing';
  /** Of all files of the bundle, and of those that are loaded at its start. */
  readonly bytes: number;
  readonly startBytes: number;
  /** Median. */
  readonly initMs: number;
}

const NOTHING = 'export const handler = async () => {};\n';

/** Nothing is asked of these when a function starts. */
const ENVIRONMENT: Environment = {
  ...{ service: 'bench', table: 'table', bucket: 'bucket', fleet: { file: '/opt/fleet.json', sha256: '0' } },
  ...{ queues: {}, attemptKey: 'key', accountKey: 'key', topicArn: 'topic', bus: 'bus' },
};

async function initMs(name: string, file: string): Promise<number> {
  const variables = variablesOf(ENVIRONMENT);
  const settings = { name, file, variables, timeoutMs: 60_000, log: (line: string) => console.error(line) };
  const environment = await ExecutionEnvironment.start(settings);
  await environment.end();
  return environment.initMs;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Nothing first. All take turns, so that what else the machine does meets all alike; a first round, which reads the files from the disk, is not counted. */
export async function coldStarts(rounds: number): Promise<readonly ColdStart[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nolapse-bench-'));
  try {
    const file = join(folder, 'nothing.mjs');
    await writeFile(file, NOTHING);
    const nothing = { name: 'nothing' as const, file, bytes: NOTHING.length, startBytes: NOTHING.length };
    const all = [nothing, ...(await buildFunctions(join(folder, 'functions')))].map((one) => ({
      ...one,
      took: [] as number[],
    }));
    for (let round = 0; round <= rounds; round += 1)
      for (const { name, file, took } of all) {
        const ms = await initMs(name, file);
        if (round > 0) took.push(ms);
      }
    return all.map(({ name, bytes, startBytes, took }) => ({ name, bytes, startBytes, initMs: median(took) }));
  } finally {
    await rm(folder, { recursive: true });
  }
}
