/** Leaving, as functions do it that are asked by hand: each part by the one that has the rights for it, in the time of one invocation. */
import { deliverLane, type Place, partyOf, SECRETS_MANAGER } from '../../contract/ids.ts';
import type { Invocation } from '../../contract/invocation.ts';
import type { Clock } from '../../contract/ports.ts';
import { InputError } from '../../contract/problem.ts';
import { queueOf } from '../../contract/queues.ts';
import { keys, type Records } from '../../contract/records.ts';
import type { Leaving } from '../../contract/rows.ts';
import type { IssueLanePorts } from '../../lanes/issue.ts';
import type { LanePorts } from '../../lanes/lane-ports.ts';
import { endOrders, openOrders, orderLeft, valuesLeft } from '../../lanes/leave-orders.ts';
import { giveBack, lookAt, type PlacePorts, placesInRows } from '../../lanes/leave-places.ts';
import { isLaneQuiet, untilQuiet } from '../../lanes/quiet.ts';
import { shorter } from '../../lanes/shorter.ts';
import { parseDuration } from '../../standards/certmanager/duration.ts';

type Asked<K extends Invocation['is']> = Extract<Invocation, { is: K }>;

/** Left for the answer when the time of an invocation runs out. */
const ANSWER_MS = 5_000;
const BY = 'aws lambda invoke';

const refused = (where: string, message: string, fix: string): InputError => new InputError([{ where, message, fix }]);

function timeFor({ within }: { readonly within?: string }, clock: Clock): Clock {
  const most = clock.remainingMs() - ANSWER_MS;
  if (within === undefined) return shorter(clock, most);
  const duration = parseDuration(within);
  if ('problem' in duration) throw refused('within', duration.problem, 'write e.g. 10m');
  return shorter(clock, Math.min(most, duration.ms));
}

const leavingOf = async (records: Records): Promise<Leaving | undefined> =>
  (await records.get(keys.installation()))?.body.leaving;

/** What is to be invoked after this, for whoever does it by hand. */
async function nextOf({ records, fleet }: LanePorts, isClosed: boolean): Promise<readonly string[]> {
  if (!isClosed) return ['issue {"leave":true}'];
  const parties = [...new Set([...(await placesInRows(records))].map(partyOf))].toSorted();
  return parties.map(
    (party) => `${queueOf(fleet.clusters)(`deliver:${party}`)} ${JSON.stringify({ giveBack: party })}`,
  );
}

/** What is delivered is delivered by the function that may; it is rung, and waited for. */
const delivered =
  (ports: LanePorts) =>
  (party: string, clock: Clock): Promise<void> => {
    const lane = deliverLane(`${party}/`);
    const within = { ...ports, clock };
    return untilQuiet({ ...within, isOver: () => isLaneQuiet(lane, within), ring: () => ports.bell.ring(lane) });
  };

/** Orders end; what then is still to do is in `next`. */
export async function leaveOrders(asked: Asked<'leave'>, ports: Omit<IssueLanePorts, 'only'>) {
  const { records, fleet } = ports;
  const within = { ...ports, clock: timeFor(asked, ports.clock) };
  const ended = asked.dryRun
    ? { orders: (await openOrders(records)).map((one) => orderLeft(one, 'open')), unsettled: [] }
    : await endOrders(BY, { ...within, deliver: delivered(ports) });
  const leaving = await leavingOf(records);
  const values = (await valuesLeft(records)).map(({ zoneId, fqdn, value }) => ({ zoneId, fqdn, value }));
  const back = `nolapse run --rejoin --service ${fleet.name}`;
  return {
    ...{ fleet: fleet.name, leaving: leaving ?? 'nobody has said so yet', ...ended, values },
    ...{ next: await nextOf(ports, leaving?.closedAt !== undefined), ...(leaving ? { toTakeItUpAgain: back } : {}) },
  };
}

async function placesOf({ party, also }: Asked<'giveBack'>, { records, fleet }: PlacePorts): Promise<readonly Place[]> {
  const stray = also.find((place) => partyOf(place) !== party);
  if (stray !== undefined) throw refused('also', `${stray} is no place of ${party}`, `name places as ${party}/…`);
  const all = await placesInRows(records);
  const known = new Set([...fleet.clusters.map(({ name }) => name), ...[...all].map(partyOf), SECRETS_MANAGER]);
  if (!known.has(party))
    throw refused(
      'giveBack',
      `there is no cluster or store ${party}`,
      `there are: ${[...known].toSorted().join(', ')}`,
    );
  return [...new Set([...all, ...also])].filter((place) => partyOf(place) === party).toSorted();
}

/** Nothing is given back while something may still be delivered: it would be taken again. */
export async function leavePlaces(asked: Asked<'giveBack'>, ports: PlacePorts) {
  const { records, fleet } = ports;
  const { party, dryRun } = asked;
  const [leaving, places] = [await leavingOf(records), await placesOf(asked, ports)];
  const within = { ...ports, clock: timeFor(asked, ports.clock) };
  if (!dryRun && leaving?.closedAt === undefined)
    throw refused(`fleet ${fleet.name}`, 'its orders are not ended', 'first, the function issue: {"leave":true}');
  const given = dryRun ? await lookAt(places, within) : await giveBack(party, places, within);
  const isOver = given.unsettled.length === 0 && given.places.every(({ outcome }) => outcome !== 'failed');
  return { party, ...given, ...(isOver || dryRun ? {} : { next: JSON.stringify({ giveBack: party }) }) };
}
