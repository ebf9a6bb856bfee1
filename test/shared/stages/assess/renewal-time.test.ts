/** When a certificate is renewed: cert-manager's formula row by row, its windows through changes of the clock, and what holds for all input. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renewalTime } from '../../../../shared/stages/assess/renewal-time.ts';
import { AUTUMN, AUTUMN_WINDOWS, at, DAY, FORMULA, HOUR, QUARTER, WINDOWS } from './renewal-rows.ts';

describe('renewalTime', () => {
  test.each(FORMULA)('%s', (_, input, expected) => {
    expect(renewalTime({ ...QUARTER, ...input })).toEqual({ at: expected === undefined ? undefined : at(expected) });
  });

  test.each(WINDOWS)('window: %s', (_, input, expected) => {
    expect(renewalTime({ ...QUARTER, ...input })).toEqual({ at: at(expected ?? '') });
  });

  test.each(AUTUMN_WINDOWS)('window: %s', (_, input, expected) => {
    expect(renewalTime({ ...AUTUMN, ...input })).toEqual({ at: at(expected ?? '') });
  });

  test('counts the lifetime that was issued, to the second', () => {
    const odd = { notBefore: at('2026-01-01T00:00:00.900Z'), notAfter: at('2026-01-01T00:01:40.900Z') };
    expect(renewalTime(odd).at?.toISOString()).toBe('2026-01-01T00:01:07.000Z');
  });

  test.each([
    [
      'no window opens any more',
      { windows: [{ cron: '0 0 31 12 *', windowDuration: HOUR }] },
      '2026-03-02T00:00:00.000Z',
      'no renewal window opens between 2026-03-02T00:00:00.000Z and 2026-04-01T00:00:00.000Z',
    ],
    [
      'a day that never comes',
      { windows: [{ cron: '0 0 31 2 *', windowDuration: HOUR }] },
      '2026-03-02T00:00:00.000Z',
      'no renewal window opens between 2026-03-02T00:00:00.000Z and 2026-04-01T00:00:00.000Z',
    ],
    [
      'the window opens within its own length after expiry',
      { windows: [{ cron: '0 12 1 4 *', windowDuration: DAY }] },
      '2026-04-01T12:00:00.000Z',
      'the next renewal window opens at 2026-04-01T12:00:00.000Z, after the certificate has expired at 2026-04-01T00:00:00.000Z',
    ],
    [
      'a cron that cannot be read',
      { windows: [{ cron: '61 * * * *', windowDuration: HOUR }] },
      '2026-03-02T00:00:00.000Z',
      'unusable renewal window: CronPattern: Invalid value for minute: 61',
    ],
  ] as const)('says so and renews all the same: %s', (_, input, expected, problem) => {
    expect(renewalTime({ ...QUARTER, ...input })).toEqual({ at: at(expected), problem });
  });

  test('refuses a policy it does not know', () => {
    const problem = 'unsupported renewal policy "Sometimes"';
    expect(renewalTime({ ...QUARTER, policy: 'Sometimes' })).toEqual({ at: undefined, problem });
  });

  test('opens exactly at expiry without a problem', () => {
    const last = { cron: '0 0 1 4 *', windowDuration: 0 };
    expect(renewalTime({ ...QUARTER, windows: [last] })).toEqual({ at: QUARTER.notAfter });
  });
});

describe('the window that a CA suggests', () => {
  const start = at('2026-02-10T00:00:00Z');
  const end = at('2026-02-12T00:00:00Z');

  test('gives one instant inside it, the same at every call, others for others', () => {
    const instants = Array.from({ length: 50 }, (_, i) => {
      const notBefore = new Date(QUARTER.notBefore.getTime() + i * 1000);
      const input = { ...QUARTER, notBefore, suggestedWindow: { start, end } };
      expect(renewalTime(input)).toEqual(renewalTime(input));
      return renewalTime(input).at?.getTime() ?? 0;
    });
    expect(instants.every((t) => t >= start.getTime() && t < end.getTime() && t % 1000 === 0)).toBe(true);
    expect(new Set(instants).size).toBeGreaterThan(45);
    const early = instants.filter((t) => t < start.getTime() + DAY).length;
    expect(early).toBeGreaterThan(10);
    expect(early).toBeLessThan(40);
  });

  test.each([
    ['turned round, its start counts', { start: end, end: start }, end],
    ['of no length, its start counts', { start, end: start }, start],
    [
      'after expiry, expiry is the latest',
      { start: at('2027-01-01T00:00:00Z'), end: at('2027-01-02T00:00:00Z') },
      QUARTER.notAfter,
    ],
    [
      'in the past (a revocation), it stays in the past',
      { start: at('2025-12-01T00:00:00Z'), end: at('2025-12-01T00:00:00Z') },
      at('2025-12-01T00:00:00Z'),
    ],
  ])('%s', (_, suggestedWindow, expected) => {
    expect(renewalTime({ ...QUARTER, suggestedWindow })).toEqual({ at: expected });
  });

  test('goes before renewBefore, and the windows of the certificate go after it', () => {
    const windows = [{ cron: '0 2 * * *', windowDuration: HOUR }];
    const { at: instant } = renewalTime({
      ...QUARTER,
      renewBefore: DAY,
      windows,
      suggestedWindow: { start, end: new Date(start.getTime() + HOUR) },
    });
    expect(instant?.toISOString()).toBe('2026-02-10T02:00:00.000Z');
  });
});

describe('for all input', () => {
  const instant = fc.date({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z'), noInvalidDate: true });
  const window = fc.record({
    cron: fc.constantFrom(
      '0 2 * * *',
      '30 1 * * SUN',
      '@weekly',
      '15 */6 * * *',
      '0 0 1 * *',
      '0 0 29 2 *',
      '30 2 * 3,10 *',
    ),
    windowDuration: fc.integer({ min: 0, max: 3 * DAY }),
    timezone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    ),
  });
  const input = fc.record(
    {
      notBefore: instant,
      lifetime: fc.integer({ min: 1, max: 800 * DAY }),
      renewBefore: fc.integer({ min: -DAY, max: 900 * DAY }),
      renewBeforePercentage: fc.integer({ min: -10, max: 110 }),
      windows: fc.array(window, { maxLength: 3 }),
      policy: fc.constantFrom('RenewBefore', 'Disabled', 'x'),
      suggestedWindow: fc.record({ start: instant, end: instant }),
    },
    { requiredKeys: ['notBefore', 'lifetime'] },
  );

  test('it is never after expiry unless a problem says so, and the same every time', () => {
    fc.assert(
      fc.property(input, ({ lifetime, ...rest }) => {
        const all = { ...rest, notAfter: new Date(rest.notBefore.getTime() + lifetime) };
        const answer = renewalTime(all);
        expect(renewalTime(all)).toEqual(answer);
        if (answer.at === undefined) expect(all.policy === 'Disabled' || answer.problem !== undefined).toBe(true);
        else if (answer.problem === undefined) expect(answer.at.getTime()).toBeLessThanOrEqual(all.notAfter.getTime());
      }),
      { numRuns: 400 },
    );
  });

  test('without a suggestion it is never before the certificate is valid', () => {
    fc.assert(
      fc.property(input, ({ lifetime, suggestedWindow: _, policy: __, ...rest }) => {
        const notBefore = new Date(Math.floor(rest.notBefore.getTime() / 1000) * 1000);
        const answer = renewalTime({ ...rest, notBefore, notAfter: new Date(notBefore.getTime() + lifetime) });
        expect(answer.at?.getTime()).toBeGreaterThanOrEqual(notBefore.getTime());
      }),
      { numRuns: 400 },
    );
  });
});
