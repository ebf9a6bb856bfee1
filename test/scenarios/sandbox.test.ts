/** Every scenario on the sandbox, each in a world of its own; keeps the tally that `npm run test:real` compares with. */
import { afterAll, describe, expect, test, vi } from 'vitest';
import { onlyWithRights } from './harness/only-with-rights.ts';
import { loadScenarios, type Outcome, outcomeText, runScenario, tallyOf, writeTally } from './harness/run-scenarios.ts';
import { sandboxKind } from './harness/sandbox-world.ts';
import { RUN_MS } from './harness/scenario.ts';

const CLOSING_MS = 30_000;
// worlds wait more than they work, and they share nothing
vi.setConfig({ maxConcurrency: 6 });
const scenarios = await loadScenarios();
const worlds = onlyWithRights(sandboxKind);
const outcomes: Outcome[] = [];

describe.concurrent('on the sandbox', () => {
  for (const scenario of scenarios)
    test(
      scenario.name,
      async () => {
        const outcome = await runScenario(worlds, scenario);
        outcomes.push(outcome);
        expect(outcome.was, outcomeText(outcome)).toBe('passed');
      },
      (scenario.timeoutMs ?? RUN_MS) + CLOSING_MS,
    );

  afterAll(async () => {
    if (outcomes.length < scenarios.length) return;
    await writeTally('sandbox', tallyOf(outcomes));
    console.log(outcomes.map(outcomeText).join('\n'));
  });
});
