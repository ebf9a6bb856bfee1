/** The last instant at which a digest was due: days, zones, clocks that change and clocks that differ. */
import { expect, test } from 'vitest';
import type { Digest } from '../../../../shared/contract/fleet.ts';
import { lastDue } from '../../../../shared/stages/notify/digest-instant.ts';

const WORKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const berlin: Digest = { at: '09:00', timezone: 'Europe/Berlin', days: WORKDAYS };

test.each([
  ['at the very instant', berlin, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z'],
  ['some hours later', berlin, '2026-11-24T20:00:00.000Z', '2026-11-24T08:00:00.000Z'],
  ['by a clock that is behind', berlin, '2026-11-24T07:59:30.000Z', '2026-11-24T08:00:00.000Z'],
  ['well before', berlin, '2026-11-24T07:58:00.000Z', '2026-11-23T08:00:00.000Z'],
  ['on a Sunday', berlin, '2026-11-22T12:00:00.000Z', '2026-11-20T08:00:00.000Z'],
  ['in summer', berlin, '2026-07-01T12:00:00.000Z', '2026-07-01T07:00:00.000Z'],
  ['on Sundays only', { ...berlin, days: ['sun'] }, '2026-11-24T12:00:00.000Z', '2026-11-22T08:00:00.000Z'],
  [
    'east of the date line',
    { ...berlin, timezone: 'Pacific/Auckland' },
    '2026-11-24T21:00:00.000Z',
    '2026-11-24T20:00:00.000Z',
  ],
  [
    'at an hour that was skipped',
    { at: '02:30', timezone: 'Europe/Berlin', days: ['sun'] },
    '2026-03-29T12:00:00.000Z',
    '2026-03-29T01:00:00.000Z',
  ],
  [
    'at an hour that came twice',
    { at: '02:30', timezone: 'Europe/Berlin', days: ['sun'] },
    '2026-10-25T12:00:00.000Z',
    '2026-10-25T00:30:00.000Z',
  ],
] as const)('%s', (_, digest, now, due) => {
  expect(lastDue(digest, new Date(now))).toBe(due);
});
