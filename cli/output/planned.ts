/** The plan for people: of each certificate what it takes to decide, or, of one that was asked for by its id, all of it. */
import type { Plan, PlanEntry } from '../../shared/lanes/plan.ts';
import { span } from '../../shared/stages/assess/phrases.ts';
import type { Foreseen, PlannedPlace } from '../../shared/stages/deliver/foreseen.ts';
import type { LimitUse } from '../../shared/standards/acme/rate-limits.ts';
import { ownershipWords } from './ownership.ts';
import type { Paper } from './paper.ts';
import { both, calendar, fromNow } from './times.ts';
import { counted, hanging, printable, widthOf } from './words.ts';

/** Lines of one certificate among many. */
const MOST_LINES = 8;

/** What a delivery does, in the order in which it is read; `short` stands before the places, `full` behind the place. */
const DELIVERIES: readonly (readonly [Foreseen, { readonly short: string; readonly full: string }])[] = [
  ['refused', { short: 'refused', full: 'refused' }],
  ['adopt-first', { short: 'adopt first', full: 'nothing before it is adopted' }],
  ['take-over', { short: 'takes over', full: 'taken over, as agreed' }],
  ['create', { short: 'creates', full: 'created' }],
  ['replace', { short: 'replaces', full: 'certificate and key replaced' }],
  ['unknown', { short: 'not yet seen', full: 'looked at before anything is written' }],
  ['keep', { short: 'keeps', full: 'nothing, it is there already' }],
];

/** Whose it is, where that is not plain from what is done. */
function ownerOf({ ownership }: PlannedPlace): string {
  switch (ownership.is) {
    case 'owned':
      return ` (of ${ownership.owner})`;
    case 'adoptable':
      return ` (made by ${ownership.by})`;
    case 'other-installation':
      return ' (of another installation)';
    case 'unwritable':
      return ` (${ownership.why})`;
    default:
      return '';
  }
}

