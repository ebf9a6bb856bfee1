/**
 * `rehearse`: one certificate obtained as a renewal obtains it, in the lane of its issuer, from the issuer's staging twin, and thrown away.
 * Its issuance is a row in memory: nothing is delivered, and the real one stays as it is.
 */
import type { Fleet, Issuer } from '../contract/fleet.ts';
import type { CertificateId, Iso, IssuerId } from '../contract/ids.ts';
import { STAGING_ANNOTATION } from '../contract/marks.ts';
import type { Authority } from '../contract/ports.ts';
import { InputError, type Problem, problemOf } from '../contract/problem.ts';
import { isIssuerRow, keys, type Records, rows } from '../contract/records.ts';
import type { Happened, Issuance } from '../contract/rows.ts';
import { ACME_ERROR } from '../standards/acme/fixes.ts';
import { type StagingTwin, stagingTwinOf } from '../standards/acme/staging.ts';
import { type AskedInManage, askedInManage, inManage, type LookPorts } from './in-manage.ts';
import { type IssueLanePorts, runIssueLane } from './issue.ts';
import { inTurn, type Turn } from './lease.ts';
import { pausedLanes, pausedWords } from './pause.ts';
import { planOf } from './plan.ts';
import { Course, type Phase, type Requests } from './rehearsal-course.ts';
import { scratchRecords } from './scratch-records.ts';

export interface RehearsalPorts extends Omit<IssueLanePorts, 'only' | 'authorityOf' | 'journal'> {
  /** Asks nothing of the authority. */
  readonly authorityFor: (issuer: Issuer) => Authority;
  /** What happens, as it happens; it is in no row. */
  readonly told: (event: Happened) => void;
  /** So far, by this process. */
  readonly requests: () => Requests;
}

export type RehearsalEnd =
  /** Checked as every certificate is that a CA returned, and thrown away with its key. */
  | { readonly is: 'obtained'; readonly serial: string; readonly issuedBy: string; readonly notAfter: Iso }
  | { readonly is: 'failed'; readonly at: Phase | 'plan'; readonly problem: Problem }
  /** Nothing was asked: somebody has stopped the lane or is at work in it, or a limit is spent. */
  | { readonly is: 'not-now'; readonly why: string; readonly at?: Iso }
  /** Its time was over, or it was told to stop. */
  | { readonly is: 'stopped'; readonly at: Phase };

export interface RehearsedTxt {
  readonly name: string;
  readonly zone: string;
  readonly hostedZoneId: string;
  /** Perhaps: the next run of anything in this lane removes it. */
  readonly isThere: boolean;
}

export interface Rehearsal {
  readonly id: CertificateId;
  readonly issuer: IssuerId;
  readonly names: readonly string[];
  /** Of the CA that was asked; absent = a private CA, or its own signature, made in memory. */
  readonly directory?: string;
  /** Whose directory it is: the twin's, or that of the issuer, which issues for trials anyway. */
  readonly twin: StagingTwin['is'];
  readonly profileLeftOut?: string;
  readonly end: RehearsalEnd;
  readonly phases: readonly { readonly phase: Phase; readonly ms: number }[];
  readonly requests: Requests;
  /** One for each value that may have been written; none where the CA asked for none. */
  readonly txt: readonly RehearsedTxt[];
  /** What stands between this and a renewal that happens by itself. */
  readonly next: 'manage' | 'adopt' | 'nothing';
}

const refusal = (where: string, message: string, fix: string): InputError => new InputError([{ where, message, fix }]);

interface TwinFound {
  readonly is: StagingTwin['is'];
  readonly issuer: Issuer;
  readonly directory?: string;
  /** The fleet has no such issuer: it is the other one, elsewhere. */
  readonly isMadeUp?: true;
}

