/** The scenarios that end runs at every request, in a process of their own: they take as long as all others, and leave it half its time. */
import { onTheSandbox, sandboxScenarios } from './harness/on-the-sandbox.ts';

onTheSandbox((await sandboxScenarios()).kills, 'sandbox-kill');
