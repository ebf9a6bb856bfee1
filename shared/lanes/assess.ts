/** The rows of one issuance judged again: when it is due, what waits for a delivery, what people should know. */
import type { IssuanceRequest } from '../contract/certificate.ts';
import {
  type CertificateId,
  deliverLane,
  inventoryLane,
  issueLane,
  partyOf,
  SECRETS_MANAGER,
} from '../contract/ids.ts';
import type { Bell, Clock } from '../contract/ports.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { LaneState } from '../contract/rows.ts';
import { type Assessment, assessIssuance } from '../stages/assess/assess-issuance.ts';
import { judgeIssuance } from '../stages/assess/judge.ts';
import { settle } from './findings.ts';
import { ensureLane } from './lease.ts';
import { type IssuanceSeen, membersOf, seenOf } from './members.ts';
import { isSame } from './same.ts';
import { sideBySide } from './side-by-side.ts';
import { wakeStatuses } from './statuses.ts';

export interface AssessPorts {
  readonly records: Records;
  readonly bell: Bell;
  readonly clock: Pick<Clock, 'now'>;
}

/** One issuance that somebody asks for. */
export interface Demand {
  readonly id: string;
  readonly request: IssuanceRequest;
  readonly members: readonly CertificateId[];
  /** Absent = as stored. */
  readonly registeredDomains?: readonly string[];
}

/** Whether the inventory of each party was tried at least once, whatever came of it. */
async function triedParties(records: Records, parties: readonly string[]): Promise<ReadonlySet<string>> {
  const states = await Promise.all(
    parties.map(async (party): Promise<readonly [string, LaneState | undefined]> => {
      const source = party.startsWith(SECRETS_MANAGER) ? 'fleet' : party;
      return [party, (await records.get(keys.lane(inventoryLane(source))))?.body];
    }),
  );
  return new Set(states.flatMap(([party, state]) => (state?.lastTryAt ? [party] : [])));
}

/**
 * Assesses from the rows as they are now. Several lanes may do so for one issuance: everything is read again on a conflict, and after a
 * write, so that whoever writes last has seen all, also of those who found nothing to write.
 */
export async function assess(demand: Demand, ports: AssessPorts): Promise<void> {
  const { records, bell, clock } = ports;
  let { outcome, assessed, seen } = await assessOnce(demand, ports);
  while (outcome !== 'unchanged') ({ outcome, assessed, seen } = await assessOnce(demand, ports));
  const lane = issueLane(demand.request.issuer);
  await ensureLane(records, lane);
  await wakeDestinations(assessed.deliver, ports);
  await settleSeen(demand.id, seen, ports);
  if (assessed.wakeAt && assessed.wakeAt <= clock.now().toISOString()) await bell.ring(lane);
}

interface Once {
  readonly assessed: Assessment;
  readonly seen: IssuanceSeen;
  readonly outcome: 'unchanged' | 'written' | 'conflict';
}

async function assessOnce(demand: Demand, { records, clock }: AssessPorts): Promise<Once> {
  const { id, request, registeredDomains } = demand;
  const stored = await records.get(keys.issuance(id));
  const members = [...new Set([...(stored?.body.members ?? []), ...demand.members])];
  const { wanted, destinations } = await membersOf(records, { id, members });
  const parties = new Set(wanted.flatMap(({ places }) => places.map(({ place }) => partyOf(place))));
  const tried = await triedParties(records, [...parties]);
  const seen = { wanted, destinations: destinations.map(({ body }) => body) };
  const assessed = assessIssuance({
    ...{ id, request, now: clock.now(), ...seen },
    ...(stored ? { issuance: stored.body } : {}),
    ...(stored?.wakeAt ? { wakeAt: stored.wakeAt } : {}),
    ...(registeredDomains ? { registeredDomains } : {}),
    wasTried: ({ place }) => tried.has(partyOf(place)),
  });
  const next = rows.issuance(assessed.issuance, stored?.rev ?? 0, assessed.wakeAt);
  const once = { assessed, seen: { ...seen, issuance: next.body } };
  if (stored && isSame(next, stored)) return { ...once, outcome: 'unchanged' };
  return { ...once, outcome: await records.put(next) };
}

/** Places that are to be delivered are due now, unless they are waiting after a failure. */
export async function wakeDestinations(
  places: readonly string[],
  { records, bell, clock }: AssessPorts,
): Promise<void> {
  const now = clock.now().toISOString();
  await sideBySide(places, async (place) => {
    await ensureLane(records, deliverLane(place));
    const row = await decided(records, keys.destination(place), (stored) => {
      if (!stored || (stored.wakeAt && stored.wakeAt <= now)) return undefined;
      const { failure } = stored.body;
      const wakeAt = failure && failure.retryAt > now ? failure.retryAt : now;
      return stored.wakeAt === wakeAt ? undefined : rows.destination(stored.body, stored.rev, wakeAt);
    });
    if (row?.wakeAt && row.wakeAt <= now) await bell.ring(deliverLane(place));
  });
}

type JudgePorts = Pick<AssessPorts, 'records' | 'clock'> & Partial<Pick<AssessPorts, 'bell'>>;

/** The findings of one issuance, as its rows say them now, and what its Certificates are told of it. Without a bell the lane looks again itself. */
export async function judge(id: string, ports: JudgePorts): Promise<void> {
  await settleSeen(id, await seenOf(ports.records, id), ports);
}

async function settleSeen(id: string, seen: IssuanceSeen | undefined, ports: JudgePorts): Promise<void> {
  const now = ports.clock.now();
  await settle(ports.records, { owner: `ISS#${id}`, now, findings: seen ? judgeIssuance(seen, now) : [] });
  await wakeStatuses(seen, ports);
}
