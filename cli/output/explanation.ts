/** One certificate's story in order: wanted, issuer, what there is, when it is renewed and why, the attempt, the failure, the places, the findings, the events. */
import type { CertificateSpec } from '../../shared/contract/certificate.ts';
import type { Finding } from '../../shared/contract/finding.ts';
import type { Issuer } from '../../shared/contract/fleet.ts';
import type { CertificateId } from '../../shared/contract/ids.ts';
import type { CertificateView } from '../../shared/contract/observation.ts';
import type { AddressSeen, Probe } from '../../shared/contract/probe.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import type { Attempt, Destination, Failure, Happened, Have, Issuance, Wanted } from '../../shared/contract/rows.ts';
import { orderUrlOf } from '../../shared/contract/step.ts';
import { formatDuration } from '../../shared/standards/certmanager/duration.ts';
import type { PausedLane } from '../../shared/wiring/local.ts';
import { findingsDocument } from './documents.ts';
import { findingLines } from './findings.ts';
import { ownershipWords } from './ownership.ts';
import type { Paper } from './paper.ts';
import { happenedWords } from './progress.ts';
import { pausedLines } from './reports.ts';
import { both, calendar } from './times.ts';
import { hanging } from './words.ts';

/** Everything that is known of one certificate. */
export interface Explanation {
  readonly id: CertificateId;
  readonly view?: CertificateView;
  readonly wanted?: Wanted;
  readonly issuer?: Issuer;
  readonly issuance?: Issuance;
  readonly destinations: readonly Destination[];
  /** What was seen where it must be served. */
  readonly probes: readonly Probe[];
  /** Lanes of it that somebody has stopped. */
  readonly paused: readonly PausedLane[];
  readonly findings: readonly Finding[];
  /** Oldest first. */
  readonly events: readonly Happened[];
}

/** Lines of a section: a label and its text. */
type Line = readonly [label: string, text: string];

const namesOf = (from: Pick<CertificateSpec, 'dnsNames' | 'ipAddresses' | 'uris' | 'emailAddresses'>): string =>
  [...from.dnsNames, ...from.ipAddresses, ...from.uris, ...from.emailAddresses].join(', ');

function wantedSection(wanted: Wanted | undefined): readonly Line[] {
  if (!wanted) return [['', 'nobody asks for it: it was only found']];
  const { spec, origin, source, held } = wanted;
  const { algorithm, size } = spec.privateKey;
  return [
    ['by', `${origin} in ${source}${wanted.goneAt ? `, gone since ${calendar(wanted.goneAt)}` : ''}`],
    ['names', namesOf(spec)],
    ['lives', `${formatDuration(spec.durationMs)}, key ${algorithm}${size ? ` ${size}` : ''}`],
    ...(held ? [['held', `${held.reason}: ${held.message}`] as const] : []),
  ];
}

function issuerSection({ issuer, wanted }: Explanation): readonly Line[] {
  if (!issuer) {
    const ref = wanted?.spec.issuerRef;
    return ref ? [['', `${ref.kind} ${ref.name}, not found`]] : [];
  }
  const { spec } = issuer;
  const asked =
    spec.type === 'acme'
      ? `ACME at ${spec.server}`
      : spec.type === 'ca'
        ? `private CA of Secret ${spec.secretName}`
        : 'self-signed';
  return [['', `${issuer.kind} ${issuer.id}: ${asked}`]];
}

function currentSection(explanation: Explanation, paper: Paper): readonly Line[] {
  const { issuance, view } = explanation;
  const current = issuance?.current;
  if (current) {
    const { facts, issuedAt, origin } = current;
    return [
      ['serial', facts.serial],
      ['until', both(facts.notAfter, paper.now)],
      ['from', facts.issuer],
      [origin, calendar(issuedAt)],
    ];
  }
  if (!view?.serial || !view.notAfter) return [['', 'there is none']];
  return [
    ['serial', view.serial],
    ['until', both(view.notAfter, paper.now)],
    ['state', view.state],
  ];
}

/** Where the renewal time comes from. */
function renewalRule({ renewal, renewBeforeMs, renewBeforePercentage }: CertificateSpec): string {
  if (renewal?.policy === 'Disabled') return 'renewal is disabled';
  const windows = renewal && renewal.windows.length > 0 ? ', inside its windows' : '';
  if (renewBeforeMs !== undefined) return `${formatDuration(renewBeforeMs)} before its end${windows}`;
  if (renewBeforePercentage !== undefined) return `when ${renewBeforePercentage} % of its life is left${windows}`;
  return `when a third of its life is left${windows}`;
}

function renewalSection({ issuance, wanted }: Explanation, paper: Paper): readonly Line[] {
  if (!issuance) return [];
  const { renewAt, due, forced } = issuance;
  return [
    ...(renewAt ? [['at', both(renewAt, paper.now)] as const] : []),
    ...(wanted ? [['rule', renewalRule(wanted.spec)] as const] : []),
    ...(due ? [['due', `${due.reason}: ${due.message} (since ${calendar(due.since)})`] as const] : []),
    ...(forced ? [['forced', `by ${forced.by}, ${both(forced.at, paper.now)}`] as const] : []),
  ];
}

function attemptSection(attempt: Attempt | undefined, paper: Paper): readonly Line[] {
  if (!attempt) return [];
  const order = orderUrlOf(attempt.step);
  return [
    ['step', attempt.step.at],
    ['begun', both(attempt.startedAt, paper.now)],
    ...(order ? [['order', order] as const] : []),
    ['gives up', both(attempt.deadline, paper.now)],
  ];
}

