/** Secrets that no list of TLS Secrets shows, because they are of another type: read by name where a certificate is to be put. */
import pLimit from 'p-limit';
import { type Place, placeParts } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import type { ClusterReader } from '../../contract/ports.ts';
import { problemOf } from '../../contract/problem.ts';
import { observeSecret } from '../../standards/kubernetes/observe.ts';
import { FORBIDDEN } from './tls-secrets.ts';

const GETS_AT_ONCE = 8;

/**
 * What is at places of one cluster; where there is nothing, or where it may not be read, there is no observation. Key material is
 * dropped in the tick in which it arrives. Throws what the reader throws, but for a refusal.
 */
export async function readPlaces(
  reader: Pick<ClusterReader, 'secret'>,
  places: readonly Place[],
): Promise<readonly Observation[]> {
  const limit = pLimit(GETS_AT_ONCE);
  const observe = async (place: Place): Promise<Observation | undefined> => {
    const at = placeParts(place);
    if (at.at !== 'kubernetes') return undefined;
    const secret = await reader.secret(at.namespace, at.name).catch((error: unknown) => {
      if (problemOf(error).type === FORBIDDEN) return undefined;
      throw error;
    });
    return secret && observeSecret(secret, at.cluster);
  };
  const found = await Promise.all(places.map((place) => limit(() => observe(place))));
  return found.filter((observation) => observation !== undefined);
}
