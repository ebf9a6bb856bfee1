/** One message for one root cause: what is wrong, where, since when, what is known of it, and the one thing to do. Pure. */
import { createHash } from 'node:crypto';
import type { Finding } from '../../contract/finding.ts';
import type { Message } from '../../contract/ports.ts';
import type { FindingState } from '../../contract/rows.ts';
import { type Group, identity, pathOf, shared } from './group.ts';
import type { Owed } from './owed.ts';
import { clipped, duration, instant, plain } from './plain-text.ts';

export interface About {
  readonly fleet: string;
  readonly now: Date;
}

/** Findings that are told in full; the others are counted. */
const IN_FULL = 5;
const SUBJECT_LENGTH = 100;
const LINE_LENGTH = 400;
const EVIDENCE_ENTRIES = 8;
/** SNS takes 256 KiB for all forms of a message together. */
const DATA_BYTES = 96 * 1024;
const NAMES = 100;

/** Stable: the same parts give the same id in every run and on every machine. */
export const messageId = (fleet: string, parts: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([fleet, ...parts]))
    .digest('hex')
    .slice(0, 32);

const plural = (noun: string): string => `${noun}${noun.endsWith('s') ? 'es' : 's'}`;

/** `Secret prod-eu/shop/shop-tls`, or `40 Secrets in prod-eu`. */
function where(owed: readonly [Owed, ...Owed[]]): string {
  const { object } = owed[0].finding;
  if (owed.length === 1) return `${object.kind} ${pathOf(object)}`;
  const kind = shared(owed, (finding) => finding.object.kind) ?? 'object';
  const cluster = shared(owed, (finding) => finding.object.cluster);
  return `${owed.length} ${plural(kind)}${cluster ? ` in ${cluster}` : ''}`;
}

function subjectLine({ state, owed }: Group, fleet: string): string {
  const { code, severity } = owed[0].finding;
  return plain(`[${fleet}] ${state === 'open' ? severity : 'resolved'}: ${code}, ${where(owed)}`, SUBJECT_LENGTH);
}

const line = (text: string): string => plain(text, LINE_LENGTH);

const evidenceLines = (evidence: Finding['evidence']): readonly string[] =>
  Object.entries(evidence)
    .slice(0, EVIDENCE_ENTRIES)
    .map(([key, value]) => line(`  ${key}: ${value}`));

function openLines(finding: FindingState, now: Date): readonly string[] {
  const { code, severity, object, names, message, evidence, since, fix } = finding;
  return [
    line(`${severity}: ${code}, ${object.kind} ${pathOf(object)}`),
    line(`  ${message}`),
    line(`  since ${instant(since)} (${duration(now.getTime() - Date.parse(since))})`),
    ...(names.length > 0 ? [line(`  names: ${names.join(', ')}`)] : []),
    ...evidenceLines(evidence),
    ...(fix ? [line(`  to do: ${fix}`)] : []),
  ];
}

function resolvedLines({ code, object, message, since, resolvedAt = since }: FindingState): readonly string[] {
  const lasted = duration(Date.parse(resolvedAt) - Date.parse(since));
  return [
    line(`resolved: ${code}, ${object.kind} ${pathOf(object)}`),
    line(`  was: ${message}`),
    line(`  from ${instant(since)} to ${instant(resolvedAt)} (${lasted}); nothing is left to do`),
  ];
}

function textOf({ rootCause, state, owed }: Group, { fleet, now }: About): string {
  const { code } = owed[0].finding;
  const cause =
    owed.length > 1 && rootCause !== code ? [line(`${owed.length} findings of one cause: ${rootCause}`)] : [];
  const told = owed
    .slice(0, IN_FULL)
    .map(({ finding }) => (state === 'open' ? openLines(finding, now) : resolvedLines(finding)).join('\n'));
  const more = owed.length - IN_FULL;
  const rest = more > 0 ? [`and ${more} more: \`nolapse inventory\` lists them all`] : [];
  return [...cause, ...told, ...rest, line(`fleet ${fleet}`)].join('\n\n');
}

const forMachines = (finding: FindingState): Finding => {
  const { code, severity, object, names, message, evidence, since, fix } = finding;
  const short = clipped(message, 2 * LINE_LENGTH);
  return { code, severity, object, names: names.slice(0, NAMES), message: short, evidence, since, fix };
};

/** As many as the size allows, the worst first, at least one. */
function findingsOf(owed: readonly Owed[]): readonly Finding[] {
  let bytes = 0;
  const all = owed.map(({ finding }) => forMachines(finding));
  return all.filter((finding, i) => {
    bytes += Buffer.byteLength(JSON.stringify(finding));
    return i === 0 || bytes <= DATA_BYTES;
  });
}

/**
 * The message of a group. Attributes for filter policies: fleet, severity (the worst), code, state `open` or `resolved`, and the cluster
 * where all are in one. Data: `{ version: 1, fleet, state, rootCause, severity, total, findings }`; of very many findings it holds the
 * worst and `total` counts all.
 */
export function compose(group: Group, about: About): Message {
  const { rootCause, state, owed } = group;
  const { fleet } = about;
  const { code, severity } = owed[0].finding;
  const cluster = shared(owed, (finding) => finding.object.cluster);
  return {
    id: messageId(fleet, identity(group)),
    subject: subjectLine(group, fleet),
    text: textOf(group, about),
    attributes: { fleet, severity, code, state, ...(cluster ? { cluster } : {}) },
    data: { version: 1, fleet, state, rootCause, severity, total: owed.length, findings: findingsOf(owed) },
  };
}
