/**
 * `npm run test:real`: sets up real parts, runs the stores' contracts and every scenario on them, compares with the sandbox, and takes all
 * of it down again. `npm run test:real -- eks`: only the scenarios whose name has that word, which proves nothing of the rest.
 */
import { type Comparison, compareTallies } from '../scenarios/harness/compare.ts';
import { usedRights } from '../scenarios/harness/only-allowed.ts';
import {
  loadScenarios,
  type Outcome,
  outcomeText,
  readTally,
  runScenario,
  SANDBOX_TALLIES,
  type Tally,
  tallyOf,
  type WorldKind,
  writeTally,
} from '../scenarios/harness/run-scenarios.ts';
import { sandboxKind } from '../scenarios/harness/sandbox-world.ts';
import { isScheduled, type Scenario } from '../scenarios/harness/scenario.ts';
import { MissingToolError } from './cache.ts';
import { runContracts } from './contracts.ts';
import { checkDeployment } from './deployment.ts';
import { checkKubectl } from './kubectl.ts';
import { checkMetrics } from './metrics.ts';
import { checkPackage } from './package.ts';
import { realKind, realServiceKind } from './real-world.ts';
import { prepare, type RealStack, startStack } from './stack.ts';

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

async function runAll(kind: WorldKind, scenarios: readonly Scenario[], how = ''): Promise<readonly Outcome[]> {
  console.log(`\nScenarios on ${kind.name === 'real' ? 'real parts' : 'the sandbox'}${how}`);
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const outcome = await runScenario(kind, scenario);
    console.log(`  ${outcomeText(outcome)}`);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** All scenarios, with the tally that is compared with. */
async function runWhole(kind: WorldKind, scenarios: readonly Scenario[]): Promise<readonly Outcome[]> {
  const outcomes = await runAll(kind, scenarios);
  await writeTally(kind.name, tallyOf(outcomes));
  return outcomes;
}

/** What the sandbox made of the same sources: kept from `npm test` and `npm run test:service`, else run now. */
async function sandboxTally(scenarios: readonly Scenario[]): Promise<Tally> {
  const kept = SANDBOX_TALLIES.flatMap((name) => readTally(name) ?? []);
  const [first] = kept;
  if (first && kept.length === SANDBOX_TALLIES.length)
    return { ...first, scenarios: kept.flatMap((tally) => tally.scenarios) };
  return tallyOf(await runAll(sandboxKind, scenarios));
}

function printComparison({ same, onlyIn, differences }: Comparison): void {
  console.log(`\nBoth worlds: ${same.length} scenarios ran with the same assertions`);
  for (const { name, world } of onlyIn) console.log(`  ${world} only: ${name}`);
  for (const difference of differences) console.log(`  differs: ${difference}`);
}

const count = (outcomes: readonly Outcome[], what: Outcome['was']): number =>
  outcomes.filter(({ was }) => was === what).length;

async function runOn(stack: RealStack, scenarios: readonly Scenario[]): Promise<boolean> {
  await checkKubectl(stack);
  await checkPackage(stack.folder);
  await checkMetrics(stack.tools.promtool, stack.folder);
  await checkDeployment(stack.moto, stack.folder);
  const isContractKept = await runContracts(stack.moto);
  const ofBoth = scenarios.filter((one) => !isScheduled(one));
  const outcomes = await runWhole(realKind(stack), ofBoth);
  const comparison = compareTallies(await sandboxTally(ofBoth), tallyOf(outcomes));
  printComparison(comparison);
  const rights = usedRights();
  const deployed = await runAll(rights.watched(realServiceKind(stack)), scenarios, ', through the deployed bundles');
  const unused = rights.unused();
  for (const right of unused) console.log(`  no scenario uses: ${right}`);
  const passed = count(outcomes, 'passed') + count(deployed, 'passed');
  const failed = count(outcomes, 'failed') + count(deployed, 'failed');
  const total = failed + comparison.differences.length + unused.length + (isContractKept ? 0 : 1);
  console.log(`\n${passed} passed, ${total} failed`);
  return total === 0 && passed > 0;
}

async function runSome(stack: RealStack, some: readonly Scenario[], all: number): Promise<boolean> {
  const outcomes = [
    ...(await runAll(realKind(stack), some)),
    ...(await runAll(usedRights().watched(realServiceKind(stack)), some, ', through the deployed bundles')),
  ];
  const [passed, failed] = [count(outcomes, 'passed'), count(outcomes, 'failed')];
  console.log(
    `\nPARTIAL: ${some.length} of ${all} scenarios, not compared with the sandbox: ${passed} passed, ${failed} failed`,
  );
  return failed === 0 && passed > 0;
}

async function main(): Promise<boolean> {
  const startedAt = performance.now();
  const all = await loadScenarios();
  const word = process.argv[2]?.toLowerCase();
  const some = word === undefined ? all : all.filter(({ name }) => name.toLowerCase().includes(word));
  if (some.length === 0) {
    console.error(`no scenario has ${JSON.stringify(word)} in its name`);
    return false;
  }
  console.log('Real parts');
  const prepared = await prepare();
  const stack = await startStack(prepared);
  const end = (): void => {
    void stack.stop().finally(() => process.exit(1));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  console.log(`  set up in ${seconds(startedAt)}`);
  try {
    return await (some === all ? runOn(stack, all) : runSome(stack, some, all.length));
  } finally {
    await stack.stop();
  }
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof MissingToolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
