/** When a certificate is renewed: cert-manager's formula row by row, its windows through changes of the clock, and what holds for all input. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RenewalInput, renewalTime } from '../../../../shared/stages/assess/renewal-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (iso: string): Date => new Date(iso);
/** 90 days from January 1st to April 1st. */
const QUARTER = { notBefore: at('2026-01-01T00:00:00Z'), notAfter: at('2026-04-01T00:00:00Z') };

type Row = readonly [what: string, input: Omit<RenewalInput, 'notBefore' | 'notAfter'>, expected: string | undefined];

const FORMULA: readonly Row[] = [
  ['nothing given: two thirds of the lifetime', {}, '2026-03-02T00:00:00.000Z'],
  ['renewBefore', { renewBefore: 15 * DAY }, '2026-03-17T00:00:00.000Z'],
  ['renewBefore of a second', { renewBefore: 1000 }, '2026-03-31T23:59:59.000Z'],
  ['renewBefore a second less than the lifetime', { renewBefore: 90 * DAY - 1000 }, '2026-01-01T00:00:01.000Z'],
  ['renewBefore of the whole lifetime counts as not given', { renewBefore: 90 * DAY }, '2026-03-02T00:00:00.000Z'],
  ['renewBefore beyond the lifetime counts as not given', { renewBefore: 365 * DAY }, '2026-03-02T00:00:00.000Z'],
  ['renewBefore of nothing counts as not given', { renewBefore: 0 }, '2026-03-02T00:00:00.000Z'],
  ['a negative renewBefore counts as not given', { renewBefore: -DAY }, '2026-03-02T00:00:00.000Z'],
  ['half of the lifetime remaining', { renewBeforePercentage: 50 }, '2026-02-15T00:00:00.000Z'],
  ['one percent remaining', { renewBeforePercentage: 1 }, '2026-03-31T02:24:00.000Z'],
  ['99 percent remaining', { renewBeforePercentage: 99 }, '2026-01-01T21:36:00.000Z'],
  ['a fraction of a percent', { renewBeforePercentage: 0.5 }, '2026-03-31T13:12:00.000Z'],
  ['100 percent counts as not given', { renewBeforePercentage: 100 }, '2026-03-02T00:00:00.000Z'],
  ['0 percent counts as not given', { renewBeforePercentage: 0 }, '2026-03-02T00:00:00.000Z'],
  ['renewBefore before percentage', { renewBefore: DAY, renewBeforePercentage: 50 }, '2026-03-31T00:00:00.000Z'],
  [
    'an invalid renewBefore leaves the percentage',
    { renewBefore: 0, renewBeforePercentage: 50 },
    '2026-02-15T00:00:00.000Z',
  ],
  ['a fraction of a second is dropped', { renewBefore: 1500 }, '2026-03-31T23:59:58.000Z'],
  ['the policy RenewBefore without windows', { policy: 'RenewBefore' }, '2026-03-02T00:00:00.000Z'],
  ['the policy Disabled: never by age', { policy: 'Disabled' }, undefined],
  [
    'Disabled even where the CA suggests',
    { policy: 'Disabled', suggestedWindow: { start: at('2026-02-01T00:00:00Z'), end: at('2026-02-02T00:00:00Z') } },
    undefined,
  ],
];

const NIGHT = { cron: '0 2 * * *', windowDuration: 2 * HOUR };
/** The instant that the formula gives is set by renewBefore; what is tested is the window around it. */
const windowed = (iso: string, ...windows: NonNullable<RenewalInput['windows']>): Row[1] => ({
  renewBefore: QUARTER.notAfter.getTime() - at(iso).getTime(),
  windows,
});

