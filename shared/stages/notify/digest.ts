/** The digest: what is wrong, what was done since the last one, what comes next; one line where all is well. Also the sign of life. Pure. */
import { type Finding, SEVERITIES, type Severity } from '../../contract/finding.ts';
import type { CertificateId, Iso, Lane } from '../../contract/ids.ts';
import type { Message, MessagePart } from '../../contract/ports.ts';
import type { ChannelState, Leaving, Pause } from '../../contract/rows.ts';
import { messageId } from './compose.ts';
import type { Done } from './done.ts';
import { pathOf } from './group.ts';
import { line, SUBJECT_LENGTH, textOf } from './parts.ts';
import { duration, instant, plain } from './plain-text.ts';

export interface StaleSource {
  readonly source: string;
  /** Absent = it was never read. */
  readonly lastOkAt?: Iso;
  readonly problem?: string;
}

export interface DigestFacts {
  readonly fleet: string;
  /** What happened from here on … */
  readonly since: Iso;
  /** … and before. */
  readonly until: Iso;
  /** Of the certificates that are renewed, how many there are. */
  readonly certificates: number;
  /** The open ones, the worst first. */
  readonly findings: readonly Finding[];
  readonly done: Done;
  /** Those whose time comes within DIGEST_AHEAD_MS, soonest first. */
  readonly renewing: readonly { readonly id: CertificateId; readonly at: Iso }[];
  readonly stale: readonly StaleSource[];
  readonly paused: readonly (Pause & { readonly lane: Lane })[];
  readonly channels: readonly ChannelState[];
  /** Where the report is, where one is left: a link for people who are signed in, and a command. */
  readonly report?: { readonly link: string; readonly command: string };
  /** The fleet is given up. */
  readonly left?: Leaving;
}

/** How far the digest looks ahead. */
export const DIGEST_AHEAD_MS = 7 * 86_400_000;

/** Things of one kind that are named; the others are counted. */
const NAMED = 5;
/** The same for machines. */
const LISTED = 100;
const SAID_SEVERITIES: readonly Severity[] = ['critical', 'high', 'warning'];

const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const named = (lines: readonly string[]): readonly string[] => [
  ...lines.slice(0, NAMED),
  ...(lines.length > NAMED ? [`and ${lines.length - NAMED} more`] : []),
];

const listed = (words: readonly string[]): string =>
  named(words)
    .join(', ')
    .replace(/, (and \d+ more)$/, ' $1');

const written = ({ delivered }: Done): number => delivered.filter(({ outcome }) => outcome === 'written').length;

