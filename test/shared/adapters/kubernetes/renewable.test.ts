/** Values that are kept until they end or are refused. */
import { describe, expect, test } from 'vitest';
import { fixed, renewed } from '../../../../shared/adapters/kubernetes/renewable.ts';

function counted(lifeMs?: number) {
  let [made, now] = [0, 0];
  const clock = { now: () => new Date(now) };
  const value = renewed(clock, async () => {
    made += 1;
    return { n: made, ...(lifeMs === undefined ? {} : { expiresAt: now + lifeMs }) };
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { value, pass };
}

describe('a value', () => {
  test('is made once for all who ask at once', async () => {
    const { value } = counted();
    expect(await Promise.all([value.current(), value.current()])).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('is made anew when it has ended, and not before', async () => {
    const { value, pass } = counted(600_000);
    await value.current();
    pass(599_999);
    expect((await value.current()).n).toBe(1);
    pass(1);
    expect((await value.current()).n).toBe(2);
  });

  test('that was refused is made anew, once for all who were', async () => {
    const { value } = counted();
    const refused = await value.current();
    expect(value.renew(refused)).toBe(true);
    expect((await value.current()).n).toBe(2);
    expect(value.renew(refused)).toBe(true);
    expect((await value.current()).n).toBe(2);
  });

  test('that could not be made is tried again by whoever asks next', async () => {
    const outcomes = [Promise.reject(new Error('no')), Promise.resolve({ n: 2 })];
    const value = renewed({ now: () => new Date() }, () => outcomes.shift() ?? Promise.reject(new Error('none')));
    await expect(value.current()).rejects.toThrow('no');
    expect(await value.current()).toEqual({ n: 2 });
  });

  test('that is fixed cannot be had anew', async () => {
    const value = fixed({ n: 1 });
    expect(value.renew(await value.current())).toBe(false);
  });
});
