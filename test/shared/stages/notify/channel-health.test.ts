/** What a channel's row becomes: backoff of ours, waits of theirs, and what is a failure to tell others of. */
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../../shared/contract/problem.ts';
import type { ChannelState } from '../../../../shared/contract/rows.ts';
import { failed, healthy, isOpen, recovered } from '../../../../shared/stages/notify/channel-health.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString();
const now = new Date(at(0));
const DOWN: Problem = { type: 'aws:ServiceUnavailable', detail: 'it is down', retry: 'later' };
const SLOW: Problem = { type: 'slack:rate_limited', detail: 'slower', retry: 'later', retryAt: at(3) };
const well = healthy('slack');
const failing: ChannelState = { ...well, failures: 2, problem: DOWN, since: at(-30), retryAt: at(0), toldOn: ['sns'] };

describe('a channel that did not take a message', () => {
  test.each([
    ['fails', well, DOWN, 0, { failures: 1, problem: DOWN, since: at(0), retryAt: at(1) }],
    ['fails longer', failing, DOWN, 0, { failures: 3, since: at(-30), retryAt: at(100), toldOn: ['sns'] }],
    ['waits as it is asked to', well, SLOW, 0, { failures: 0, retryAt: at(3) }],
    ['fails when it asks again', { ...well, retryAt: at(0) }, SLOW, 0, { failures: 1, since: at(0), retryAt: at(3) }],
    ['waits again after it took some', { ...well, retryAt: at(0) }, SLOW, 1, { failures: 0, retryAt: at(3) }],
    ['is well but slow after it took some', failing, SLOW, 4, { failures: 0, since: at(-30), retryAt: at(3) }],
    ['fails on, as long as it says', failing, SLOW, 0, { failures: 3, since: at(-30), retryAt: at(3) }],
  ])('%s', (_, state, problem, sent, next) => {
    expect(failed(state, problem, { now, sent })).toMatchObject(next);
  });
});

test('is open again at the instant that it waits for', () => {
  expect([well, { ...well, retryAt: at(0) }, { ...well, retryAt: at(1) }].map((state) => isOpen(state, now))).toEqual([
    true,
    true,
    false,
  ]);
});

test('that is well again keeps what its row remembers otherwise', () => {
  expect(recovered({ ...failing, toldOn: [], digestFor: at(-60) })).toEqual({ ...well, digestFor: at(-60) });
  expect(recovered(failing)).toEqual({ ...well, since: at(-30), toldOn: ['sns'] });
});
