/** `npm run test:real`: sets up real parts, runs the stores' contracts and every scenario on them, compares with the sandbox, and takes all of it down again. */
import { type Comparison, compareTallies } from '../scenarios/harness/compare.ts';
import {
  loadScenarios,
  type Outcome,
  outcomeText,
  readTally,
  runScenario,
  type Tally,
  tallyOf,
  type WorldKind,
  writeTally,
} from '../scenarios/harness/run-scenarios.ts';
import { sandboxKind } from '../scenarios/harness/sandbox-world.ts';
import type { Scenario } from '../scenarios/harness/scenario.ts';
import { MissingToolError } from './cache.ts';
import { runContracts } from './contracts.ts';
import { checkKubectl } from './kubectl.ts';
import { realKind } from './real-world.ts';
import { prepare, type RealStack, startStack } from './stack.ts';

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

async function runAll(kind: WorldKind, scenarios: readonly Scenario[]): Promise<readonly Outcome[]> {
  console.log(`\nScenarios on ${kind.name === 'real' ? 'real parts' : 'the sandbox'}`);
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const outcome = await runScenario(kind, scenario);
    console.log(`  ${outcomeText(outcome)}`);
    outcomes.push(outcome);
  }
  await writeTally(kind.name, tallyOf(outcomes));
  return outcomes;
}

/** What the sandbox made of the same sources: kept from `npm test`, else run now. */
async function sandboxTally(scenarios: readonly Scenario[]): Promise<Tally> {
  return readTally('sandbox') ?? tallyOf(await runAll(sandboxKind, scenarios));
}

function printComparison({ same, onlyIn, differences }: Comparison): void {
  console.log(`\nBoth worlds: ${same.length} scenarios ran with the same assertions`);
  for (const { name, world } of onlyIn) console.log(`  ${world} only: ${name}`);
  for (const difference of differences) console.log(`  differs: ${difference}`);
}

async function runOn(stack: RealStack): Promise<boolean> {
  const scenarios = await loadScenarios();
  await checkKubectl(stack);
  const isContractKept = await runContracts(stack.moto);
  const outcomes = await runAll(realKind(stack), scenarios);
  const comparison = compareTallies(await sandboxTally(scenarios), tallyOf(outcomes));
  printComparison(comparison);
  const passed = outcomes.filter(({ was }) => was === 'passed').length;
  const failed = outcomes.filter(({ was }) => was === 'failed').length;
  const total = failed + comparison.differences.length + (isContractKept ? 0 : 1);
  console.log(`\n${passed} passed, ${total} failed`);
  return total === 0 && passed > 0;
}

async function main(): Promise<boolean> {
  const startedAt = performance.now();
  console.log('Real parts');
  const prepared = await prepare();
  const stack = await startStack(prepared);
  const end = (): void => {
    void stack.stop().finally(() => process.exit(1));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  console.log(`  set up in ${seconds(startedAt)}`);
  try {
    return await runOn(stack);
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
