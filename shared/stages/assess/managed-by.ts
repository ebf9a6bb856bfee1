/** Who keeps a place up to date, as what is seen there tells. Pure. */
import { MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Destination, Wanted } from '../../contract/rows.ts';
import { toolThatOwns } from '../../standards/kubernetes/owners.ts';

export const NOBODY = 'nobody';
const CERT_MANAGER = 'cert-manager';

const isOfCertManager = ({ owners, managers }: Observation): boolean =>
  owners.some((owner) => owner.startsWith('Certificate/')) ||
  managers.some(({ manager, dataKeys }) => manager.startsWith(CERT_MANAGER) && dataKeys.length > 0);

/** `nolapse` (of whichever fleet), `cert-manager`, the tool or owner, who wrote the certificate; `nobody` where nothing tells. */
export function managerOf(observation: Observation | undefined): string {
  if (!observation) return NOBODY;
  if (observation.annotations[MARK.fleet]) return 'nolapse';
  if (isOfCertManager(observation)) return CERT_MANAGER;
  const writer = observation.managers.find(({ dataKeys }) => dataKeys.includes('tls.crt'))?.manager;
  return toolThatOwns(observation) ?? observation.owners[0]?.replace('/', ' ') ?? writer ?? NOBODY;
}

/** Nobody is seen who would write it again. */
export const isByHand = (observation: Observation): boolean =>
  observation.annotations[MARK.fleet] === undefined &&
  !isOfCertManager(observation) &&
  toolThatOwns(observation) === undefined &&
  observation.owners.length === 0;

/** Of one that is wanted: ours, unless somebody else keeps us from all its places. */
export function managerOfWanted(
  wanted: Wanted,
  destinations: readonly Destination[],
  observations: readonly Observation[],
): string {
  if (wanted.held) return managerOf(observations[0]);
  const others = destinations.flatMap(({ ownership, adopt }) => {
    if (ownership.is === 'owned') return [ownership.owner];
    return ownership.is === 'adoptable' && !adopt ? [ownership.by] : [];
  });
  const [other] = others;
  return other !== undefined && others.length === destinations.length ? other : 'nolapse';
}