/** As many as one line holds, and how many more there are; the first is always there. */
function oneLine(first: string, items: readonly string[], width: number): readonly string[] {
  const said = items.map(printable);
  const withMore = (n: number): string => {
    const rest = said.length - n;
    return [...said.slice(0, n), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  };
  let n = said.length;
  while (n > 1 && widthOf(first) + widthOf(withMore(n)) > width) n -= 1;
  return hanging(first, withMore(n), width);
}

const useWords = ({ what, used, of, periodMs, blockedUntil }: LimitUse): string => {
  const blocked = blockedUntil ? `, refused by the CA until ${calendar(blockedUntil)}` : '';
  return `${used} of ${of} ${what} in ${span(periodMs)}${blocked}`;
};

/** What is nearest to its end first. */
const tightestFirst = (a: LimitUse, b: LimitUse): number =>
  Number(b.blockedUntil !== undefined) - Number(a.blockedUntil !== undefined) || b.used / b.of - a.used / a.of;

function headLines(entry: PlanEntry, paper: Paper): readonly string[] {
  return [
    ...hanging('', entry.id, paper.width).map((line) => paper.ink('bold', line)),
    ...hanging('  ', `${entry.reason}: ${entry.message}`, paper.width),
    ...hanging('  when: ', both(entry.at, paper.now), paper.width),
  ];
}

function shortLines(entry: PlanEntry, paper: Paper): readonly string[] {
  const { places, limits, txt } = entry;
  const zones = [...Map.groupBy(txt, ({ zone }) => zone)].map(
    ([zone, here]) => [printable(`  TXT in ${zone}: `), here.map(({ name }) => name)] as const,
  );
  const lines = [
    ...headLines(entry, paper),
    ...DELIVERIES.flatMap(([delivery, { short }]) => {
      const here = places.filter((one) => one.delivery === delivery).map((one) => one.place + ownerOf(one));
      return here.length > 0 ? oneLine(`  ${short}: `, here, paper.width) : [];
    }),
    ...(limits.length > 0 ? oneLine('  used: ', limits.toSorted(tightestFirst).map(useWords), paper.width) : []),
    ...zones.flatMap(([first, names]) => oneLine(first, names, paper.width)),
  ];
  if (lines.length <= MOST_LINES) return lines;
  const more = `  and more: nolapse plan ${printable(entry.id)}`;
  return [...lines.slice(0, MOST_LINES - 1), widthOf(more) <= paper.width ? more : '  and more'];
}

/** Now and then; where something is there that could not be read, that is said. */
function changed(part: 'serial' | 'names', { have, want }: PlannedPlace): string {
  const said = (one: PlannedPlace['want']): string | undefined =>
    part === 'serial' ? one.serial : one.names?.join(', ');
  const then = said(want) ?? 'a new one';
  const now = have && (said(have) ?? 'not known');
  return now === undefined || now === then ? then : `${now} → ${then}`;
}

function placeLines(one: PlannedPlace, paper: Paper): readonly string[] {
  const { place, ownership, observedAt, delivery, refusal, adopting } = one;
  const full = new Map(DELIVERIES).get(delivery)?.full ?? delivery;
  const line = (label: string, text: string): readonly string[] => hanging(`    ${label}: `, text, paper.width);
  const seen = observedAt ? `, seen ${fromNow(observedAt, paper.now)}` : '';
  const list = (label: string, names: readonly string[]) => (names.length > 0 ? line(label, names.join(', ')) : []);
  return [
    ...hanging('  place: ', place, paper.width),
    ...line('now', `${ownershipWords(ownership)}${seen}`),
    ...line('then', refusal ? `${full}: ${refusal.detail}` : full),
    ...(refusal?.fix ? line('fix', refusal.fix) : []),
    ...line('serial', changed('serial', one)),
    ...line('names', changed('names', one)),
    ...(adopting
      ? [
          ...list('adopting sets the labels', adopting.labels),
          ...list(`adopting sets the ${adopting.keys.includes('*') ? 'tags' : 'annotations'}`, adopting.annotations),
          ...list(
            'adopting replaces',
            adopting.keys.map((key) => (key === '*' ? 'the whole value' : key)),
          ),
        ]
      : []),
  ];
}

function wholeLines(entry: PlanEntry, paper: Paper): readonly string[] {
  const { places, endpoints, limits, txt } = entry;
  return [
    ...headLines(entry, paper),
    ...places.flatMap((one) => placeLines(one, paper)),
    ...endpoints.flatMap((one) =>
      hanging('  served: ', `${one}, looked at 1, 3, 10 and 30 minutes after, then daily`, paper.width),
    ),
    ...limits.flatMap((use) => hanging('  used: ', useWords(use), paper.width)),
    ...txt.flatMap(({ name, zone, hostedZoneId, roleArn }) =>
      hanging('  TXT: ', `${name} in ${zone} (${hostedZoneId})${roleArn ? ` as ${roleArn}` : ''}`, paper.width),
    ),
  ];
}

/** `isWhole`: all that is known of each certificate, else at most eight lines. */
export function planLines(plan: Plan, paper: Paper, isWhole = false): string[] {
  if (plan.due.length + plan.deferred.length === 0) return ['Nothing is due.'];
  const linesOf = (entry: PlanEntry): readonly string[] => [
    '',
    ...(isWhole ? wholeLines(entry, paper) : shortLines(entry, paper)),
  ];
  const { due, deferred } = plan;
  const isRest = due.length === 0 && deferred.every(({ reason }) => reason === 'NotDue');
  return [
    due.length > 0
      ? `${counted(due.length, 'certificate')} due:`
      : isRest
        ? 'Nothing is due.'
        : 'Nothing can be done now.',
    ...due.flatMap(linesOf),
    ...(deferred.length > 0 && !isRest ? ['', `${counted(deferred.length, 'certificate')} deferred:`] : []),
    ...deferred.flatMap(linesOf),
  ];
}
