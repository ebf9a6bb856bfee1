/** What a channel's row becomes when it took a message, or did not. Pure. */
import type { Problem } from '../../contract/problem.ts';
import type { ChannelState } from '../../contract/rows.ts';

const MINUTE_MS = 60_000;
/** After the first failure, the second, and every further one. */
const BACKOFF_MS = [MINUTE_MS, 10 * MINUTE_MS, 100 * MINUTE_MS] as const;

export const healthy = (channel: string): ChannelState => ({ channel, failures: 0, toldOn: [] });

/** Whether a message may be tried now. */
export const isOpen = ({ retryAt }: ChannelState, now: Date): boolean => !retryAt || retryAt <= now.toISOString();

/** It waits as long as its failures in a row ask for, or as the other side asks for where that is longer. */
export function failed(state: ChannelState, problem: Problem, now: Date): ChannelState {
  const { channel, failures, toldOn } = state;
  const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0;
  const retryAt = new Date(now.getTime() + wait).toISOString();
  return {
    ...{ channel, failures: failures + 1, problem, toldOn },
    since: failures > 0 && state.since ? state.since : now.toISOString(),
    retryAt: problem.retryAt && problem.retryAt > retryAt ? problem.retryAt : retryAt,
  };
}

/** Well again; `since` stays while others must still be told of the end. */
export function recovered({ channel, since, toldOn }: ChannelState): ChannelState {
  return { channel, failures: 0, toldOn, ...(since && toldOn.length > 0 ? { since } : {}) };
}
