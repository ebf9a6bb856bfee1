/** What a channel's row becomes when it took a message, or did not. Pure. */
import type { Problem } from '../../contract/problem.ts';
import type { ChannelState } from '../../contract/rows.ts';

const MINUTE_MS = 60_000;
/** After the first failure, the second, and every further one. */
const BACKOFF_MS = [MINUTE_MS, 10 * MINUTE_MS, 100 * MINUTE_MS] as const;

export const healthy = (channel: string): ChannelState => ({ channel, failures: 0, toldOn: [] });

/** Whether a message may be tried now. */
export const isOpen = ({ retryAt }: ChannelState, now: Date): boolean => !retryAt || retryAt <= now.toISOString();

/** Well again; `since` stays while others must still be told of the end. */
export function recovered(state: ChannelState): ChannelState {
  const { problem: _, retryAt: __, since, ...rest } = state;
  return { ...rest, failures: 0, ...(since && rest.toldOn.length > 0 ? { since } : {}) };
}

/**
 * After a message that was not taken; `sent` = how many were, in the same run. It waits until the other side says, else as long as its failures
 * in a row ask for. Being asked to wait is no failure of whoever took something before, or was never asked: much at once is slowed down so.
 */
export function failed(
  state: ChannelState,
  problem: Problem,
  { now, sent }: { readonly now: Date; readonly sent: number },
): ChannelState {
  const before = problem.retryAt && sent > 0 ? recovered(state) : state;
  const { failures } = before;
  if (problem.retryAt && failures === 0 && !before.retryAt) return { ...before, retryAt: problem.retryAt };
  const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0;
  return {
    ...before,
    ...{ failures: failures + 1, problem },
    since: failures > 0 && before.since ? before.since : now.toISOString(),
    retryAt: problem.retryAt ?? new Date(now.getTime() + wait).toISOString(),
  };
}
