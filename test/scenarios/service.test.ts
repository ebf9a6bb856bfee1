/** The deployed bundles on the sandbox: one scenario as it is, and what only a service meets. */
import { describe, expect, test, vi } from 'vitest';
import { onTheSandbox, sandboxScenarios } from './harness/on-the-sandbox.ts';
import { outcomeText, runScenario } from './harness/run-scenarios.ts';
import { serviceKind } from './harness/sandbox-world.ts';

/** All others run through the bundles on real parts: `npm run test:real`. */
const ON_THE_SANDBOX = 'a certificate is issued, delivered to three places, told once, and kept';
const LIMIT_MS = 300_000;

vi.setConfig({ maxConcurrency: 4 });
const { ofService, others, scheduled } = await sandboxScenarios();

onTheSandbox(ofService, 'sandbox-service');

describe.concurrent('through the bundles, on the sandbox', () => {
  for (const scenario of [...others.filter(({ name }) => name === ON_THE_SANDBOX), ...scheduled])
    test(scenario.name, { timeout: LIMIT_MS }, async () => {
      const outcome = await runScenario(serviceKind, scenario);
      expect(outcome.was, outcomeText(outcome)).toBe('passed');
    });
});
