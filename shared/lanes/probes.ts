/** The lane `deliver:endpoints`: verify, over time. What was delivered must be seen served; rows say where, and when it is looked at next. */
import type { Verdict } from '../contract/finding.ts';
import { type CertificateId, type Iso, PROBE_LANE } from '../contract/ids.ts';
import { PROBES_AT_ONCE } from '../contract/limits.ts';
import type { Handshakes } from '../contract/ports.ts';
import type { Awaited, Probe, Probed } from '../contract/probe.ts';
import { decided, KIND, keys, type Records, type Row, rows } from '../contract/records.ts';
import type { Issued, Wanted } from '../contract/rows.ts';
import { isWritable } from '../stages/assess/assess-issuance.ts';
import { namesOf } from '../stages/assess/content.ts';
import { judgeServed, PATIENCE_MS, unseenEndpoints } from '../stages/assess/judge-served.ts';
import { span } from '../stages/assess/phrases.ts';
import { holds } from '../stages/assess/triggers.ts';
import { isAgreed, probe } from '../stages/verify/probe.ts';
import { nextProbeAt } from '../stages/verify/probe-times.ts';
import { settle } from './findings.ts';
import type { LanePorts } from './lane-ports.ts';
import { asOnlyWorker, ensureLane, type Turn } from './lease.ts';
import { type IssuanceSeen, seenOf } from './members.ts';
import { overWindow } from './window.ts';

const ownerOf = ({ certificate, endpoint }: Pick<Probe, 'certificate' | 'endpoint'>): string =>
  `PROBE#${certificate} ${endpoint}`;

/** Of all endpoints together; apart from what is said of the lane's pause. */
const OWNER_OF_ALL = 'PROBES';

async function remove(records: Records, row: Row<Probe>, now: Date): Promise<void> {
  if ((await records.remove(row, row.rev)) === 'removed')
    await settle(records, { owner: ownerOf(row.body), now, findings: [] });
}

/** Ends what is said of endpoints that a certificate no longer names, and begins with those that it names now. */
export async function storeProbes(records: Records, wanted: Wanted, now: Date): Promise<void> {
  const { id: certificate, issuance, held, endpoints = [] } = wanted;
  let isLess = false;
  for await (const row of records.children<Probe>(`PROBE#${certificate}`))
    if (!endpoints.includes(row.sk)) {
      await remove(records, row, now);
      isLess = true;
    }
  // nothing may be due in the lane any more, which would say it
  if (isLess) await settleUnseen(records, now);
  if (!issuance || held || endpoints.length === 0) return;
  await ensureLane(records, PROBE_LANE);
  for (const endpoint of endpoints)
    await decided(records, keys.probe(certificate, endpoint), (row) => {
      if (!row) return rows.probe({ certificate, endpoint, issuance }, 0, now.toISOString());
      const isAsleep = row.body.awaited !== undefined && row.wakeAt === undefined;
      if (row.body.issuance === issuance && !isAsleep) return undefined;
      return rows.probe({ ...row.body, issuance }, row.rev, isAsleep ? now.toISOString() : row.wakeAt);
    });
}

/** Nobody asks for the certificate any more. */
export const forgetProbes = (records: Records, wanted: Wanted, now: Date): Promise<void> =>
  storeProbes(records, { ...wanted, endpoints: [] }, now);

const awaitedOf = ({ facts: { sha256, serial, notBefore, notAfter } }: Issued, since: Iso): Awaited => ({
  ...{ sha256, serial, notBefore, notAfter, since },
});

export interface Delivery {
  readonly wanted: Wanted;
  readonly issuance: string;
  readonly current: Issued;
  /** Whether it was put there now, or found there. */
  readonly isNew: boolean;
}

/** A place has it: from now on it must be seen served. Before the delivery itself is stored, so that a kill in between does both again. */
export async function awaitServed(records: Records, delivery: Delivery, now: Date): Promise<void> {
  const { wanted, issuance, current, isNew } = delivery;
  const { id: certificate, endpoints = [] } = wanted;
  if (endpoints.length > 0) await ensureLane(records, PROBE_LANE);
  const awaited = awaitedOf(current, now.toISOString());
  const wakeAt = nextProbeAt(awaited.since, now, false);
  for (const endpoint of endpoints)
    await decided(records, keys.probe(certificate, endpoint), (row) =>
      row?.body.awaited?.sha256 === awaited.sha256 && !isNew
        ? undefined
        : rows.probe({ certificate, endpoint, issuance, awaited }, row?.rev ?? 0, wakeAt),
    );
}

export interface ProbeLanePorts extends LanePorts {
  readonly handshakes: Handshakes;
  readonly only?: ReadonlySet<string>;
}

/** Looks at every endpoint that is due. Nothing that an endpoint shows or does not show is an error; only a broken store throws. */
export async function runProbeLane(ports: ProbeLanePorts): Promise<Turn> {
  const { records, clock, only } = ports;
  const outcome = await asOnlyWorker(PROBE_LANE, ports, async (signal) => {
    const isClosed = (await records.get(keys.installation()))?.body.leaving?.closedAt !== undefined;
    await overWindow({
      ...{ lane: PROBE_LANE, records, clock, signal, size: PROBES_AT_ONCE },
      skip: (row) => only !== undefined && !only.has((row.body as Probe).issuance),
      work: (row) => look(row.body as Probe, isClosed, ports),
    });
    await settleUnseen(records, clock.now());
  });
  return outcome.is;
}

/** Of one that sleeps nothing is said. */
async function settleUnseen(records: Records, now: Date): Promise<void> {
  const probes: Probe[] = [];
  for await (const { body, wakeAt } of records.list<Probe>(KIND.probe)) if (wakeAt !== undefined) probes.push(body);
  await settle(records, { owner: OWNER_OF_ALL, now, findings: unseenEndpoints(probes) });
}

