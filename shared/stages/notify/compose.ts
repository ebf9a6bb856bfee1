/** One message for one root cause: what is wrong, where, since when, what is known of it, and the one thing to do. Pure. */
import { createHash } from 'node:crypto';
import type { Finding } from '../../contract/finding.ts';
import type { Message, MessagePart } from '../../contract/ports.ts';
import type { FindingState } from '../../contract/rows.ts';
import { type Group, identity, pathOf, shared } from './group.ts';
import type { Owed } from './owed.ts';
import { line, SUBJECT_LENGTH, textOf } from './parts.ts';
import { clipped, duration, instant, plain } from './plain-text.ts';

export interface About {
  readonly fleet: string;
  readonly now: Date;
}

/** Findings that are told in full; the others are counted. */
const IN_FULL = 5;
/** Of a finding's message, for machines. */
const MESSAGE_LENGTH = 800;
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

const objectOf = ({ object }: FindingState): string => `${object.kind} ${pathOf(object)}`;

/** `Secret prod-eu/shop/shop-tls`, or `40 Secrets in prod-eu`. */
function where(owed: readonly [Owed, ...Owed[]]): string {
  if (owed.length === 1) return objectOf(owed[0].finding);
  const kind = shared(owed, (finding) => finding.object.kind) ?? 'object';
  const cluster = shared(owed, (finding) => finding.object.cluster);
  return `${owed.length} ${plural(kind)}${cluster ? ` in ${cluster}` : ''}`;
}

function subjectLine({ state, owed }: Group, fleet: string): string {
  const { code, severity } = owed[0].finding;
  return plain(`[${fleet}] ${state === 'open' ? severity : 'resolved'}: ${code}, ${where(owed)}`, SUBJECT_LENGTH);
}

const evidenceLines = (evidence: Finding['evidence']): readonly string[] =>
  Object.entries(evidence)
    .slice(0, EVIDENCE_ENTRIES)
    .map(([key, value]) => line(`${key}: ${value}`));

function openPart(finding: FindingState, now: Date): MessagePart {
  const { code, severity, names, message, evidence, since, fix } = finding;
  return {
    about: line(objectOf(finding)),
    lines: [
      line(`${severity}: ${code}, ${objectOf(finding)}`),
      line(message),
      line(`since ${instant(since)} (${duration(now.getTime() - Date.parse(since))})`),
      ...(names.length > 0 ? [line(`names: ${names.join(', ')}`)] : []),
      ...evidenceLines(evidence),
    ],
    ...(fix ? { fix: line(fix) } : {}),
  };
}

function resolvedPart(finding: FindingState): MessagePart {
  const { code, message, since, resolvedAt = since } = finding;
  const lasted = duration(Date.parse(resolvedAt) - Date.parse(since));
  return {
    about: line(objectOf(finding)),
    lines: [
      line(`resolved: ${code}, ${objectOf(finding)}`),
      line(`was: ${message}`),
      line(`from ${instant(since)} to ${instant(resolvedAt)} (${lasted}); nothing is left to do`),
    ],
  };
}

function partsOf({ rootCause, state, owed }: Group, now: Date): readonly MessagePart[] {
  const { code } = owed[0].finding;
  const hasCause = owed.length > 1 && rootCause !== code;
  const more = owed.length - IN_FULL;
  return [
    ...(hasCause ? [{ lines: [line(`${owed.length} findings of one cause: ${rootCause}`)] }] : []),
    ...owed.slice(0, IN_FULL).map(({ finding }) => (state === 'open' ? openPart(finding, now) : resolvedPart(finding))),
    ...(more > 0 ? [{ lines: [`and ${more} more: \`nolapse inventory\` lists them all`] }] : []),
  ];
}

const forMachines = (finding: FindingState): Finding => {
  const { code, severity, object, names, message, evidence, since, fix } = finding;
  const short = clipped(message, MESSAGE_LENGTH);
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
  const { fleet, now } = about;
  const { code, severity, subject, since } = owed[0].finding;
  const parts = partsOf(group, now);
  const cluster = shared(owed, (finding) => finding.object.cluster);
  return {
    id: messageId(fleet, identity(group)),
    subject: subjectLine(group, fleet),
    text: textOf([...parts, { lines: [line(`fleet ${fleet}`)] }]),
    parts,
    thread: messageId(fleet, ['thread', rootCause, subject, since]),
    attributes: { fleet, severity, code, state, ...(cluster ? { cluster } : {}) },
    data: { version: 1, fleet, state, rootCause, severity, total: owed.length, findings: findingsOf(owed) },
  };
}
