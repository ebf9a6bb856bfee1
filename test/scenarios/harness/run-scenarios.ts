/** Loads the scenario files, runs one scenario in a world of its own, and keeps what was run and asserted, so that worlds can be compared. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOnlyAudited } from './fleet-file.ts';
import { countingCheck, RUN_MS, type Scenario, scenarios } from './scenario.ts';
import type { Feature, World } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SCENARIOS = join(ROOT, 'test/scenarios');
const RESULTS = join(ROOT, 'test-results');
/** What decides the outcome of a scenario: the product, the scenarios, the sandbox. */
const SOURCES = ['cli/**/*.ts', 'shared/**/*.ts', 'sandbox/**/*.ts', 'test/scenarios/**/*.ts'];

export type WorldName = World['name'];

/** How a world is opened for one scenario, and what it can do. */
export interface WorldKind<W extends World = World> {
  readonly name: WorldName;
  readonly features: readonly Feature[];
  /** How many times longer than others it may take; a limit is there to end what hangs. */
  readonly patience?: number;
  open(scenario: Scenario): Promise<W>;
}

export type Outcome =
  | { readonly name: string; readonly was: 'passed'; readonly assertions: number; readonly ms: number }
  | {
      readonly name: string;
      readonly was: 'failed';
      readonly assertions: number;
      readonly ms: number;
      readonly error: Error;
    }
  | { readonly name: string; readonly was: 'not run'; readonly lacks: readonly Feature[]; readonly because?: string };

/** All scenarios of test/scenarios/*.scenario.ts, files by name. */
export async function loadScenarios(): Promise<readonly Scenario[]> {
  for (const file of globSync('*.scenario.ts', { cwd: SCENARIOS }).sort()) {
    await import(pathToFileURL(join(SCENARIOS, file)).href);
  }
  return scenarios();
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs one scenario in a fresh world. A failure is data; a world that cannot be opened or closed is a failure too. */
export async function runScenario(kind: WorldKind, scenario: Scenario): Promise<Outcome> {
  const { name, needs = [], because, timeoutMs = RUN_MS } = scenario;
  const lacks = needs.filter((feature) => !kind.features.includes(feature));
  if (lacks.length > 0)
    return { name, was: 'not run', lacks, ...(because && lacks.includes('one-process') ? { because } : {}) };
  const { check, count } = countingCheck();
  const startedAt = performance.now();
  const sofar = () => ({ name, assertions: count(), ms: Math.round(performance.now() - startedAt) });
  try {
    const world = await kind.open(scenario);
    try {
      await within(timeoutMs * (kind.patience ?? 1), scenario.run(world, check));
      if (isOnlyAudited(world))
        for (const { name, writes } of world.clusters)
          check.deepEqual(await writes(), [], `what ${name} was asked to change in audit mode, by its own record`);
    } finally {
      await world.close();
    }
    if (count() === 0) throw new Error('asserted nothing');
    return { ...sofar(), was: 'passed' };
  } catch (error) {
    return { ...sofar(), was: 'failed', error: asError(error) };
  }
}

/** One line a scenario; its error below. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.was === 'not run') {
    const { name, lacks, because } = outcome;
    return `not run ${name} (this world cannot: ${lacks.join(', ')}${because ? `; ${because}` : ''})`;
  }
  const line = `${outcome.was}  ${outcome.name} (${outcome.assertions} assertions, ${outcome.ms} ms)`;
  return outcome.was === 'failed' ? `${line}\n${outcome.error.stack ?? outcome.error.message}` : line;
}

/** A digest of all that decides outcomes: kept with results, so that old ones are not compared with new ones. */
export function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  return hash.digest('hex');
}

export interface Tally {
  readonly sources: string;
  readonly scenarios: readonly { readonly name: string; readonly was: Outcome['was']; readonly assertions: number }[];
}

/** The sandbox's is in parts: a file each of `npm test`, and one of `npm run test:service`. */
export const SANDBOX_TALLIES = ['sandbox', 'sandbox-kill', 'sandbox-service'] as const;
export type TallyName = WorldName | (typeof SANDBOX_TALLIES)[number];

const tallyPath = (world: TallyName): string => join(RESULTS, `scenarios-${world}.json`);

export const tallyOf = (outcomes: readonly Outcome[]): Tally => ({
  sources: sourcesDigest(),
  scenarios: outcomes.map((o) => ({ name: o.name, was: o.was, assertions: o.was === 'not run' ? 0 : o.assertions })),
});

export async function writeTally(world: TallyName, tally: Tally): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(tallyPath(world), `${JSON.stringify(tally, null, 2)}\n`);
}

/** The tally of the last whole run of that world; undefined when there is none of the present sources. */
export function readTally(world: TallyName): Tally | undefined {
  try {
    const tally = JSON.parse(readFileSync(tallyPath(world), 'utf8')) as Tally;
    return tally.sources === sourcesDigest() ? tally : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