/** Who is asked instead. Where the fleet has an issuer for the twin's directory, it is that one: its account, its binding, its trust. */
async function twinOf(issuer: Issuer, fleet: Fleet, records: Records): Promise<TwinFound> {
  if (issuer.spec.type !== 'acme') return { is: 'itself', issuer };
  const twin = stagingTwinOf(issuer.spec);
  if (twin.is === 'unknown') throw refusal(`${issuer.kind} ${issuer.name}`, twin.message, twin.fix);
  if (twin.is === 'itself') return { is: 'itself', issuer, directory: issuer.spec.server };
  const { server } = twin;
  const found: Issuer[] = [...fleet.issuers];
  for await (const row of records.children<unknown>(`SRC#${issuer.source}`))
    if (isIssuerRow(row)) found.push(row.body.issuer);
  const known = found.find(({ spec }) => spec.type === 'acme' && spec.server === server);
  // a key that binds accounts is of one directory, and so is a chain
  const { externalAccountBinding: _binding, preferredChain: _chain, ...spec } = issuer.spec;
  if (known) return { is: 'other', issuer: known, directory: server };
  return { is: 'other', issuer: { ...issuer, spec: { ...spec, server } }, directory: server, isMadeUp: true };
}

const bindingFix = (directory: string): string =>
  `add an issuer for ${directory} to the fleet file, with the externalAccountBinding that this CA gives for it; a rehearsal then uses that issuer's`;

interface Stage {
  readonly asked: AskedInManage;
  readonly twin: TwinFound;
  readonly fleet: Fleet;
  readonly course: Course;
  /** As the lane has them. */
  readonly scratch: Records;
  readonly authority: Authority;
  readonly ports: RehearsalPorts;
}

const issuanceOf = ({ asked: { wanted, request }, ports: { clock } }: Stage): Issuance => ({
  id: wanted.issuance,
  request,
  members: [wanted.id],
  keyPolicy: 'ephemeral',
  due: { reason: 'Forced', message: 'rehearsed', since: clock.now().toISOString() },
});

/** In the lane, as its only worker: what is done there for a renewal is done for this one row. */
async function inLane({ asked, fleet, course, scratch, authority, ports }: Stage, issuance: Issuance): Promise<Turn> {
  const { clock, zone } = ports;
  await scratch.put({ ...rows.wanted(asked.wanted, (await scratch.get(keys.wanted(asked.wanted.id)))?.rev ?? 0) });
  await scratch.put(
    rows.issuance(issuance, (await scratch.get(keys.issuance(issuance.id)))?.rev ?? 0, clock.now().toISOString()),
  );
  const work: IssueLanePorts = {
    ...ports,
    ...{ fleet, records: scratch, zone: course.zone(zone), bell: { ring: async () => undefined } },
    ...{ authorityOf: async () => authority, journal: course.journal(), only: new Set([issuance.id]) },
  };
  return inTurn(ports, () => runIssueLane(issuance.request.issuer, work));
}

/** By the ledger, in which a value is until it is gone. */
function txtOf({ course, ports: { records, fleet } }: Stage): Promise<readonly RehearsedTxt[]> {
  const zoneName = (id: string): string => fleet.zones.find(({ hostedZoneId }) => hostedZoneId === id)?.name ?? id;
  return Promise.all(
    course.values.map(async (key) => ({
      ...{ name: key.fqdn, zone: zoneName(key.zoneId), hostedZoneId: key.zoneId },
      isThere: (await records.get(keys.txt(key))) !== undefined,
    })),
  );
}

/** What the lane left standing goes as it would with the next run: it is due, and nobody is at work on it. */
async function cleanUp(stage: Stage): Promise<void> {
  const { asked, course, authority, ports } = stage;
  const isClean = (await txtOf(stage)).every(({ isThere }) => !isThere);
  if (isClean || ports.signal?.aborted) return;
  const work: IssueLanePorts = {
    ...{ ...ports, zone: course.zone(ports.zone), journal: course.journal() },
    ...{ authorityOf: async () => authority, only: new Set() },
  };
  await inTurn(ports, () => runIssueLane(asked.request.issuer, work));
}

async function endOf({ scratch, course, twin }: Stage, id: string): Promise<RehearsalEnd> {
  const body = (await scratch.get(keys.issuance(id)))?.body;
  const { current, failure } = body ?? {};
  if (current) {
    const { serial, issuer: issuedBy, notAfter } = current.facts;
    return { is: 'obtained', serial, issuedBy, notAfter };
  }
  if (!failure) return { is: 'stopped', at: course.phase };
  const { problem } = failure;
  const isUnbound = problem.type === `${ACME_ERROR}externalAccountRequired` && twin.is === 'other';
  const said = problem.fix?.replace(
    'spec.acme.server of the issuer',
    `the annotation ${STAGING_ANNOTATION} of the issuer`,
  );
  const fix = isUnbound && twin.directory ? bindingFix(twin.directory) : twin.isMadeUp ? said : problem.fix;
  const told = fix ? { ...problem, fix } : problem;
  return { is: 'failed', at: failure.stage === 'plan' ? 'plan' : course.phase, problem: told };
}

