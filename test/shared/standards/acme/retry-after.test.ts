/** Retry-After in both its forms, and what servers send instead. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfter, retryAfterIn } from '../../../../shared/standards/acme/retry-after.ts';

const now = new Date('2026-11-24T09:00:00.000Z');

describe('retryAfter', () => {
  test.each([
    ['seconds', '3', '2026-11-24T09:00:03.000Z'],
    ['no seconds', '0', '2026-11-24T09:00:00.000Z'],
    ['seconds with spaces around', ' 60 ', '2026-11-24T09:01:00.000Z'],
    ['hours', '21600', '2026-11-24T15:00:00.000Z'],
    ['an HTTP date', 'Tue, 24 Nov 2026 10:30:00 GMT', '2026-11-24T10:30:00.000Z'],
    ['an HTTP date that is over', 'Mon, 23 Nov 2026 10:30:00 GMT', '2026-11-24T09:00:00.000Z'],
    ['more seconds than a date can hold', '9'.repeat(40), '2036-11-21T09:00:00.000Z'],
  ])('reads %s', (_, header, at) => {
    expect(retryAfter(header, now)).toBe(at);
  });

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['negative seconds', '-5'],
    ['a fraction', '1.5'],
    ['a word', 'soon'],
    ['an ISO date', '2026-11-24T10:30:00Z'],
    ['a day that does not exist', 'Tue, 99 Nov 2026 10:30:00 GMT'],
  ])('takes %s as absent', (_, header) => {
    expect(retryAfter(header, now)).toBeUndefined();
  });

  test('never names an instant before now, whatever the header', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.nat().map(String), fc.date().map(String)), (header) => {
        const at = retryAfter(header, now);
        expect(at === undefined || at >= now.toISOString()).toBe(true);
      }),
    );
  });
});

describe('retryAfterIn', () => {
  test.each([
    [
      'boulder today',
      'in the last 3h0m0s, retry after 2026-11-24 12:15:00 UTC: see https://x',
      '2026-11-24T12:15:00.000Z',
    ],
    ['boulder before', 'retry after 2026-11-24T12:15:00Z: see', '2026-11-24T12:15:00.000Z'],
    ['no instant', 'too many new orders', undefined],
    ['an instant that does not exist', 'retry after 2026-99-24 12:15:00 UTC', undefined],
  ])('reads the words of %s', (_, detail, at) => {
    expect(retryAfterIn(detail)).toBe(at);
  });
});
