/** The same scenario files through the deployed bundles, on the sandbox. */
import { describe, expect, test, vi } from 'vitest';
import { loadScenarios, outcomeText, runScenario } from './harness/run-scenarios.ts';
import { serviceKind } from './harness/sandbox-world.ts';
import { RUN_MS } from './harness/scenario.ts';

vi.setConfig({ maxConcurrency: 2 });
const scenarios = await loadScenarios();

describe.concurrent('through the bundles, on the sandbox', () => {
  for (const scenario of scenarios)
    test(
      scenario.name,
      async () => {
        const outcome = await runScenario(serviceKind, scenario);
        expect(outcome.was, outcomeText(outcome)).not.toBe('failed');
      },
      (scenario.timeoutMs ?? RUN_MS) + 30_000,
    );
});
