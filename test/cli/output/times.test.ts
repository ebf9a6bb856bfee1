/** Instants for people. */
import { describe, expect, test } from 'vitest';
import { both, calendar, fromNow } from '../../../cli/output/times.ts';
import { span } from '../../../shared/stages/assess/phrases.ts';
import { NOW } from '../values.ts';

const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const HOUR = 3_600_000;

describe('fromNow', () => {
  test.each([
    [0, 'now'],
    [-1_000, '1 second ago'],
    [90_000, 'in 90 seconds'],
    [-120_000, '2 minutes ago'],
    [HOUR, 'in 60 minutes'],
    [-47 * HOUR, '47 hours ago'],
    [48 * HOUR, 'in 2 days'],
    [-72 * HOUR, '3 days ago'],
    [90 * 24 * HOUR, 'in 90 days'],
    // as findings say it of the same certificate
    [11.9 * 24 * HOUR, `in ${span(11.9 * 24 * HOUR)}`],
    [11.9 * 24 * HOUR, 'in 11 days'],
    [-2.9 * 24 * HOUR, '2 days ago'],
    [-119_000, '119 seconds ago'],
  ])('says %i ms as %s', (ms, words) => {
    expect(fromNow(at(ms), NOW)).toBe(words);
  });

  test('gives back what is no instant', () => {
    expect(fromNow('soon', NOW)).toBe('soon');
  });
});

test('calendar says the minute and that it is UTC', () => {
  expect(calendar(NOW.toISOString())).toBe('2026-11-24 09:00 UTC');
  expect(both(at(-72 * HOUR), NOW)).toBe('3 days ago (2026-11-21 09:00 UTC)');
});
