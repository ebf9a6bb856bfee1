/** Whether the fleet as it is now still asks for what an inventory wrote: a deployment may have narrowed it since, and not every source answers. */
import { subjectOf } from '../contract/finding.ts';
import type { Fleet, Issuer } from '../contract/fleet.ts';
import type { IssuerId } from '../contract/ids.ts';
import type { Clock } from '../contract/ports.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { Issuance, Wanted } from '../contract/rows.ts';
import { contentOfDestination, objectOfWanted } from '../stages/assess/content.ts';
import { judgeHeld } from '../stages/assess/judge-held.ts';
import { NOBODY } from '../stages/assess/managed-by.ts';
import { type WantContext, type Wish, want } from '../stages/assess/want.ts';
import { settle } from './findings.ts';
import { isSame } from './same.ts';

interface SayPorts {
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
}

interface From {
  readonly records: Records;
  readonly fleet: Fleet;
  readonly now: Date;
}

export interface AskedAgain {
  /** Members as the fleet says now; one that asks for something else has another issuance. */
  readonly wanted: readonly Wanted[];
  /** Of these, the ones that nothing may be ordered for any more, as they are to be stored. */
  readonly lost: readonly Wanted[];
}

/** Undefined = neither the file nor any source of the fleet can ask for it. */
export function wishOf(wanted: Wanted, fleet: Fleet): Wish | undefined {
  const inFile = fleet.certificates.find(({ id }) => id === wanted.id);
  if (inFile) return { ...inFile, from: 'file' };
  return fleet.clusters.some(({ name }) => name === wanted.source) ? { ...wanted, from: 'cluster' } : undefined;
}

/** Those that its issuerRef may mean. */
export async function issuersFor(
  wanted: Wanted,
  { fleet, records }: Pick<From, 'fleet' | 'records'>,
): Promise<WantContext['issuers']> {
  const inFile = fleet.issuers.map((issuer): readonly [IssuerId, Issuer] => [issuer.id, issuer]);
  if (fleet.issuers.some(({ id }) => id === wanted.issuer)) return new Map(inFile);
  const { kind, name } = wanted.spec.issuerRef;
  const key = keys.issuer(wanted.source, kind === 'Issuer' ? wanted.namespace : undefined, name);
  const found = (await records.get(key))?.body.issuer;
  return new Map([...(found ? [[found.id, found] as const] : []), ...inFile]);
}

async function askAgain(before: Wanted, issuance: Issuance, from: From): Promise<Wanted> {
  const { issuance: _before, held: _none, ...rest } = before;
  const now = from.now.toISOString();
  const wish = wishOf(before, from.fleet);
  if (!wish) return { ...rest, goneAt: now };
  const context = {
    fleet: from.fleet,
    issuers: await issuersFor(before, from),
    unusableIssuers: new Set<string>(),
    now,
  };
  const { wanted, request } = want(wish, context);
  if (wanted.held) return { ...rest, held: wanted.held };
  const isAsIs = wanted.issuance === issuance.id && isSame(request, issuance.request);
  return isAsIs ? before : { ...rest, ...(wanted.issuance === issuance.id ? {} : { issuance: wanted.issuance }) };
}

/** Asks nothing of any source: a cluster that is out of reach is no reason to wait, and none to order what it may no longer ask for. */
export async function askedAgain(issuance: Issuance, members: readonly Wanted[], from: From): Promise<AskedAgain> {
  const wanted = await Promise.all(members.map((one) => askAgain(one, issuance, from)));
  return { wanted, lost: wanted.filter(({ held, goneAt }) => held !== undefined || goneAt !== undefined) };
}

/** Stored and said as an inventory would, before anything else is done for the issuance that they were members of. */
export async function letGo(lost: readonly Wanted[], issuance: Issuance, ports: SayPorts): Promise<void> {
  const { records } = ports;
  for (const { id, held, goneAt } of lost) {
    const row = await decided(records, keys.wanted(id), (stored) => {
      if (stored?.body.issuance !== issuance.id || stored.body.held || stored.body.goneAt) return undefined;
      const { issuance: _lost, ...rest } = stored.body;
      return rows.wanted(goneAt ? { ...stored.body, goneAt } : { ...rest, ...(held ? { held } : {}) }, stored.rev);
    });
    if (row?.body.held) await sayHeld(row.body, ports);
  }
  const ids = new Set(lost.map(({ id }) => id));
  await decided(records, keys.issuance(issuance.id), (row) => {
    const members = row?.body.members.filter((id) => !ids.has(id));
    return row && members && rows.issuance({ ...row.body, members }, row.rev, row.wakeAt);
  });
}

/** For the inventory of its source, which says it again or takes it back; who uses its places is known there only. */
async function sayHeld(wanted: Wanted, { records, clock }: SayPorts): Promise<void> {
  const places = await Promise.all(wanted.places.map(({ place }) => records.get(keys.destination(place))));
  const contents = places.flatMap((row) => (row ? [contentOfDestination(row.body)] : []));
  const subject = subjectOf(objectOfWanted(wanted));
  const now = clock.now();
  const findings = judgeHeld(wanted, contents, { standing: { references: [], managedBy: NOBODY }, now }).filter(
    ({ object }) => subjectOf(object) === subject,
  );
  await settle(records, { owner: `SRC#${wanted.source}`, now, subjects: [subject], findings });
}
