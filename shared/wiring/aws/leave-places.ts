/** Leaving, second part, as the function `deliver` is asked for it: what is ours of one cluster's or store's places is given back. */
import { type Place, partyOf, SECRETS_MANAGER } from '../../contract/ids.ts';
import type { Invocation } from '../../contract/invocation.ts';
import { InputError } from '../../contract/problem.ts';
import { keys } from '../../contract/records.ts';
import { giveBack, lookAt, type PlacePorts } from '../../lanes/leave-places.ts';
import { placesInRows } from '../../lanes/members.ts';
import { timeFor } from './asked-time.ts';

type Asked = Extract<Invocation, { is: 'giveBack' }>;

const refused = (where: string, message: string, fix: string): InputError => new InputError([{ where, message, fix }]);

async function placesOf({ party, also }: Asked, { records, fleet }: PlacePorts): Promise<readonly Place[]> {
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
export async function leavePlaces(asked: Asked, ports: PlacePorts) {
  const { records, fleet } = ports;
  const { party, dryRun } = asked;
  const leaving = (await records.get(keys.installation()))?.body.leaving;
  const places = await placesOf(asked, ports);
  const within = { ...ports, clock: timeFor(asked, ports.clock) };
  if (!dryRun && leaving?.closedAt === undefined)
    throw refused(`fleet ${fleet.name}`, 'its orders are not ended', 'first, the function issue: {"leave":true}');
  const given = dryRun ? await lookAt(places, within) : await giveBack(party, places, within);
  const isOver = given.unsettled.length === 0 && given.places.every(({ outcome }) => outcome !== 'failed');
  return { party, ...given, ...(isOver || dryRun ? {} : { next: JSON.stringify({ giveBack: party }) }) };
}
