/** How near its end the most urgent certificate is: what an alarm watches that trusts no plan. */

import type { Clock } from '../contract/ports.ts';
import { KIND, type Records } from '../contract/records.ts';
import type { Issuance } from '../contract/rows.ts';
import { wantedOf } from './members.ts';

/**
 * Percent of its lifetime that the certificate nearest to its end has left, of those that somebody asks for; 0 = one has expired,
 * 100 = there is none.
 */
export async function leastLifetimePercent({
  records,
  clock,
}: {
  records: Records;
  clock: Pick<Clock, 'now'>;
}): Promise<number> {
  const now = clock.now().getTime();
  let least = 100;
  for await (const { body } of records.list<Issuance>(KIND.issuance)) {
    const { current } = body;
    if (!current) continue;
    const [begin, end] = [Date.parse(current.facts.notBefore), Date.parse(current.facts.notAfter)];
    const left = Math.max(0, Math.round((100 * (end - now)) / (end - begin)));
    // whether it is still asked for is only looked at where it would be the least
    if (left < least && (await wantedOf(records, body)).length > 0) least = left;
  }
  return least;
}
