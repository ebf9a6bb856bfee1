/** Whether what is wanted may be written to a place, and whether what is there can be used. From the place's row alone. Pure. */

import type { Verdict } from '../../contract/finding.ts';
import type { Destination, Issuance } from '../../contract/rows.ts';
import { isWritable } from './assess-issuance.ts';
import { contentOfDestination, evidenceOf, faultOf, namesOf, objectOfPlace } from './content.ts';
import { faultVerdicts } from './judge-unmanaged.ts';

interface Refusal {
  readonly why: string;
  readonly fix: string;
}

function refusalOf({ place, certificate, ownership }: Destination): Refusal | undefined {
  switch (ownership.is) {
    case 'owned':
      return {
        why: `${ownership.owner} owns it and would write again`,
        fix: `Let one of the two go: stop ${ownership.owner} from writing ${place}, or remove ${certificate} from Nolapse`,
      };
    case 'other-installation':
      return {
        why: `another installation of this fleet (${ownership.installation}) delivers there`,
        fix: `Stop the other installation, then take it over: nolapse adopt ${certificate}`,
      };
    case 'unwritable':
      return {
        why: ownership.why,
        fix: `Name another place in ${certificate}, or delete ${place} so that the next run makes it anew`,
      };
    default:
      return undefined;
  }
}

const evidenceAt = ({ place, certificate, have }: Destination): Readonly<Record<string, string>> => ({
  secret: place,
  certificate,
  ...(have?.facts && evidenceOf(have.facts)),
});

function refused(destination: Destination, issuance: Issuance): readonly Verdict[] {
  const refusal = isWritable(destination) ? undefined : refusalOf(destination);
  if (!refusal) return [];
  const { place, certificate, ownership } = destination;
  return [
    {
      code: 'destination-refused',
      severity: 'high',
      object: objectOfPlace(place),
      names: namesOf(issuance.request),
      message: `${certificate} is not delivered to ${place}: ${refusal.why}.`,
      evidence: { ...evidenceAt(destination), ownership: ownership.is, why: refusal.why },
      fix: refusal.fix,
    },
  ];
}

/** Quiet while what is there serves until its renewal; then somebody must consent. */
function adoptable(destination: Destination, issuance: Issuance, now: Date): readonly Verdict[] {
  const { place, certificate, ownership, adopt, have } = destination;
  if (ownership.is !== 'adoptable' || adopt) return [];
  const isPastRenewal = issuance.renewAt !== undefined && Date.parse(issuance.renewAt) <= now.getTime();
  const isPressing = isPastRenewal || !have?.facts || faultOf(contentOfDestination(destination)) !== undefined;
  return [
    {
      code: 'adoptable',
      severity: isPressing ? 'warning' : 'info',
      object: objectOfPlace(place),
      names: namesOf(issuance.request),
      message: `${place} was made by ${ownership.by}, so ${certificate} is not delivered there without consent.`,
      evidence: { ...evidenceAt(destination), by: ownership.by },
      fix: `See both sides and take it over: nolapse adopt ${certificate}`,
    },
  ];
}

/** `destination-refused`, `adoptable`, `key-mismatch` and `unreadable` of one place of an issuance. */
export function judgeDestination(destination: Destination, issuance: Issuance, now: Date): readonly Verdict[] {
  const content = contentOfDestination(destination);
  const willHeal = isWritable(destination);
  return [
    ...refused(destination, issuance),
    ...adoptable(destination, issuance, now),
    ...faultVerdicts(content, {
      severity: willHeal ? 'warning' : 'high',
      willHeal,
      evidence: { certificate: destination.certificate },
    }),
  ];
}
