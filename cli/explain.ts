/** `nolapse explain <id>`: the story of one certificate, from the rows. Asks nobody, so it works when everything is down. */

import type { Issuer } from '../shared/contract/fleet.ts';
import { type CertificateId, FLEET_SOURCE, type Place } from '../shared/contract/ids.ts';
import type { Probe } from '../shared/contract/probe.ts';
import { KIND, keys } from '../shared/contract/records.ts';
import type { Destination, Happened, IssuerState, Wanted } from '../shared/contract/rows.ts';
import { lanesFor } from '../shared/lanes/pause.ts';
import { type Explanation, explanationDocument, explanationLines } from './output/explanation.ts';
import { findingsOf } from './own-findings.ts';
import { type Answer, idIn, type Session } from './session.ts';

/** How many of the last events are told. */
const LAST_EVENTS = 20;

async function eventsOf({ local }: Session, subject: string): Promise<readonly Happened[]> {
  const events: Happened[] = [];
  for await (const { body } of local.records.children<Happened>(`EVT#${subject}`)) {
    events.push(body);
    if (events.length > LAST_EVENTS) events.shift();
  }
  return events;
}

async function destinationsOf(
  { local }: Session,
  issuance: string,
  id: CertificateId,
): Promise<readonly Destination[]> {
  const found: Destination[] = [];
  for await (const { body } of local.records.list<Destination>(KIND.destinationsOf(issuance))) {
    if (body.certificate === id) found.push(body);
  }
  return found;
}

async function probesOf({ local }: Session, id: CertificateId): Promise<readonly Probe[]> {
  const found: Probe[] = [];
  for await (const { body } of local.records.children<Probe>(`PROBE#${id}`)) found.push(body);
  return found;
}

/** Those of the fleet file first; the others are rows of the source that asks. */
async function issuerOf({ local, issuers }: Session, wanted: Wanted | undefined): Promise<Issuer | undefined> {
  if (!wanted?.issuer) return undefined;
  const ofFile = issuers.find(({ id }) => id === wanted.issuer);
  if (ofFile || wanted.source === FLEET_SOURCE) return ofFile;
  const { kind, name } = wanted.spec.issuerRef;
  const namespace = kind === 'Issuer' ? wanted.namespace : undefined;
  return (await local.records.get<IssuerState>(keys.issuer(wanted.source, namespace, name)))?.body.issuer;
}

/** The lanes that its work goes through, where somebody has stopped them. */
async function pausedFor({ local }: Session, of: { readonly wanted?: Wanted; readonly places: readonly Place[] }) {
  const lanes = lanesFor({ ...of.wanted, places: of.places });
  return (await local.pausedLanes()).filter(({ lane }) => lanes.has(lane));
}

async function explanationOf(session: Session, id: CertificateId): Promise<Explanation> {
  const { local } = session;
  const view = (await local.views()).find((each) => each.id === id);
  const wanted = (await local.records.get(keys.wanted(id)))?.body;
  const row = wanted?.issuance === undefined ? undefined : await local.records.get(keys.issuance(wanted.issuance));
  const issuer = await issuerOf(session, wanted);
  const places: readonly Place[] = wanted?.places.map(({ place }) => place) ?? [];
  return {
    id,
    ...(view ? { view } : {}),
    ...(wanted ? { wanted } : {}),
    ...(issuer ? { issuer } : {}),
    ...(row ? { issuance: row.body } : {}),
    destinations: row ? await destinationsOf(session, row.body.id, id) : [],
    probes: await probesOf(session, id),
    paused: await pausedFor(session, { places, ...(wanted ? { wanted } : {}) }),
    findings: findingsOf(await local.findings(), id, [...places, ...(wanted?.endpoints ?? [])]),
    events: await eventsOf(session, id),
  };
}

export const explain =
  (typed: string) =>
  async (session: Session): Promise<Answer> => {
    const { local } = session;
    // a state that has never looked knows no id at all
    if ((await local.views()).length === 0) await local.inventory();
    const explanation = await explanationOf(session, await idIn(local, typed));
    return { document: explanationDocument(explanation), lines: (paper) => explanationLines(explanation, paper) };
  };
