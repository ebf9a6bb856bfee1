/** The zones above the hosted ones, in which nothing is but what delegates them. */
import type { ServedZone } from './answer.ts';
import { isWithin, type RecordSet } from './zone.ts';

/** The name server of all of them. */
export const PARENT_SERVER = 'parent.name-servers.test.';

const above = (zone: string): string => zone.slice(zone.indexOf('.') + 1) || '.';

/** One for each hosted zone that is in none of the others. */
export function parentZones(hosted: readonly string[]): readonly ServedZone[] {
  const tops = hosted.filter((zone) => !hosted.some((other) => other !== zone && isWithin(zone, other)));
  const soa = `${PARENT_SERVER} hostmaster.name-servers.test. 1 7200 900 1209600 86400`;
  return [...new Set(tops.map(above))].map((name) => ({
    name,
    sets: [
      { name, type: 'SOA', ttl: 900, values: [soa] },
      { name, type: 'NS', ttl: 172_800, values: [PARENT_SERVER] },
    ],
  }));
}

/** The NS sets in a parent that hand hosted zones to these name servers. */
export const delegatedSets = (
  parent: string,
  hosted: readonly string[],
  nsNames: readonly string[],
): readonly RecordSet[] =>
  hosted.filter((zone) => above(zone) === parent).map((name) => ({ name, type: 'NS', ttl: 172_800, values: nsNames }));
