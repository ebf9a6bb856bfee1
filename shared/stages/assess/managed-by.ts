/** Who keeps a place up to date, as what is seen there tells. Pure. */
import { fieldManager, MARK } from '../../contract/marks.ts';
import type { Observation } from '../../contract/observation.ts';
import type { Destination, Wanted } from '../../contract/rows.ts';

export const NOBODY = 'nobody';
const CERTIFICATE_NAME = 'cert-manager.io/certificate-name';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

const isOfCertManager = ({ annotations, managers }: Observation): boolean =>
  Object.hasOwn(annotations, CERTIFICATE_NAME) || managers.some(({ manager }) => manager.startsWith('cert-manager'));

/** Our fleet's field manager, cert-manager, the owner, the tool that says so, who wrote the certificate; `nobody` where nothing tells. */
export function managerOf(observation: Observation | undefined): string {
  if (!observation) return NOBODY;
  const { annotations, labels, owners, managers } = observation;
  const fleet = annotations[MARK.fleet];
  if (fleet) return fieldManager(fleet);
  if (isOfCertManager(observation)) return 'cert-manager';
  const writer = managers.find(({ dataKeys }) => dataKeys.includes('tls.crt'))?.manager;
  return owners[0] ?? labels[MANAGED_BY] ?? writer ?? NOBODY;
}

/** Of one that is wanted: ours, unless somebody else keeps us from its places. */
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
  return destinations.length > 0 && others.length === destinations.length ? (others[0] ?? 'nolapse') : 'nolapse';
}