/** `1 critical, 6 high`; empty where nothing is worth a word. */
const bySeverity = (findings: readonly Finding[]): string =>
  SAID_SEVERITIES.map((severity) => ({ severity, n: findings.filter((one) => one.severity === severity).length }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => `${n} ${severity}`)
    .join(', ');

const failing = ({ channels }: DigestFacts): readonly ChannelState[] => channels.filter(({ failures }) => failures > 0);

const isWell = (facts: DigestFacts): boolean =>
  facts.left === undefined &&
  bySeverity(facts.findings) === '' &&
  [facts.done.failed, facts.stale, facts.paused, failing(facts)].every(({ length }) => length === 0);

function subjectOf(facts: DigestFacts): string {
  const { fleet, findings, done, stale, paused, left } = facts;
  const wrong = [
    ...(left ? ['nothing is renewed'] : []),
    bySeverity(findings),
    ...(done.failed.length > 0 ? [`${done.failed.length} failed`] : []),
    ...(stale.length > 0 ? [`${counted(stale.length, 'source')} not read`] : []),
    ...(paused.length > 0 ? [`${counted(paused.length, 'lane')} paused`] : []),
    ...(failing(facts).length > 0 ? [`${counted(failing(facts).length, 'channel')} failing`] : []),
  ].filter((part) => part !== '');
  const said = isWell(facts) ? 'all is well' : `${wrong.join(', ')}; ${done.renewed.length} renewed`;
  return plain(`[${fleet}] digest: ${said}`, SUBJECT_LENGTH);
}

function findingsPart({ findings, until }: DigestFacts): readonly MessagePart[] {
  const wrong = findings.filter(({ severity }) => SAID_SEVERITIES.includes(severity));
  if (wrong.length === 0) return [];
  const lines = wrong.map(({ severity, code, object, since }) => {
    const lasts = duration(Date.parse(until) - Date.parse(since));
    return line(`${severity}: ${code}, ${object.kind} ${pathOf(object)} (${lasts})`);
  });
  return [{ lines: [`Open: ${bySeverity(wrong)}`, ...named(lines), 'what to do about each: nolapse inventory'] }];
}

function donePart({ done, since }: DigestFacts): MessagePart {
  const { renewed, failed } = done;
  const short = `${counted(renewed.length, 'certificate')} renewed, ${counted(written(done), 'place')} written, ${failed.length} failed`;
  return {
    lines: [
      `Since ${instant(since)}: ${short}`,
      ...(renewed.length > 0 ? [line(`renewed: ${listed(renewed.map(({ id }) => id))}`)] : []),
      ...named(failed.map(({ id, stage, problem }) => line(`failed: ${id} at ${stage}: ${problem.detail}`))),
    ],
  };
}

function aheadPart({ renewing, left }: DigestFacts): MessagePart {
  if (left) {
    const when = left.closedAt ? `was left on ${instant(left.closedAt)}` : `is being left since ${instant(left.since)}`;
    return {
      lines: [line(`The fleet ${when} by ${left.by}: nothing is renewed. To take it up again: nolapse run --rejoin`)],
    };
  }
  if (renewing.length === 0) return { lines: ['Nothing renews in the next 7 days.'] };
  const when = renewing.map(({ id, at }) => `${id} on ${at.slice(0, 10)}`);
  return {
    lines: [`In the next 7 days: ${counted(renewing.length, 'certificate')} to be renewed`, line(listed(when))],
  };
}

/** What stands in the way: sources, pauses, channels. */
function hindrances(facts: DigestFacts): readonly MessagePart[] {
  const { stale, paused, until } = facts;
  const age = (at: Iso): string => `${instant(at)} (${duration(Date.parse(until) - Date.parse(at))} ago)`;
  const told = (title: string, lines: readonly string[]): readonly MessagePart[] =>
    lines.length > 0 ? [{ lines: [title, ...named(lines.map(line))] }] : [];
  return [
    ...told(
      'Not up to date:',
      stale.map(
        ({ source, lastOkAt, problem }) =>
          `${source}: ${lastOkAt ? `last read ${age(lastOkAt)}` : 'never read'}${problem ? `: ${problem}` : ''}`,
      ),
    ),
    ...told(
      'Paused:',
      paused.map((one) => `${one.lane} until ${instant(one.until)} by ${one.by}: ${one.because}`),
    ),
    ...told(
      'Channels that take no messages:',
      failing(facts).map(
        ({ channel, since, problem }) =>
          `${channel}${since ? ` since ${instant(since)}` : ''}: ${problem?.detail ?? 'unknown problem'}`,
      ),
    ),
  ];
}

/** All of it in one line. */
function wellPart({ certificates, done, since, renewing }: DigestFacts): MessagePart {
  const past = `since ${instant(since)} ${counted(done.renewed.length, 'certificate')} renewed, ${counted(written(done), 'place')} written`;
  return {
    lines: [
      `All is well with ${counted(certificates, 'certificate')}: ${past}; ${renewing.length} to be renewed in the next 7 days.`,
    ],
  };
}

const reportPart = ({ report }: DigestFacts): readonly MessagePart[] =>
  report ? [{ lines: [`All of it as a page: ${report.link}`, `or: ${report.command}`] }] : [];

const worstOf = (findings: readonly Finding[]): Severity =>
  SEVERITIES.toReversed().find((severity) => findings.some((one) => one.severity === severity)) ?? 'info';

const forMachines = (facts: DigestFacts) => ({
  ...{ since: facts.since, until: facts.until, certificates: facts.certificates, written: written(facts.done) },
  renewed: facts.done.renewed.slice(0, LISTED),
  failed: facts.done.failed.slice(0, LISTED),
  renewing: facts.renewing.slice(0, LISTED),
  ...{ stale: facts.stale, paused: facts.paused, ...(facts.left ? { left: facts.left } : {}) },
  failingChannels: failing(facts).map(({ channel, since, problem }) => ({ channel, since, problem })),
});

/**
 * The message. Attributes: code `digest`, state `resolved` where all is well, severity the worst that is open (at least a warning where
 * something else is not well). Data: `{ version: 1, fleet, state, severity, total, findings, digest }`.
 */
export function composeDigest(facts: DigestFacts): Message {
  const { fleet, findings, until } = facts;
  const well = isWell(facts);
  const parts = well
    ? [wellPart(facts), ...reportPart(facts)]
    : [...findingsPart(facts), donePart(facts), aheadPart(facts), ...hindrances(facts), ...reportPart(facts)];
  const worst = worstOf(findings);
  const severity = !well && worst === 'info' ? 'warning' : worst;
  const standing = { fleet, severity, state: well ? 'resolved' : 'open' };
  return {
    id: messageId(fleet, ['digest', until]),
    subject: subjectOf(facts),
    ...{ text: textOf(parts), parts },
    attributes: { ...standing, code: 'digest' },
    data: {
      ...{ version: 1, ...standing, total: findings.length, findings: findings.slice(0, NAMED) },
      digest: forMachines(facts),
    },
  };
}
