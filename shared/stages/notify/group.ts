/** What is owed to one channel, sorted into messages: one for each root cause, beginnings and ends apart. Pure. */
import { type ObjectRef, SEVERITIES, subjectOf } from '../../contract/finding.ts';
import type { FindingState } from '../../contract/rows.ts';
import type { Owed } from './owed.ts';

export interface Group {
  readonly rootCause: string;
  readonly state: 'open' | 'resolved';
  /** The worst first, of equals the oldest; never empty. */
  readonly owed: readonly [Owed, ...Owed[]];
}

const badness = ({ finding }: Owed): number => -SEVERITIES.indexOf(finding.severity);

const byBadness = (a: Owed, b: Owed): number =>
  badness(a) - badness(b) ||
  a.finding.since.localeCompare(b.finding.since) ||
  a.finding.subject.localeCompare(b.finding.subject) ||
  a.finding.code.localeCompare(b.finding.code);

/** Groups with the worst first, so that a run that is cut short has said what matters most. Ends come after beginnings. */
export function grouped(owed: readonly Owed[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const one of owed.toSorted(byBadness)) {
    const { rootCause } = one.finding;
    const state = one.stage === 'resolved' ? 'resolved' : 'open';
    const others = groups.get(`${state} ${rootCause}`)?.owed;
    groups.set(`${state} ${rootCause}`, { rootCause, state, owed: others ? [...others, one] : [one] });
  }
  const all = [...groups.values()];
  return [...all.filter(({ state }) => state === 'open'), ...all.filter(({ state }) => state === 'resolved')];
}

/** The one value that all of them share, or undefined. */
export function shared<T>(owed: readonly Owed[], of: (finding: FindingState) => T): T | undefined {
  const values = new Set(owed.map(({ finding }) => of(finding)));
  return values.size === 1 ? [...values][0] : undefined;
}

/** `prod-eu/shop/shop-tls`. */
export const pathOf = ({ cluster, namespace, name }: ObjectRef): string =>
  [cluster, namespace, name].filter(Boolean).join('/');

/** What makes two messages the same: to the receiver that drops a second copy, and to nobody else. */
export const identity = ({ rootCause, state, owed }: Group): readonly string[] => [
  rootCause,
  state,
  ...owed
    .map(({ finding: { object, code, serial = '', since }, stage, after }) =>
      JSON.stringify([subjectOf(object), code, serial, since, stage, after]),
    )
    .toSorted(),
];
