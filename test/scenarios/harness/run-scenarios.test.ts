/** How runs of scenarios are counted and two worlds compared: a difference is found, a gap is named. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareTallies } from './compare.ts';
import { type FleetOptions, writeFleet } from './fleet-file.ts';
import { outcomeText, runScenario, type Tally, type WorldKind } from './run-scenarios.ts';
import { type Run, type Scenario, scenario } from './scenario.ts';
import type { World } from './world.ts';

const tally = (...scenarios: Tally['scenarios']): Tally => ({ sources: '', scenarios });
const passed = (name: string, assertions = 3) => ({ name, was: 'passed', assertions }) as const;
const failed = (name: string) => ({ name, was: 'failed', assertions: 1 }) as const;
const notRun = (name: string) => ({ name, was: 'not run', assertions: 0 }) as const;

describe('compareTallies', () => {
  test.each([
    ['one assertion fewer', [passed('a')], [passed('a', 2)], 'a: 3 assertions on the sandbox, 2 on real parts'],
    ['another outcome', [passed('a')], [failed('a')], 'a: passed on the sandbox, failed on real parts'],
    [
      'a scenario of one world only',
      [passed('a'), passed('b')],
      [passed('a')],
      'b: registered in the sandbox run only',
    ],
    ['a scenario that runs nowhere', [notRun('a')], [notRun('a')], 'a: runs in no world'],
  ] as const)('finds %s', (_, sandbox, real, difference) => {
    expect(compareTallies(tally(...sandbox), tally(...real)).differences).toEqual([difference]);
  });

  test('names what one world cannot do, and counts the rest as the same', () => {
    expect(compareTallies(tally(passed('a'), passed('b')), tally(passed('a'), notRun('b')))).toEqual({
      same: ['a'],
      onlyIn: [{ name: 'b', world: 'sandbox' }],
      differences: [],
    });
  });
});

/** A world in which nothing but its end is asked for. */
const kindWith = (closed: string[]): WorldKind => ({
  name: 'sandbox',
  features: ['ca-faults'],
  open: async () => ({ close: async () => void closed.push('closed') }) as unknown as World,
});
const one = (run: Run, more: Partial<Scenario> = {}): Scenario => ({ name: 'a', run, ...more });

describe('runScenario', () => {
  test('counts assertions and closes the world', async () => {
    const closed: string[] = [];
    const run: Run = async (_, check) => {
      check.equal(1, 1, 'one');
      check.ok(true, 'truth');
    };
    expect(await runScenario(kindWith(closed), one(run))).toMatchObject({ was: 'passed', assertions: 2 });
    expect(closed).toEqual(['closed']);
  });

  test.each([
    [
      'a false assertion',
      async (_, check) => check.equal(1, 2, 'the sum'),
      /^the sum: Expected values to be strictly equal/,
    ],
    ['a thrown error', async () => Promise.reject(new Error('down')), /^down$/],
    ['no assertion at all', async () => undefined, /^asserted nothing$/],
  ] as const satisfies readonly (readonly [string, Run, RegExp])[])(
    'fails on %s, and closes the world',
    async (_, run, message) => {
      const closed: string[] = [];
      const outcome = await runScenario(kindWith(closed), one(run));
      expect(outcome).toMatchObject({ was: 'failed', error: { message: expect.stringMatching(message) } });
      expect(closed).toEqual(['closed']);
    },
  );

  test('fails what takes longer than it may', async () => {
    const outcome = await runScenario(
      kindWith([]),
      one(() => new Promise(() => undefined), { timeoutMs: 5 }),
    );
    expect(outcome).toMatchObject({ was: 'failed', error: { message: 'not done after 5 ms' } });
  });

  test('does not run what the world cannot do, and says what it lacks', async () => {
    const outcome = await runScenario(
      kindWith([]),
      one(async () => undefined, { needs: ['ca-faults', 'aws-faults'] }),
    );
    expect(outcomeText(outcome)).toBe('not run a (this world cannot: aws-faults)');
  });

  test('says why one process is the point, where a world is none', async () => {
    const outcome = await runScenario(
      kindWith([]),
      one(async () => undefined, { needs: ['one-process'], because: 'it is killed' }),
    );
    expect(outcomeText(outcome)).toBe('not run a (this world cannot: one-process; it is killed)');
  });
});

test('scenario refuses a name twice', () => {
  const run: Run = async () => undefined;
  scenario('twice', {}, run);
  expect(() => scenario('twice', {}, run)).toThrow('scenario "twice": the name is taken, pick another');
});

test('scenario takes none that needs one process and says not why', () => {
  expect(() => scenario('alone', { needs: ['one-process'] }, async () => undefined)).toThrow(
    'scenario "alone": says not why it needs one process',
  );
});

describe('a fleet that only looks', () => {
  /** A world with a folder in memory only, whose API server says that it was asked to change something. */
  function asked(...writes: readonly string[]): WorldKind {
    const folder = mkdtempSync(join(tmpdir(), 'audited-'));
    const cluster = { name: 'east', writes: async () => writes };
    const close = async () => rmSync(folder, { recursive: true });
    const parts = { zone: { name: 'z', id: 'Z' }, acme: { caPem: '' }, queue: {}, dns: {}, kubeconfigPath: '' };
    return {
      ...kindWith([]),
      open: async () => ({ ...parts, folder, clusters: [cluster], close }) as unknown as World,
    };
  }
  const inModes =
    (...modes: readonly FleetOptions[]): Run =>
    async (world, check) => {
      for (const options of modes) await writeFleet(world, options);
      check.ok(true, 'it ran');
    };
  const AUDIT = { mode: 'audit' } as const;
  const LINE = { namespaces: ['*'], names: ['a'], mode: 'manage' };

  test('may change nothing, by the record of the API server', async () => {
    expect(await runScenario(asked(), one(inModes(AUDIT)))).toMatchObject({ was: 'passed', assertions: 2 });
    const failed = await runScenario(asked('nolapse create secrets'), one(inModes(AUDIT, AUDIT)));
    expect(failed).toMatchObject({
      was: 'failed',
      error: { message: expect.stringContaining('what east was asked to change in audit mode') },
    });
  });

  test.each<[string, readonly FleetOptions[]]>([
    ['no fleet', []],
    ['one that manages', [{}]],
    ['one after one that manages', [{}, AUDIT]],
    ['one with a line that manages', [{ ...AUDIT, namePolicy: [LINE] }]],
  ])('and %s may', async (_, modes) => {
    const outcome = await runScenario(asked('nolapse create secrets'), one(inModes(...modes)));
    expect(outcome).toMatchObject({ was: 'passed', assertions: 1 });
  });
});
