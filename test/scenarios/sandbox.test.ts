/** The scenarios on the sandbox, but for those that have a process or a command of their own. */
import { vi } from 'vitest';
import { onTheSandbox, sandboxScenarios } from './harness/on-the-sandbox.ts';

// worlds wait more than they work, and they share nothing
vi.setConfig({ maxConcurrency: 6 });

onTheSandbox((await sandboxScenarios()).others, 'sandbox');
