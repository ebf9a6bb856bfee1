/** One message on one channel, and what the channel's row remembers of it. No channel holds up another. */
import type { Channel, Clock, Journal, Message } from '../contract/ports.ts';
import { type Problem, problemOf } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { ChannelState } from '../contract/rows.ts';
import { failed, healthy, isOpen, recovered } from '../stages/notify/channel-health.ts';

export interface SayPorts {
  readonly records: Records;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Names are unique: what was said is remembered by them. */
  readonly channels: readonly Channel[];
}

/** One channel in one run, and what its row says of it. */
export interface Line {
  readonly channel: Channel;
  state: ChannelState;
  /** Whether another message may be tried in this run. */
  isOpen: boolean;
  sent: number;
  problem?: Problem;
}

export type Failures = readonly { readonly channel: string; readonly problem: Problem }[];

/** The channels as they are now, in their order. */
export const linesOf = ({ channels, records }: SayPorts, now: Date): Promise<readonly Line[]> =>
  Promise.all(
    channels.map(async (channel) => {
      const state = (await records.get(keys.channel(channel.name)))?.body ?? healthy(channel.name);
      return { channel, state, isOpen: isOpen(state, now), sent: 0 };
    }),
  );

export async function changeState(
  records: Records,
  line: Line,
  change: (state: ChannelState) => ChannelState,
): Promise<void> {
  const row = await decided(records, keys.channel(line.channel.name), (stored) =>
    rows.channel(change(stored?.body ?? healthy(line.channel.name)), stored?.rev ?? 0),
  );
  if (row) line.state = row.body;
}

/**
 * Whether the channel took it. A run counts as one failure, whatever fails in it. After one that trying again may help the channel is left
 * alone; what it refuses for good may be about this message only, so the next one is tried.
 */
export async function sendOn(
  line: Line,
  message: Message,
  { records, journal, now }: SayPorts & { readonly now: Date },
): Promise<boolean> {
  const detail = { channel: line.channel.name, id: message.id, subject: message.subject };
  try {
    await line.channel.send(message);
  } catch (error) {
    const problem = problemOf(error);
    line.isOpen &&= problem.retry === 'never';
    const { sent } = line;
    if (!line.problem) await changeState(records, line, (state) => failed(state, problem, { now, sent }));
    line.problem ??= problem;
    await journal.tell({
      ...{ subject: 'notify', what: 'message-failed', stage: 'notify' },
      detail: { ...detail, problem: problem.detail },
    });
    return false;
  }
  line.sent += 1;
  await journal.tell({ subject: 'notify', what: 'message-sent', stage: 'notify', detail });
  return true;
}

/** A channel is well again when all that was sent in a run was taken. */
export async function writeRecovered(lines: readonly Line[], { records }: SayPorts): Promise<void> {
  for (const line of lines)
    if (line.sent > 0 && !line.problem && (line.state.failures > 0 || line.state.retryAt))
      await changeState(records, line, recovered);
}

export const failuresOf = (lines: readonly Line[]): Failures =>
  lines.flatMap(({ channel, problem }) => (problem ? [{ channel: channel.name, problem }] : []));