/** Why the lane is not to be had. */
async function whyNot(turn: Turn, issuer: IssuerId, { records, clock }: RehearsalPorts): Promise<RehearsalEnd> {
  const paused = (await pausedLanes(records, clock.now())).find(({ lane }) => lane === `issue:${issuer}`);
  if (turn === 'paused' && paused)
    return { is: 'not-now', why: `its lane issue:${issuer} is ${pausedWords(paused)}`, at: paused.until };
  return { is: 'not-now', why: `somebody else is at work in its lane issue:${issuer}` };
}

/** What was proved is proved anew by the next order of a twin, or the next rehearsal would write no DNS. */
async function forget({ authority, twin, course }: Stage): Promise<void> {
  const { attempt } = course;
  if (twin.is !== 'other' || !attempt) return;
  try {
    await course.beside('clean-up', async () => authority.forget?.(attempt));
  } catch (error) {
    course.tell('proof-kept', { problem: problemOf(error).detail });
  }
}

async function perform(stage: Stage): Promise<RehearsalEnd> {
  const { asked, scratch, fleet, authority, ports } = stage;
  const issuance = issuanceOf(stage);
  const open = (await ports.records.get(keys.issuance(issuance.id)))?.body.attempt;
  if (open && stage.twin.is === 'itself')
    return { is: 'not-now', why: 'an order for it is open at this very CA; go on with it: nolapse run' };
  const turn = await inLane(stage, issuance);
  if (turn !== 'done') return whyNot(turn, asked.request.issuer, ports);
  await cleanUp(stage);
  const end = await endOf(stage, issuance.id);
  if (end.is === 'obtained') await forget(stage);
  if (end.is !== 'stopped' || stage.course.attempt) return end;
  const decision = await planOf(issuance, { records: scratch, fleet, now: ports.clock.now(), scope: authority.scope });
  if (decision.is !== 'deferred') return end;
  return { is: 'not-now', why: decision.message, ...(decision.at ? { at: decision.at } : {}) };
}

async function nextFor({ wanted, audit }: AskedInManage, { records }: RehearsalPorts): Promise<Rehearsal['next']> {
  if (audit) return 'manage';
  const places = await Promise.all(wanted.places.map(({ place }) => records.get(keys.destination(place))));
  const waits = places.some((row) => row?.body.ownership.is === 'adoptable' && !row.body.adopt);
  return waits ? 'adopt' : 'nothing';
}

/** What is rehearsed, and with whom. Asks nobody. Throws InputError where there is nothing to rehearse, or nobody to rehearse with. */
export async function rehearsable(id: CertificateId, ports: LookPorts) {
  const fleet = inManage(ports.fleet);
  const asked = await askedInManage(id, ports);
  return { fleet, asked, twin: await twinOf(asked.issuer, fleet, ports.records) };
}

/**
 * Resolves to how it went, whatever the CA or the zone said; clean-up is part of it. Throws as `rehearsable` does, and what is wrong
 * with the store.
 */
export async function rehearse(id: CertificateId, ports: RehearsalPorts): Promise<Rehearsal> {
  const { records, clock, told } = ports;
  const { fleet, asked, twin } = await rehearsable(id, ports);
  const course = new Course({ clock, told, certificate: id });
  const before = ports.requests();
  const stage: Stage = {
    ...{ asked, twin, fleet, course, ports },
    scratch: scratchRecords(records, { holder: asked.wanted.issuance, now: () => clock.now() }),
    authority: course.authority(ports.authorityFor(twin.issuer), twin.is),
  };
  const end = await perform(stage);
  const after = ports.requests();
  const { profileLeftOut } = course;
  return {
    ...{ id, issuer: asked.issuer.id, twin: twin.is, end, txt: await txtOf(stage) },
    names: [...asked.request.dnsNames, ...asked.request.ipAddresses],
    ...(twin.directory ? { directory: twin.directory } : {}),
    ...(profileLeftOut ? { profileLeftOut } : {}),
    phases: course.spent(),
    requests: { ca: after.ca - before.ca, route53: after.route53 - before.route53 },
    next: await nextFor(asked, ports),
  };
}
