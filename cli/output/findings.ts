/** Findings as blocks: what, where, since when, what is known of it, and the one fix. */
import { type Finding, type ObjectRef, SEVERITIES, type Severity } from '../../shared/contract/finding.ts';
import type { Ink, Paper } from './paper.ts';
import { both } from './times.ts';
import { counted, hanging, printable, widthOf, wrapped } from './words.ts';

const INKS: Readonly<Record<Severity, Ink>> = { critical: 'red', high: 'red', warning: 'yellow', info: 'cyan' };
const INDENT = '  ';

export const atLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);

/** `Secret prod-eu/shop/shop-tls`. */
export const objectWords = (o: ObjectRef): string =>
  `${o.kind} ${[o.cluster, o.namespace, o.name].filter((part) => part !== undefined && part !== '').join('/')}`;

export const worstFirst = (a: Finding, b: Finding): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
  a.since.localeCompare(b.since) ||
  objectWords(a.object).localeCompare(objectWords(b.object));

/** Severity, code and object on one line, or the object on lines of its own where that is too long. */
function heading(finding: Finding, paper: Paper): readonly string[] {
  const head = `${finding.severity} ${finding.code}`;
  const object = objectWords(finding.object);
  const inked = paper.ink('bold', paper.ink(INKS[finding.severity], head));
  if (widthOf(head) + 2 + widthOf(printable(object)) <= paper.width) return [`${inked}  ${printable(object)}`];
  return [inked, ...hanging(INDENT, object, paper.width)];
}

function block(finding: Finding, paper: Paper): readonly string[] {
  const indented = (text: string): readonly string[] => hanging(INDENT, text, paper.width);
  return [
    ...heading(finding, paper),
    ...indented(finding.message),
    ...indented(`since ${both(finding.since, paper.now)}`),
    ...(finding.names.length > 0 ? indented(`names: ${finding.names.join(', ')}`) : []),
    ...Object.entries(finding.evidence).flatMap(([key, value]) => indented(`${key}: ${value}`)),
    ...(finding.fix ? hanging(`${INDENT}fix: `, finding.fix, paper.width) : []),
  ];
}

/** All findings, worst and oldest first, an empty line before each. */
export const findingLines = (findings: readonly Finding[], paper: Paper): string[] =>
  [...findings].sort(worstFirst).flatMap((finding) => ['', ...block(finding, paper)]);

/** `3 findings: 1 critical, 2 high`, or that there are none. */
export function findingsInShort(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no findings';
  const parts = [...SEVERITIES]
    .reverse()
    .map((severity) => ({ severity, n: findings.filter((f) => f.severity === severity).length }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => `${n} ${severity}`);
  return `${counted(findings.length, 'finding')}: ${parts.join(', ')}`;
}

/** A sentence wrapped to the paper. */
export const sentence = (text: string, paper: Paper): string[] => [...wrapped(text, paper.width)];
