/** Go's durations are read as Go reads them, and nothing else is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../../shared/standards/certmanager/duration.ts';

describe('parseDuration', () => {
  test.each([
    ['168h', 604_800_000],
    ['2160h0m0s', 7_776_000_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['1h1h', 7_200_000],
    ['1500us', 1],
    ['1500µs', 1],
    ['999999ns', 0],
    ['0', 0],
    ['+1m', 60_000],
    ['-1m', -60_000],
    ['2562047h', 9_223_369_200_000],
  ])('of %s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms });
  });

  test.each([
    ['nothing', '', '"" is no duration: it is empty (write e.g. 2160h or 1h30m)'],
    ['a sign alone', '-', '"-" is no duration: it is empty (write e.g. 2160h or 1h30m)'],
    ['days', '90d', '"90d" is no duration: unknown unit "d" (h, m, s, ms; 90d is 2160h)'],
    ['weeks', '2w', '"2w" is no duration: unknown unit "w" (h, m, s, ms; 2w is 336h)'],
    ['a number', '2160', '"2160" is no duration: 2160 has no unit (h, m, s, ms)'],
    ['a unit alone', 'h', '"h" is no duration: a number with a unit is expected (write e.g. 2160h or 1h30m)'],
    ['a dot alone', '.h', '".h" is no duration: a number with a unit is expected (write e.g. 2160h or 1h30m)'],
    ['a space', '1 h', '"1 h" is no duration: unknown unit " h" (h, m, s, ms)'],
    ['capitals', '1H', '"1H" is no duration: unknown unit "H" (h, m, s, ms)'],
    [
      'a key of every object',
      '1constructor',
      '"1constructor" is no duration: unknown unit "constructor" (h, m, s, ms)',
    ],
    ['three hundred years', '2628000h', '"2628000h" is no duration: it is longer than 292 years'],
  ])('refuses %s', (_, text, problem) => {
    expect(parseDuration(text)).toEqual({ problem });
  });
});

test('formatDuration writes what parseDuration reads', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toEqual({ ms });
    }),
  );
  expect(formatDuration(5_400_500)).toBe('1h30m500ms');
});
