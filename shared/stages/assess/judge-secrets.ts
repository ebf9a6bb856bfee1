/** What is wrong with a Secret whoever manages it: its private key in an annotation that everybody may read. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import { placeParts } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import { namesOf, objectOfPlace } from './content.ts';

/** `key-in-annotation`: client-side `kubectl apply` leaves the whole Secret in last-applied-configuration. */
export function judgeSecret(observation: Observation): readonly Verdict[] {
  const { place, keyInAnnotation, chain } = observation;
  const parts = placeParts(place);
  if (keyInAnnotation === undefined || parts.at !== 'kubernetes') return [];
  const [facts] = chain;
  return [
    {
      code: 'key-in-annotation',
      severity: 'warning',
      object: objectOfPlace(place),
      names: facts ? namesOf(facts) : [],
      message: `The Secret ${place} carries its private key in the annotation ${keyInAnnotation}, where lists and logs show it.`,
      evidence: { secret: place, annotation: keyInAnnotation, ...(facts && { serial: facts.serial }) },
      fix: `Remove it, and apply server-side from now on: kubectl -n ${parts.namespace} annotate secret ${parts.name} ${keyInAnnotation}-`,
      ...(facts && { serial: facts.serial }),
    },
  ];
}
