/** Who decides what is in a place: read from its marks, owners and field managers, before anything is written. */
import type { CertificateId } from '../../contract/ids.ts';
import { partyOf, placeParts } from '../../contract/ids.ts';
import { fieldManager, MARK } from '../../contract/marks.ts';
import type { Observation, Ownership } from '../../contract/observation.ts';
import { toolThatOwns } from './owners.ts';
import { TLS_SECRET_TYPE } from './secret-apply.ts';

/** Who asks. `certificate` is what is to be delivered: a cert-manager Certificate may be the very one that asks for it. */
export interface Asking {
  readonly fleet: string;
  readonly installation: string;
  readonly certificate?: CertificateId;
}

/** Secrets Manager's mark on secrets that another AWS service keeps. */
export const OWNING_SERVICE = 'secretsmanager/owning-service';
export const CERTIFICATE_NAME = 'cert-manager.io/certificate-name';
const OUR_PREFIX = fieldManager('');
const CERT_MANAGER = 'cert-manager';
const PAIR_KEYS: readonly string[] = ['tls.crt', 'tls.key'];

/**
 * Whose the place is; `undefined` = there is nothing. `isLive` tells whether the cert-manager Certificate of that name still exists
 * in the Secret's namespace (default: it does, so that doubt never ends in a write).
 */
export function ownershipOf(
  observation: Observation | undefined,
  us: Asking,
  isLive: (certificateName: string) => boolean = () => true,
): Ownership {
  if (!observation) return { is: 'absent' };
  const unwritable = whyUnwritable(observation);
  return (
    othersMark(observation, us) ??
    (unwritable !== undefined ? { is: 'unwritable', why: unwritable } : undefined) ??
    (observation.annotations[MARK.fleet] === us.fleet ? { is: 'ours' } : undefined) ??
    certManagers(observation, us, isLive) ??
    owned(observation) ?? { is: 'adoptable', by: writersOf(observation) }
  );
}

/** A mark of another fleet, or of another installation of ours, stands before everything else. */
function othersMark(observation: Observation, us: Asking): Ownership | undefined {
  const { annotations, managers } = observation;
  const fleet = annotations[MARK.fleet];
  if (fleet !== undefined && fleet !== us.fleet) return { is: 'owned', owner: `the Nolapse fleet ${fleet}` };
  if (fleet === us.fleet) {
    const installation = annotations[MARK.installation] ?? 'unknown';
    return installation === us.installation ? undefined : { is: 'other-installation', installation };
  }
  const other = managers.find(
    ({ manager, dataKeys }) =>
      dataKeys.length > 0 && manager.startsWith(OUR_PREFIX) && manager !== fieldManager(us.fleet),
  );
  return other && { is: 'owned', owner: `the Nolapse fleet ${other.manager.slice(OUR_PREFIX.length)}` };
}

/** The type of a Secret cannot be changed: the API server answers 422. */
function whyUnwritable({ place, type, immutable }: Observation): string | undefined {
  if (immutable) return 'the Secret is immutable';
  if (placeParts(place).at === 'kubernetes' && type !== TLS_SECRET_TYPE)
    return `the Secret is of type ${type}, which cannot be changed; a certificate needs ${TLS_SECRET_TYPE}`;
  return undefined;
}

/** A live Certificate would write again, unless it is the one that we renew in cert-manager's place. */
function certManagers(
  observation: Observation,
  us: Asking,
  isLive: (certificateName: string) => boolean,
): Ownership | undefined {
  const name = certificateNameOf(observation);
  if (name === undefined || !isLive(name)) return undefined;
  const at = placeParts(observation.place);
  const isAskedByIt =
    at.at === 'kubernetes' && us.certificate === `${partyOf(observation.place)}/${at.namespace}/${name}`;
  return isAskedByIt ? { is: 'adoptable', by: CERT_MANAGER } : { is: 'owned', owner: `Certificate ${name}` };
}

/** The Certificate that cert-manager writes the Secret for; an annotation that was only copied along does not count. */
function certificateNameOf({ annotations, managers, owners }: Observation): string | undefined {
  const owner = owners.find((one) => one.startsWith('Certificate/'));
  if (owner) return owner.slice('Certificate/'.length);
  const writes = managers.some(({ manager, dataKeys }) => manager.startsWith(CERT_MANAGER) && dataKeys.length > 0);
  return writes ? annotations[CERTIFICATE_NAME] : undefined;
}

function owned(observation: Observation): Ownership | undefined {
  const service = observation.annotations[OWNING_SERVICE];
  // Whether a Certificate is alive has been asked already.
  const [reference] = observation.owners.filter((one) => !one.startsWith('Certificate/'));
  const owner = service ?? toolThatOwns(observation) ?? reference?.replace('/', ' ');
  return owner === undefined ? undefined : { is: 'owned', owner };
}

/** The managers of certificate and key, else of any data, else nobody that is known. */
function writersOf({ managers }: Observation): string {
  const writing = (keys: (dataKeys: readonly string[]) => boolean): readonly string[] => [
    ...new Set(managers.filter(({ dataKeys }) => keys(dataKeys)).map(({ manager }) => manager)),
  ];
  const ofPair = writing((dataKeys) => dataKeys.some((key) => PAIR_KEYS.includes(key)));
  const writers = ofPair.length > 0 ? ofPair : writing((dataKeys) => dataKeys.length > 0);
  return writers.join(', ') || 'unknown';
}
