/** The same for people: the inventory and what a run did, as lines. */
import { FLEET_SOURCE } from '../../shared/contract/ids.ts';
import { CERTIFICATE_STATES, type CertificateView, type SourceView } from '../../shared/contract/observation.ts';
import type { Pause } from '../../shared/contract/rows.ts';
import type { StillDue } from '../../shared/lanes/still-due.ts';
import type { Done } from '../../shared/stages/notify/done.ts';
import type { Inventory } from './documents.ts';
import { findingLines, findingsInShort, sentence, worstFirst } from './findings.ts';
import type { Ink, Paper } from './paper.ts';
import { table } from './table.ts';
import { both, calendar, fromNow } from './times.ts';
import { counted, hanging } from './words.ts';

/** As many as a person reads before the first is mended. */
const MOST_URGENT = 10;

/** From here on there is room for the names and the issuer as well. */
const WIDE = 120;

const stateInk = (state: string): Ink => {
  if (state === 'ok') return 'green';
  return ['overdue', 'expiring', 'due'].includes(state) ? 'yellow' : 'red';
};

/** By state, then whose end is nearest. */
const mostUrgentFirst = (a: CertificateView, b: CertificateView): number =>
  CERTIFICATE_STATES.indexOf(a.state) - CERTIFICATE_STATES.indexOf(b.state) ||
  (a.notAfter ?? '').localeCompare(b.notAfter ?? '') ||
  a.id.localeCompare(b.id);

function certificateTable(certificates: readonly CertificateView[], paper: Paper): readonly string[] {
  const ago = (at: string | undefined): string => (at ? fromNow(at, paper.now) : '-');
  const wide = paper.width >= WIDE;
  const columns = [
    { title: 'STATE', fixed: true, ink: stateInk },
    { title: 'CERTIFICATE' },
    { title: 'EXPIRES', fixed: true },
    { title: 'RENEWS', fixed: true },
    { title: 'MANAGED BY' },
    ...(wide ? [{ title: 'ISSUER' }, { title: 'NAMES' }] : []),
  ];
  const cells = certificates.map((view) => [
    view.state,
    view.id,
    ago(view.notAfter),
    ago(view.renewAt),
    view.managedBy || '-',
    ...(wide ? [view.issuer ?? '-', view.names.join(', ')] : []),
  ]);
  return table(columns, cells, paper);
}

/** Sources that were not read in this pass; those that were need no words. */
function sourceLines(sources: readonly SourceView[], paper: Paper): readonly string[] {
  return sources
    .filter((view) => view.state !== 'ok')
    .flatMap((view) => {
      const since = view.asOf ? `last read ${both(view.asOf, paper.now)}` : 'never read';
      const text = `source ${view.name} is ${view.state}, ${since}${view.problem ? `: ${view.problem}` : ''}`;
      return hanging('', text, paper.width).map((line) => paper.ink('yellow', line));
    });
}

/** The inventory: the ten most urgent of each kind, or all of them. */
export function inventoryLines(inventory: Inventory, paper: Paper, isAll = false): string[] {
  const { certificates, findings, sources, paused } = inventory;
  const clusters = sources.filter(({ name }) => name !== FLEET_SOURCE);
  const good = clusters.filter(({ state }) => state === 'ok').length;
  const most = isAll ? Number.POSITIVE_INFINITY : MOST_URGENT;
  const rest = [
    ...(certificates.length > most ? [counted(certificates.length - most, 'certificate')] : []),
    ...(findings.length > most ? [counted(findings.length - most, 'finding')] : []),
  ];
  return [
    ...pausedLines(paused, paper),
    ...(certificates.length > 0
      ? [...certificateTable(certificates.toSorted(mostUrgentFirst).slice(0, most), paper), '']
      : []),
    ...sentence(
      `${counted(certificates.length, 'certificate')}, ${findingsInShort(findings)}, ${good} of ${counted(clusters.length, 'cluster')} read.`,
      paper,
    ),
    ...sentence('This only looked: nothing was written to any cluster, CA or store.', paper),
    ...sourceLines(sources, paper),
    ...findingLines(findings.toSorted(worstFirst).slice(0, most), paper),
    ...(rest.length > 0
      ? ['', ...sentence(`${rest.join(' and ')} more, less urgent: nolapse inventory --all`, paper)]
      : []),
  ];
}

/** In red: whoever looks at anything else should see it. */
export const pausedLines = (paused: readonly (Pause & { readonly lane: string })[], paper: Paper): readonly string[] =>
  paused.flatMap(({ lane, until, by, because }) =>
    hanging('', `lane ${lane} is paused until ${calendar(until)} by ${by}: ${because}`, paper.width).map((line) =>
      paper.ink('red', line),
    ),
  );

/** What a run did not wait for. */
export const stillDueLines = (stillDue: readonly StillDue[], paper: Paper): readonly string[] =>
  stillDue.flatMap(({ lane, since, why }) =>
    hanging('  still due  ', `${lane} since ${both(since, paper.now)}: ${why}`, paper.width).map((line) =>
      paper.ink('red', line),
    ),
  );

const OUTCOME_INKS: Readonly<Record<string, Ink>> = { written: 'green', refused: 'red' };

/** What a run did; findings are the caller's. */
export function doneLines(done: Done, paper: Paper): string[] {
  const { renewed, delivered, failed } = done;
  const inked = (ink: Ink | undefined, lines: readonly string[]): readonly string[] =>
    ink ? lines.map((line) => paper.ink(ink, line)) : lines;
  const written = delivered.filter(({ outcome }) => outcome === 'written').length;
  const short = `${counted(renewed.length, 'certificate')} renewed, ${counted(written, 'place')} written, ${failed.length} failed.`;
  return [
    ...sentence(short, paper),
    ...renewed.flatMap(({ id, serial, notAfter }) =>
      hanging('  renewed    ', `${id}, serial ${serial}, expires ${fromNow(notAfter, paper.now)}`, paper.width),
    ),
    ...delivered.flatMap(({ place, outcome }) =>
      inked(OUTCOME_INKS[outcome], hanging(`  ${outcome.padEnd(9)}  `, place, paper.width)),
    ),
    ...failed.flatMap(({ id, stage, problem, nextAttemptAt }) => [
      ...inked('red', hanging('  failed     ', `${id} at ${stage}: ${problem.detail}`, paper.width)),
      ...(nextAttemptAt ? hanging('             ', `next attempt ${both(nextAttemptAt, paper.now)}`, paper.width) : []),
    ]),
  ];
}
