/** Which message a finding still owes to a channel: each stage of one serial once, and the end of what was said. Pure. */
import { SEVERITIES, type Severity } from '../../contract/finding.ts';
import type { Iso } from '../../contract/ids.ts';
import type { FindingState, Said } from '../../contract/rows.ts';

/** From here on people are told; what is less shows in the inventory only. */
const TOLD_FROM: Severity = 'high';

const atLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

export const isTold = (severity: Severity): boolean => atLeast(severity, TOLD_FROM);

/** One thing to say about one finding on one channel. */
export interface Owed {
  readonly finding: FindingState;
  readonly stage: Said['stage'];
  /** Id of the message that last told this channel of its end; empty when none did. A finding that comes back gets ids of its own. */
  readonly after: string;
}

/** What was said since the last end that the channel was told of. The end itself stays: ids are made from it. */
export const saidNow = (said: readonly Said[], next: Said): readonly Said[] => [
  ...(next.stage === 'resolved' ? said.filter(({ channel }) => channel !== next.channel) : said),
  next,
];

/** Whether some channel was told of the finding and not yet of its end. */
export const isOut = (said: readonly Said[]): boolean => said.some(({ stage }) => stage !== 'resolved');

/** Whether a snooze holds now. An end is told in spite of it. */
export const isSnoozed = (finding: FindingState, now: Iso): boolean =>
  !finding.resolvedAt && finding.snoozedUntil !== undefined && finding.snoozedUntil > now;

/**
 * What the channel must still be told, or undefined. Open: its severity, unless the channel was told of this serial at the same or a
 * worse one. Resolved: the end, where the channel was told of the beginning.
 */
export function owedTo(channel: string, finding: FindingState): Owed | undefined {
  const said = finding.said.filter((one) => one.channel === channel);
  const after = said.find(({ stage }) => stage === 'resolved')?.messageId ?? '';
  if (finding.resolvedAt) return isOut(said) ? { finding, stage: 'resolved', after } : undefined;
  const { severity, serial } = finding;
  const known = said.some((one) => one.stage !== 'resolved' && one.serial === serial && atLeast(one.stage, severity));
  return known || !isTold(severity) ? undefined : { finding, stage: severity, after };
}
