/** What leaving a fleet does and leaves behind, as lines: orders, TXT values, places with the end of what they hold, costs. */
import type { Leaving } from '../../shared/contract/rows.ts';
import type { Unsettled } from '../../shared/lanes/lease.ts';
import type { OrderLeft } from '../../shared/lanes/leave-orders.ts';
import type { PlaceLeft } from '../../shared/lanes/leave-places.ts';
import type { Stay } from '../../shared/lanes/stays.ts';
import type { Left } from '../../shared/wiring/local.ts';
import { sentence } from './findings.ts';
import type { Paper } from './paper.ts';
import { table } from './table.ts';
import { calendar, fromNow } from './times.ts';
import { counted, hanging } from './words.ts';

const ORDERS: Readonly<Record<OrderLeft['outcome'], string>> = {
  open: 'open: it is finished in the time there is, or given up',
  finished: 'finished',
  failed: 'refused by the CA',
  abandoned: 'given up; the CA lets it lapse',
};

const orderLines = ({ certificates, outcome, order }: OrderLeft, paper: Paper): readonly string[] =>
  hanging('order ', `of ${certificates.join(', ')} ${ORDERS[outcome]}${order ? `: ${order}` : ''}`, paper.width);

function becomes({ outcome, owner, problem }: PlaceLeft): string {
  switch (outcome) {
    case 'released':
      return 'given back';
    case 'to-release':
      return 'to be given back';
    case 'theirs':
      return `left alone, it belongs to ${owner ?? 'somebody else'}`;
    case 'not-of-fleet':
      return 'left as it is: its cluster is not in the fleet file any more';
    case 'failed':
      return `failed: ${problem?.detail ?? 'no reason given'}${problem?.fix ? ` (${problem.fix})` : ''}`;
    case 'nothing':
      return 'nothing of ours';
  }
}

function placeTable(places: readonly PlaceLeft[], paper: Paper): readonly string[] {
  const told = places.filter(({ outcome }) => outcome !== 'nothing');
  if (told.length === 0) return [];
  const columns = [{ title: 'PLACE' }, { title: '' }, { title: 'EXPIRES', fixed: true }];
  const cells = told.map((one) => [one.place, becomes(one), one.notAfter ? fromNow(one.notAfter, paper.now) : '-']);
  return ['', ...table(columns, cells, paper)];
}

const dollars = (usd: number): string => (usd === 0 ? 'nothing' : `$${usd.toFixed(2)}`);

/** What costs nothing needs no words on how to be rid of it. */
function stayLines(stays: readonly Stay[], paper: Paper): readonly string[] {
  const columns = [{ title: 'STAYS' }, { title: 'WHERE' }, { title: 'A MONTH', fixed: true }];
  const cells = stays.map(({ what, where, usdAMonth }) => [what, where, dollars(usdAMonth)]);
  const sum = stays.reduce((all, { usdAMonth }) => all + usdAMonth, 0);
  return [
    '',
    ...table(columns, cells, paper),
    `In all ${dollars(sum)} a month.`,
    ...stays
      .filter(({ usdAMonth }) => usdAMonth > 0)
      .flatMap(({ remove }) => hanging('  where nobody needs it: ', remove, paper.width)),
  ];
}

/** A command as it is typed, for this machine or for a deployed service. */
export const typed = (command: string, service: string | undefined): string =>
  `nolapse ${command}${service === undefined ? '' : ` --service ${service}`}`;

const unsettledLines = ({ lane, why }: Unsettled, paper: Paper, service: string | undefined): readonly string[] =>
  hanging(
    '',
    why === 'paused'
      ? `lane ${lane} is paused: end that (${typed(`pause ${lane} --end`, service)}) and run again: ${typed('leave', service)}`
      : `lane ${lane} was not to be had in time: run again: ${typed('leave', service)}`,
    paper.width,
  ).map((line) => paper.ink('red', line));

function inShort({ fleet, leaving, orders, values, places }: Left): string {
  const of = (...outcomes: readonly PlaceLeft['outcome'][]): number =>
    places.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const txt = counted(values.length, 'TXT value');
  return leaving
    ? `Fleet ${fleet}: ${counted(orders.length, 'order')} ended, ${txt} left, ${counted(of('released'), 'place')} given back.`
    : `Fleet ${fleet}: ${counted(orders.length, 'open order')}, ${txt}, ${counted(of('to-release', 'failed'), 'place')} to give back.`;
}

/** Everything but what comes next. */
export const leftLines = (left: Left, paper: Paper, service?: string): readonly string[] => [
  ...sentence(inShort(left), paper),
  ...left.orders.flatMap((one) => orderLines(one, paper)),
  ...left.values.flatMap(({ zoneId, fqdn, value }) => hanging('TXT ', `${fqdn} in ${zoneId}: ${value}`, paper.width)),
  ...left.unsettled.flatMap((one) => unsettledLines(one, paper, service)),
  ...placeTable(left.places, paper),
  ...stayLines(left.stays, paper),
];

/** That nobody renews anything any more, wherever certificates are shown. */
export const leavingLines = (leaving: Leaving | undefined, paper: Paper, service?: string): readonly string[] => {
  if (!leaving) return [];
  const { since, by, closedAt } = leaving;
  const when = closedAt ? `was left on ${calendar(closedAt)}` : `is being left since ${calendar(since)}`;
  const text = `The fleet ${when} by ${by}: nothing is renewed. To take it up again: ${typed('run --rejoin', service)}`;
  return hanging('', text, paper.width).map((line) => paper.ink('red', line));
};

/** What takes a deployed service down, when its fleet is left. */
export const destroyLines = (service: string | undefined, paper: Paper): readonly string[] =>
  service === undefined
    ? []
    : hanging(
        '',
        'Next, the service itself: npx cdk destroy --all -c fleet=<fleet file>. State and keys stay.',
        paper.width,
      );
