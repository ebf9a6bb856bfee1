/** Checks that wait for each other: side by side, within their time, and not at all where their ground is broken. */
import { describe, expect, test } from 'vitest';
import { type Check, diagnose, ok, type Verdict } from '../../../cli/doctor/diagnose.ts';
import { ProblemError } from '../../../shared/contract/problem.ts';

const check = (name: string, look: Check['look'], needs: readonly string[] = []): Check => ({
  ...{ check: name, subject: 'x', needs, look },
});
const fine = async (): Promise<Verdict> => ok('fine');
const problem = (fix?: string): ProblemError =>
  new ProblemError({ type: 'nolapse:test', detail: 'it is broken', retry: 'never', ...(fix ? { fix } : {}) });
const run = (checks: readonly Check[], limitMs = 60_000) => diagnose(checks, { limitMs });

describe('diagnose', () => {
  test('runs what does not wait side by side, and answers in order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = check('first', async () => promise.then(() => ok()));
    const second = check('second', async () => {
      resolve();
      return ok();
    });
    expect((await run([first, second])).map((one) => one.check)).toEqual(['first', 'second']);
  });

  test('leaves out what needs something broken, and what needs that', async () => {
    const looked: string[] = [];
    const told = await run([
      check('a', () => Promise.reject(problem('do it'))),
      check('b', async () => ok(...looked.splice(0, 0, 'b')), ['a x']),
      check('c', async () => ok(...looked.splice(0, 0, 'c')), ['nobody x', 'b x']),
      check('d', fine, ['c y']),
    ]);
    expect(told).toEqual([
      { check: 'a', subject: 'x', state: 'broken', evidence: ['it is broken'], fix: 'do it', who: 'you' },
      { check: 'b', subject: 'x', state: 'waiting', evidence: ['waits for a x'] },
      { check: 'c', subject: 'x', state: 'waiting', evidence: ['waits for b x'] },
      { check: 'd', subject: 'x', state: 'ok', evidence: ['fine'] },
    ]);
    expect(looked).toEqual([]);
  });

  test('goes on after a warning', async () => {
    const told = await run([check('a', async () => ({ state: 'warning', evidence: [] })), check('b', fine, ['a x'])]);
    expect(told.map(({ state }) => state)).toEqual(['warning', 'ok']);
  });

  test('gives a fix that is a command as one, to whoever can mend it', async () => {
    const mine: Check = { ...check('a', () => Promise.reject(problem('aws sns subscribe'))), who: 'somebody' };
    expect(await run([mine])).toMatchObject([{ command: 'aws sns subscribe', who: 'somebody' }]);
    expect((await run([mine]))[0]).not.toHaveProperty('fix');
  });

  test('does not wait for ever', async () => {
    const told = await run([check('a', () => new Promise(() => undefined)), check('b', fine)], 10);
    expect(told).toMatchObject([{ state: 'broken', evidence: ['there was no answer within 0.01 s'] }, { state: 'ok' }]);
  });

  test('fails itself where a check has a defect, once all have ended', async () => {
    const ended: string[] = [];
    const late = check('b', async () => {
      await new Promise(setImmediate);
      ended.push('b');
      return ok();
    });
    await expect(run([check('a', () => Promise.reject(new TypeError('ours'))), late])).rejects.toThrow('ours');
    expect(ended).toEqual(['b']);
  });

  test('tells how far it is', async () => {
    const seen: string[] = [];
    await diagnose([check('a', fine), check('b', fine)], {
      limitMs: 1_000,
      onDone: (n, of) => seen.push(`${n}/${of}`),
    });
    expect(seen).toEqual(['1/2', '2/2']);
  });
});
