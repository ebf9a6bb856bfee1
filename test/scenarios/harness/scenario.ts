/** How a scenario file states a whole run: a name, what it needs of the world, and what must then be true. Knows no particular world. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import type { Feature, World } from './world.ts';

/** Assertions that are counted, so that two worlds can be seen to have asserted the same. */
export interface Check {
  equal<T>(actual: T, expected: T, what: string): void;
  deepEqual<T>(actual: T, expected: T, what: string): void;
  match(actual: string, expected: RegExp, what: string): void;
  ok(value: unknown, what: string): void;
}

export type Run = (world: World, check: Check) => Promise<void>;

/** Far more than a run takes, so that a busy machine fails none. */
export const RUN_MS = 600_000;

export interface ScenarioOptions {
  /** What the world must be able to do; a world that cannot lists the scenario by name as not run. */
  readonly needs?: readonly Feature[];
  /** Why nothing but one process will do, where it needs one. */
  readonly because?: string;
  /** Proved on the sandbox by `npm run test:service` and not by `npm test`, whose time is short. */
  readonly isOfService?: boolean;
  /** How long the run may take, milliseconds. Default RUN_MS. */
  readonly timeoutMs?: number;
  /** How long a name server takes to serve a change that was accepted. Default no time. */
  readonly inSync?: InSync;
  /** A second CA, `world.staging`, beside the first, and the zone UNDELEGATED. */
  readonly staging?: boolean;
}

export interface InSync {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface Scenario extends ScenarioOptions {
  readonly name: string;
  readonly run: Run;
}

/** Run by a deployed service and by nothing else. */
export const isScheduled = ({ needs = [] }: Scenario): boolean => needs.includes('schedule');

const registered: Scenario[] = [];

/** Registers one scenario of the file that is being loaded. Names are unique over all files. */
export function scenario(name: string, options: ScenarioOptions, run: Run): void {
  if (registered.some((s) => s.name === name)) throw new Error(`scenario "${name}": the name is taken, pick another`);
  if (options.needs?.includes('one-process') && !options.because)
    throw new Error(`scenario "${name}": says not why it needs one process, which a service is not`);
  registered.push({ name, ...options, run });
}

/** All scenarios of the files loaded so far, in order. */
export const scenarios = (): readonly Scenario[] => registered;

/** A Check that counts. The message of a failure starts with `what` and goes on with both values. */
export function countingCheck(): { readonly check: Check; count(): number } {
  let count = 0;
  const explained = (what: string, assertion: () => void): void => {
    count += 1;
    try {
      assertion();
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new Error(`${what}: ${detail}`, { cause: error });
    }
  };
  const check: Check = {
    equal: (actual, expected, what) => explained(what, () => strictEqual(actual, expected)),
    deepEqual: (actual, expected, what) => explained(what, () => deepStrictEqual(actual, expected)),
    match: (actual, expected, what) => explained(what, () => match(actual, expected)),
    ok: (value, what) => explained(what, () => ok(value, 'is not so')),
  };
  return { check, count: () => count };
}
