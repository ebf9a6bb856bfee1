/** The rows of the renewal time: input, and the instant that must come out. */
import type { RenewalInput } from '../../../../shared/stages/assess/renewal-time.ts';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const at = (iso: string): Date => new Date(iso);
/** 90 days from January 1st to April 1st. */
export const QUARTER = { notBefore: at('2026-01-01T00:00:00Z'), notAfter: at('2026-04-01T00:00:00Z') };

type Row = readonly [what: string, input: Omit<RenewalInput, 'notBefore' | 'notAfter'>, expected: string | undefined];

export const FORMULA: readonly Row[] = [
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

export const WINDOWS: readonly Row[] = [
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
export const AUTUMN = { notBefore: at('2026-08-20T00:00:00Z'), notAfter: at('2026-11-18T00:00:00Z') };
const inAutumn = (iso: string, window: NonNullable<RenewalInput['windows']>[number]): Row[1] => ({
  renewBefore: AUTUMN.notAfter.getTime() - at(iso).getTime(),
  windows: [window],
});
const HALF_PAST_TWO = { cron: '30 2 * * *', windowDuration: HOUR, timezone: 'Europe/Berlin' };
const HALF_PAST_ONE = { cron: '30 1 * * *', windowDuration: HOUR, timezone: 'America/New_York' };

export const AUTUMN_WINDOWS: readonly Row[] = [
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