const WINDOWS: readonly Row[] = [
  ['an instant before the window waits for it', windowed('2026-03-02T00:00:00Z', NIGHT), '2026-03-02T02:00:00.000Z'],
  ['an instant at its start stays', windowed('2026-03-02T02:00:00Z', NIGHT), '2026-03-02T02:00:00.000Z'],
  ['an instant inside it stays', windowed('2026-03-02T03:17:00Z', NIGHT), '2026-03-02T03:17:00.000Z'],
  ['an instant at its very end stays', windowed('2026-03-02T04:00:00Z', NIGHT), '2026-03-02T04:00:00.000Z'],
  ['a second after its end waits a day', windowed('2026-03-02T04:00:01Z', NIGHT), '2026-03-03T02:00:00.000Z'],
  [
    'a window over midnight',
    windowed('2026-03-02T00:30:00Z', { cron: '0 23 * * *', windowDuration: 2 * HOUR }),
    '2026-03-02T00:30:00.000Z',
  ],
  [
    'the earliest of two windows',
    windowed('2026-03-02T05:00:00Z', NIGHT, { cron: '0 12 * * *', windowDuration: HOUR }),
    '2026-03-02T12:00:00.000Z',
  ],
  [
    'inside the second of two windows',
    windowed('2026-03-02T12:30:00Z', NIGHT, { cron: '0 12 * * *', windowDuration: HOUR }),
    '2026-03-02T12:30:00.000Z',
  ],
  [
    'weekends only',
    windowed('2026-03-02T00:00:01Z', { cron: '0 0 * * SAT', windowDuration: 2 * DAY }),
    '2026-03-07T00:00:00.000Z',
  ],
  [
    'a Sunday of the weekend',
    windowed('2026-03-08T12:00:00Z', { cron: '0 0 * * SAT', windowDuration: 2 * DAY }),
    '2026-03-08T12:00:00.000Z',
  ],
  ['a descriptor', windowed('2026-03-02T00:00:01Z', { cron: '@daily', windowDuration: 0 }), '2026-03-03T00:00:00.000Z'],
  [
    'a window of no length, hit exactly',
    windowed('2026-03-02T02:00:00Z', { ...NIGHT, windowDuration: 0 }),
    '2026-03-02T02:00:00.000Z',
  ],
  [
    'in New Delhi, half an hour off',
    windowed('2026-03-01T12:00:00Z', { ...NIGHT, timezone: 'Asia/Kolkata' }),
    '2026-03-01T20:30:00.000Z',
  ],
  [
    'in Kathmandu, three quarters off',
    windowed('2026-03-01T12:00:00Z', { ...NIGHT, timezone: 'Asia/Kathmandu' }),
    '2026-03-01T20:15:00.000Z',
  ],
  [
    'on Lord Howe, where the clock changes by half an hour',
    windowed('2026-03-01T12:00:00Z', { ...NIGHT, timezone: 'Australia/Lord_Howe' }),
    '2026-03-01T15:00:00.000Z',
  ],
  [
    'Berlin, the night before spring',
    windowed('2026-03-28T00:00:00Z', { ...NIGHT, timezone: 'Europe/Berlin' }),
    '2026-03-28T01:00:00.000Z',
  ],
  [
    'Berlin, the night of spring: 02:00 does not exist, 03:00 does',
    windowed('2026-03-28T12:00:00Z', { ...NIGHT, timezone: 'Europe/Berlin' }),
    '2026-03-29T01:00:00.000Z',
  ],
  [
    'Berlin, the night after spring',
    windowed('2026-03-29T12:00:00Z', { ...NIGHT, timezone: 'Europe/Berlin' }),
    '2026-03-30T00:00:00.000Z',
  ],
  [
    'Berlin, inside the window of the spring night',
    windowed('2026-03-29T02:59:00Z', { ...NIGHT, timezone: 'Europe/Berlin' }),
    '2026-03-29T02:59:00.000Z',
  ],
  [
    'New York, the night of spring',
    windowed('2026-03-07T12:00:00Z', { ...NIGHT, timezone: 'America/New_York' }),
    '2026-03-08T07:00:00.000Z',
  ],
  [
    'New York, the night after spring',
    windowed('2026-03-08T12:00:00Z', { ...NIGHT, timezone: 'America/New_York' }),
    '2026-03-09T06:00:00.000Z',
  ],
];

/** 90 days from August 20th to November 18th. */
const AUTUMN = { notBefore: at('2026-08-20T00:00:00Z'), notAfter: at('2026-11-18T00:00:00Z') };
const inAutumn = (iso: string, window: NonNullable<RenewalInput['windows']>[number]): Row[1] => ({
  renewBefore: AUTUMN.notAfter.getTime() - at(iso).getTime(),
  windows: [window],
});
const HALF_PAST_TWO = { cron: '30 2 * * *', windowDuration: HOUR, timezone: 'Europe/Berlin' };
const HALF_PAST_ONE = { cron: '30 1 * * *', windowDuration: HOUR, timezone: 'America/New_York' };

const AUTUMN_WINDOWS: readonly Row[] = [
  ['Berlin, before autumn', inAutumn('2026-10-24T00:00:00Z', HALF_PAST_TWO), '2026-10-24T00:30:00.000Z'],
  [
    'Berlin, the night of autumn: the first of two 02:30',
    inAutumn('2026-10-24T12:00:00Z', HALF_PAST_TWO),
    '2026-10-25T00:30:00.000Z',
  ],
  [
    'Berlin, within the hour after the first 02:30',
    inAutumn('2026-10-25T01:15:00Z', HALF_PAST_TWO),
    '2026-10-25T01:15:00.000Z',
  ],
  [
    'Berlin, after the second 02:30 the next night',
    inAutumn('2026-10-25T03:00:00Z', HALF_PAST_TWO),
    '2026-10-26T01:30:00.000Z',
  ],
  ['New York, before autumn', inAutumn('2026-10-31T00:00:00Z', HALF_PAST_ONE), '2026-10-31T05:30:00.000Z'],
  [
    'New York, the night of autumn: the first of two 01:30',
    inAutumn('2026-10-31T12:00:00Z', HALF_PAST_ONE),
    '2026-11-01T05:30:00.000Z',
  ],
  ['New York, the night after autumn', inAutumn('2026-11-01T12:00:00Z', HALF_PAST_ONE), '2026-11-02T06:30:00.000Z'],
];

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
