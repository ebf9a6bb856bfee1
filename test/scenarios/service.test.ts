/** The deployed bundles on the sandbox: one scenario as it is, what only a service meets, and what real parts cannot be made to do. */
import { afterAll, describe, expect, test, vi } from 'vitest';
import { onTheSandbox, sandboxScenarios } from './harness/on-the-sandbox.ts';
import { usedRights } from './harness/only-allowed.ts';
import { outcomeText, runScenario } from './harness/run-scenarios.ts';
import { serviceKind } from './harness/sandbox-world.ts';
import type { Scenario } from './harness/scenario.ts';

/** All others run through the bundles on real parts: `npm run test:real`. */
const ON_THE_SANDBOX = 'a certificate is issued, delivered to three places, told once, and kept';
const LIMIT_MS = 300_000;

vi.setConfig({ maxConcurrency: 4 });
const { ofService, others, scheduled } = await sandboxScenarios();
const isOfSandbox = ({ name, needs = [] }: Scenario): boolean =>
  name === ON_THE_SANDBOX || needs.some((feature) => feature.endsWith('-faults'));

onTheSandbox(ofService, 'sandbox-service');

describe.concurrent('through the bundles, on the sandbox', () => {
  const rights = usedRights();
  const kind = rights.watched(serviceKind);
  for (const scenario of [...others.filter(isOfSandbox), ...scheduled])
    test(scenario.name, { timeout: LIMIT_MS }, async () => {
      const outcome = await runScenario(kind, scenario);
      expect(outcome.was, outcomeText(outcome)).toBe('passed');
    });

  // of other functions all rights are used by what runs on real parts
  afterAll(() => {
    expect(rights.unused().filter((right) => right.startsWith('wake: '))).toEqual([]);
  });
});
