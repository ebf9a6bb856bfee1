/** How a rehearsal went, for people: what it proved, what it took, where it failed and what to do, and what comes next. */
import type { Cluster } from '../../shared/contract/fleet.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import type { Phase } from '../../shared/lanes/rehearsal-course.ts';
import type { Rehearsal } from '../../shared/wiring/local.ts';
import type { Paper } from './paper.ts';
import { table } from './table.ts';
import { calendar } from './times.ts';
import { counted, hanging } from './words.ts';

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  order: 'account, order, challenges',
  dns: 'TXT values written',
  'in-sync': 'until every name server has them',
  validation: 'the CA looked at them',
  issuance: 'key, request, certificate, all checked',
  'clean-up': 'TXT values removed, beside the rest',
};

type End = Rehearsal['end'];
type Ended<Is extends End['is']> = Extract<End, { readonly is: Is }>;

const line = (label: string, text: string, { width }: Paper): readonly string[] =>
  hanging(`  ${label.padEnd(13)}`, text, width);

function askedWords({ directory, twin, issuer }: Rehearsal): string {
  if (directory === undefined) return `nobody: ${issuer} signs with a key that it has, which was done in memory`;
  return twin === 'other'
    ? `${directory}, the staging environment of ${issuer}`
    : `${directory}, which is ${issuer} itself`;
}

/** Of a CA that asked for nothing it is said, because that part was not proved. */
function txtWords({ txt, directory, end }: Rehearsal): readonly string[] {
  if (txt.length === 0)
    return directory === undefined || end.is !== 'obtained'
      ? []
      : ['none: the CA still took the names for proved, so no DNS was rehearsed'];
  return [...Map.groupBy(txt, ({ name }) => name)].map(([name, here]) => {
    const end = here.some(({ isThere }) => isThere) ? 'perhaps still there' : 'gone again';
    return `${name} in ${here[0]?.zone}: ${counted(here.length, 'value')}, ${end}`;
  });
}

const certificateWords = ({ serial, issuedBy, notAfter }: Ended<'obtained'>): string =>
  `serial ${serial}, by ${issuedBy}, until ${calendar(notAfter)}; it was what was asked, and is thrown away with its key`;

/** Of the last resort, where neither the other side nor its adapter knows better. */
const fixFor = ({ fix, retry }: Problem): string =>
  fix ?? (retry === 'later' ? 'rehearse again: this may pass by itself' : 'change what is named, and rehearse again');

function problemLines({ detail, subproblems = [] }: Problem, paper: Paper): readonly string[] {
  const said = subproblems.filter((one) => !detail.includes(one.detail));
  return [
    ...line('problem', detail, paper),
    ...said.flatMap((one) => line('', `${one.identifier ? `${one.identifier.value}: ` : ''}${one.detail}`, paper)),
  ];
}

function endLines(rehearsal: Rehearsal, paper: Paper): readonly string[] {
  const { end, phases, id } = rehearsal;
  switch (end.is) {
    case 'obtained':
      return line('certificate', certificateWords(end), paper);
    case 'failed': {
      const done = phases.map(({ phase }) => phase).filter((phase) => phase !== end.at && phase !== 'clean-up');
      return [
        ...problemLines(end.problem, paper),
        ...line('step', end.at === 'plan' ? 'before anything was asked' : `${end.at}: ${PHASE_WORDS[end.at]}`, paper),
        ...line('done', done.join(', ') || 'nothing yet', paper),
        ...line('fix', fixFor(end.problem), paper),
      ];
    }
    case 'not-now':
      return [...line('because', end.why, paper), ...(end.at ? line('not before', calendar(end.at), paper) : [])];
    case 'stopped':
      return [
        ...line('stopped at', `${end.at}: ${PHASE_WORDS[end.at]}`, paper),
        ...line('again', `nolapse rehearse ${id}`, paper),
      ];
  }
}

const HEADS: Readonly<Record<End['is'], (id: string) => string>> = {
  obtained: (id) => `${id}: rehearsed, and all of it works.`,
  failed: (id) => `${id}: the rehearsal failed.`,
  'not-now': (id) => `${id}: not rehearsed now.`,
  stopped: (id) => `${id}: the rehearsal was stopped before its end.`,
};

function costLines({ phases, requests: { ca, route53 } }: Rehearsal, paper: Paper): readonly string[] {
  if (ca + route53 === 0) return [];
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const columns = [{ title: 'PHASE', fixed: true }, { title: 'SECONDS', fixed: true }, { title: '' }];
  const cells = phases.map(({ phase, ms }) => [phase, seconds(ms), PHASE_WORDS[phase]]);
  return [
    '',
    ...table(columns, cells, paper),
    ...hanging(
      '',
      `${counted(ca, 'request')} to the CA, ${route53} to Route 53, none to name servers: that each of them has the values is Route 53's word.`,
      paper.width,
    ),
  ];
}

function zoneWords({ txt }: Rehearsal): string {
  const nothing = 'Nothing was written to any cluster or store';
  const left = txt.filter(({ isThere }) => isThere).length;
  if (left > 0)
    return `${nothing}. ${counted(left, 'TXT value')} may still be there: the next run or rehearsal with this issuer removes what is.`;
  return txt.length > 0 ? `${nothing}; the zone is as it was before.` : `${nothing}.`;
}

function nextWords({ id, next, end }: Rehearsal, clusters: readonly Cluster[]): string | undefined {
  if (end.is !== 'obtained') return undefined;
  const [source = '', namespace = ''] = id.split('/');
  if (next === 'adopt') return `Next: what is in its place is somebody's, see both sides: nolapse adopt ${id}`;
  if (next === 'nothing') return `Next: nolapse plan ${id} says when it is renewed; nothing stands in its way.`;
  const isCluster = clusters.some(({ name }) => name === source);
  return `Next: put ${isCluster ? `the namespace ${namespace} of ${source}` : 'its clusters'} in mode: manage, by a line of namePolicy; then nolapse plan ${id}`;
}

export function rehearsedLines(rehearsal: Rehearsal, paper: Paper, clusters: readonly Cluster[]): string[] {
  const { id, end, names, profileLeftOut } = rehearsal;
  const next = nextWords(rehearsal, clusters);
  return [
    ...hanging('', HEADS[end.is](id), paper.width).map((one) => paper.ink(end.is === 'failed' ? 'red' : 'bold', one)),
    ...line('names', names.join(', '), paper),
    ...line('asked', askedWords(rehearsal), paper),
    ...(profileLeftOut ? line('profile', `${profileLeftOut} is not offered there, so it went without`, paper) : []),
    ...(end.is === 'not-now'
      ? []
      : txtWords(rehearsal).flatMap((words, i) => line(i === 0 ? 'TXT' : '', words, paper))),
    ...endLines(rehearsal, paper),
    ...costLines(rehearsal, paper),
    '',
    ...hanging('', zoneWords(rehearsal), paper.width),
    ...(next ? ['', ...hanging('', next, paper.width)] : []),
  ];
}