async function look({ certificate, endpoint }: Probe, isClosed: boolean, ports: ProbeLanePorts): Promise<void> {
  const { records, clock } = ports;
  const row = await records.get(keys.probe(certificate, endpoint));
  if (!row) return;
  const wanted = (await records.get(keys.wanted(certificate)))?.body;
  if (!wanted || wanted.goneAt || !wanted.endpoints?.includes(endpoint)) return remove(records, row, clock.now());
  const seen = await seenOf(records, wanted.issuance ?? row.body.issuance);
  const awaited = isClosed || wanted.held ? undefined : awaitedNow(row.body, seen, clock.now());
  if (!seen || !awaited) return sleep(row, ports);
  const { current } = seen.issuance;
  const chainPem = current?.facts.sha256 === awaited.sha256 ? { chainPem: current.chainPem } : {};
  const probed = await probe({ endpoint, awaited, ...chainPem }, ports.handshakes, () => clock.now());
  await store(row, { awaited, probed, seen }, ports);
}

/** What its places hold, which may have come there otherwise than by us; until it is there, what was there before. */
function awaitedNow({ awaited }: Probe, seen: IssuanceSeen | undefined, now: Date): Awaited | undefined {
  const current = seen?.issuance.current;
  if (!current || current.facts.sha256 === awaited?.sha256) return awaited;
  const isThere = seen.destinations.some(({ have }) => holds(have, current));
  return isThere ? awaitedOf(current, now.toISOString()) : awaited;
}

/** Until something is delivered, or asked for again; nothing is said of it meanwhile. */
async function sleep({ body }: Row<Probe>, { records, clock }: ProbeLanePorts): Promise<void> {
  await decided(
    records,
    keys.probe(body.certificate, body.endpoint),
    (row) => row && rows.probe(row.body, row.rev, isSameWait(row.body, body) ? undefined : row.wakeAt),
  );
  await settle(records, { owner: ownerOf(body), now: clock.now(), findings: [] });
}

const isSameWait = (a: Probe, b: Probe): boolean =>
  a.awaited?.sha256 === b.awaited?.sha256 && a.awaited?.since === b.awaited?.since;

interface Looked {
  readonly awaited: Awaited;
  readonly probed: Probed;
  readonly seen: IssuanceSeen;
}

async function store(known: Row<Probe>, looked: Looked, ports: ProbeLanePorts): Promise<void> {
  const { records, clock } = ports;
  const { awaited, probed } = looked;
  const { certificate, endpoint } = known.body;
  const now = clock.now();
  const isServed = isAgreed(probed);
  let before: Probe | undefined;
  const row = await decided(records, keys.probe(certificate, endpoint), (stored) => {
    before = undefined;
    // what was delivered meanwhile has its own time
    if (!stored || !isSameWait(stored.body, known.body)) return undefined;
    before = stored.body;
    const { servedAt: since, ...rest } = before;
    const isStill = since !== undefined && before.awaited?.sha256 === awaited.sha256;
    const body: Probe = {
      ...{ ...rest, awaited, seen: probed },
      ...(isServed ? { servedAt: isStill ? since : probed.at } : {}),
    };
    const isTold = judged(body, looked, now).length > 0;
    return rows.probe(body, stored.rev, nextProbeAt(awaited.since, now, isTold));
  });
  if (!row || !before) return;
  const findings = judged(row.body, looked, now);
  // until its time has come, what was told of the certificate before is not over
  if (isServed || !isYoung(awaited, now)) await settle(records, { owner: ownerOf(row.body), now, findings });
  await tell(before, row.body, { isTold: findings.some(({ code }) => code === 'not-served'), ports });
}

function judged(body: Probe, { seen, awaited }: Looked, now: Date): readonly Verdict[] {
  const own = seen.destinations.filter((one) => one.certificate === body.certificate && isWritable(one));
  const places = own.map(({ place }) => place);
  const lacking = own.filter(({ have }) => !holds(have, { facts: awaited })).map(({ place }) => place);
  return judgeServed({ probe: body, names: namesOf(seen.issuance.request), places, lacking }, now);
}

const isYoung = ({ since }: Awaited, at: Date): boolean => at.getTime() - Date.parse(since) < PATIENCE_MS;

/** The change only: a look that shows the same as the one before is no news. */
async function tell(
  before: Probe,
  { certificate: subject, endpoint, awaited, seen, servedAt }: Probe,
  { isTold, ports }: { readonly isTold: boolean; readonly ports: ProbeLanePorts },
): Promise<void> {
  if (!awaited || !seen) return;
  const { serial, since } = awaited;
  const count = String(seen.addresses.filter(({ shows }) => shows === 'awaited').length);
  if (servedAt && servedAt !== before.servedAt) {
    const after = span(Date.parse(servedAt) - Date.parse(since));
    const detail = { endpoint, serial, addresses: count, after };
    await ports.journal.tell({ subject, what: 'served', stage: 'verify', detail });
  }
  const wasYoung = !before.seen || isYoung(awaited, new Date(before.seen.at));
  if (isTold && (before.servedAt || wasYoung)) {
    const detail = { endpoint, serial, addresses: `${count} of ${seen.addresses.length}` };
    await ports.journal.tell({ subject, what: 'not-served', stage: 'verify', detail });
  }
}

/** The endpoints of certificates, as they were last seen. */
export async function probesOf(records: Records): Promise<ReadonlyMap<CertificateId, readonly Probe[]>> {
  const all: Probe[] = [];
  for await (const { body } of records.list<Probe>(KIND.probe)) all.push(body);
  return Map.groupBy(all, ({ certificate }) => certificate);
}
