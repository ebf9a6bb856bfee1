/** The scenarios on the sandbox, but for those that `npm run test:service` runs. */
import { vi } from 'vitest';
import { onTheSandbox } from './harness/on-the-sandbox.ts';
import { loadScenarios } from './harness/run-scenarios.ts';

// worlds wait more than they work, and they share nothing
vi.setConfig({ maxConcurrency: 6 });

onTheSandbox(
  (await loadScenarios()).filter(({ isOfService }) => !isOfService),
  'sandbox',
);
