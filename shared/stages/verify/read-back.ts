/** Whether a place really holds what was just written: read back at once and compared by fingerprint. */
import type { Place } from '../../contract/ids.ts';
import { MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import type { DestinationAdapter } from '../../contract/ports.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Issued } from '../../contract/rows.ts';

export interface ReadBack {
  readonly observation: Observation | undefined;
  /** Absent = it holds the certificate with its own key. */
  readonly problem?: Problem;
}

export async function readBack(
  adapter: Pick<DestinationAdapter, 'read'>,
  place: Place,
  current: Issued,
): Promise<ReadBack> {
  const observation = await adapter.read(place);
  const why = differenceOf(observation, current);
  if (!why) return { observation };
  return {
    observation,
    problem: {
      type: 'nolapse:not-as-written',
      detail: `${place} does not hold what was just written: ${why}`,
      retry: 'later',
      fix: 'find who else writes there; the next try writes again',
    },
  };
}

function differenceOf(observation: Observation | undefined, { facts }: Issued): string | undefined {
  if (!observation) return 'it is gone';
  if (observation.problem) return observation.problem.detail;
  if (observation.keyMatches === false) return 'its key is another one';
  const sha256 = observation.chain[0]?.sha256 ?? observation.annotations[MARK.sha256];
  return sha256 === facts.sha256 ? undefined : `its fingerprint is ${sha256 ?? 'unknown'}, not ${facts.sha256}`;
}