function problemLines(problem: Problem): readonly Line[] {
  const subproblems = problem.subproblems ?? [];
  return [
    ['said', problem.detail],
    ['type', `${problem.type}${problem.status === undefined ? '' : `, status ${problem.status}`}`],
    ...subproblems.map(({ type, detail, identifier }): Line => {
      return ['and', `${identifier ? `${identifier.value}: ` : ''}${detail} (${type})`];
    }),
    ...(problem.fix ? [['fix', problem.fix] as const] : []),
  ];
}

function failureSection(failure: Failure | undefined, paper: Paper): readonly Line[] {
  if (!failure) return [];
  const { stage, count, firstAt, lastAt, retryAt, problem } = failure;
  return [
    ['stage', `${stage}, ${count} in a row, first ${both(firstAt, paper.now)}, last ${both(lastAt, paper.now)}`],
    ...problemLines(problem),
    [
      'retry',
      `${both(retryAt, paper.now)}${problem.retry === 'never' ? '; it helps only once something is changed' : ''}`,
    ],
  ];
}

/** A store that tells its version without the value is believed: what it holds is not read. */
function holds({ facts, problem, version }: Have, paper: Paper): string {
  if (facts) return `serial ${facts.serial}, until ${both(facts.notAfter, paper.now)}`;
  return problem ? `no readable certificate: ${problem.detail}` : `version ${version}`;
}

function destinationSection(destination: Destination, paper: Paper): readonly Line[] {
  const { ownership, have, deliveredAt, failure, adopt } = destination;
  return [
    ['', ownershipWords(ownership) + (adopt ? ' (adopt: true)' : '')],
    ...(have ? [['holds', holds(have, paper)] as const] : []),
    ...(deliveredAt ? [['delivered', both(deliveredAt, paper.now)] as const] : []),
    ...failureSection(failure, paper),
  ];
}

const SHOWS: Readonly<Record<AddressSeen['shows'], string>> = {
  ...{ awaited: 'serves it', newer: 'serves a newer one', another: 'serves another one' },
  ...{ nothing: 'serves nothing', unseen: 'is not seen from here' },
};

function addressWords({ shows, leaf, why }: AddressSeen, paper: Paper): string {
  const other = leaf && shows !== 'awaited' ? `: serial ${leaf.serial}, until ${both(leaf.notAfter, paper.now)}` : '';
  return `${SHOWS[shows]}${other}${why ? ` (${why})` : ''}`;
}

function probeSection({ awaited, seen, servedAt }: Probe, paper: Paper): readonly Line[] {
  if (!awaited) return [['', 'nothing was delivered yet that could be served']];
  return [
    ['awaited', `serial ${awaited.serial}, since ${both(awaited.since, paper.now)}`],
    ...(servedAt ? [['served', `since ${both(servedAt, paper.now)}`] as const] : []),
    ...(seen ? [['looked', both(seen.at, paper.now)] as const] : []),
    ...(seen?.problem ? [['not known', seen.problem.detail] as const] : []),
    ...(seen?.addresses ?? []).map((one): Line => [one.address, addressWords(one, paper)]),
    ...(seen && !seen.problem && seen.addresses.length === 0 ? [['', 'its name has no address'] as const] : []),
  ];
}

/** A step that was taken again is told once. */
function eventSection(events: readonly Happened[]): readonly Line[] {
  const lines = events.map((event): Line => [calendar(event.at), happenedWords(event)]);
  return lines.filter(([, words], i) => words !== lines[i - 1]?.[1]);
}

function section(title: string, lines: readonly Line[], paper: Paper): readonly string[] {
  if (lines.length === 0) return [];
  return [
    '',
    ...hanging('', title, paper.width).map((line) => paper.ink('bold', line)),
    ...lines.flatMap(([label, text]) => hanging(label === '' ? '  ' : `  ${label}: `, text, paper.width)),
  ];
}

export function explanationLines(explanation: Explanation, paper: Paper): string[] {
  const { issuance, destinations, findings, events } = explanation;
  return [
    ...hanging('', explanation.id, paper.width).map((line) => paper.ink('bold', line)),
    ...pausedLines(explanation.paused, paper),
    ...section('Wanted', wantedSection(explanation.wanted), paper),
    ...section('Issuer', issuerSection(explanation), paper),
    ...section('Current', currentSection(explanation, paper), paper),
    ...section('Renewal', renewalSection(explanation, paper), paper),
    ...section('Attempt', attemptSection(issuance?.attempt, paper), paper),
    ...section('Failure', failureSection(issuance?.failure, paper), paper),
    ...destinations.flatMap((each) => section(`Place ${each.place}`, destinationSection(each, paper), paper)),
    ...explanation.probes.flatMap((one) => section(`Endpoint ${one.endpoint}`, probeSection(one, paper), paper)),
    ...(findings.length > 0 ? ['', paper.ink('bold', 'Findings'), ...findingLines(findings, paper).slice(1)] : []),
    ...section('Last events', eventSection(events), paper),
  ];
}

/** Sealed keys are nobody's to read, and a CSR tells nothing that the request does not. */
function issuanceDocument({ current, attempt, ...rest }: Issuance) {
  const { sealedKey: _, ...shownCurrent } = current ?? {};
  const { sealedKey: __, csr: ___, ...shownAttempt } = attempt ?? {};
  return { ...rest, current: current ? shownCurrent : null, attempt: attempt ? shownAttempt : null };
}

export const explanationDocument = (explanation: Explanation) => ({
  id: explanation.id,
  view: explanation.view ?? null,
  wanted: explanation.wanted ?? null,
  issuer: explanation.issuer ?? null,
  issuance: explanation.issuance ? issuanceDocument(explanation.issuance) : null,
  destinations: explanation.destinations,
  endpoints: explanation.probes,
  paused: explanation.paused,
  findings: findingsDocument(explanation.findings),
  events: explanation.events,
});
