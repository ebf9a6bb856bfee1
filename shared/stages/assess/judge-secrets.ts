/** What is wrong with a Secret as such, whoever manages it: a key in an annotation that everybody may read, a type that is not TLS. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import { placeParts } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import { namesOf, objectOfPlace } from './content.ts';
import { list } from './phrases.ts';

/** `key-in-annotation`: client-side `kubectl apply` leaves the whole Secret in last-applied-configuration. */
function keyInAnnotation(observation: Observation): readonly Verdict[] {
  const { place, keyInAnnotation: annotation, chain } = observation;
  const parts = placeParts(place);
  if (annotation === undefined || parts.at !== 'kubernetes') return [];
  const [facts] = chain;
  return [
    {
      code: 'key-in-annotation',
      severity: 'warning',
      object: objectOfPlace(place),
      names: facts ? namesOf(facts) : [],
      message: `The Secret ${place} carries its private key in the annotation ${annotation}, where lists and logs show it.`,
      evidence: { secret: place, annotation, ...(facts && { serial: facts.serial }) },
      fix: `Remove it, and apply server-side from now on: kubectl -n ${parts.namespace} annotate secret ${parts.name} ${annotation}-`,
      ...(facts && { serial: facts.serial }),
    },
  ];
}

const TLS = 'kubernetes.io/tls';

/** `wrong-secret-type`: only those that something names are looked for under other types. */
function wrongType({ place, type, chain }: Observation, references: readonly string[]): readonly Verdict[] {
  const [facts] = chain;
  const parts = placeParts(place);
  if (type === TLS || !facts || references.length === 0 || parts.at !== 'kubernetes') return [];
  const { namespace, name } = parts;
  const pair = `--cert=${name}.crt --key=${name}.key`;
  return [
    {
      code: 'wrong-secret-type',
      severity: 'warning',
      object: objectOfPlace(place),
      names: namesOf(facts),
      message: `The Secret ${place} holds a certificate for ${list(references)}, but is of type ${type}: many controllers take none but ${TLS}, and nothing renews it.`,
      evidence: {
        secret: place,
        type,
        references: list(references, 5),
        serial: facts.serial,
        notAfter: facts.notAfter,
      },
      fix: `A Secret's type cannot be changed: keep its pair, delete it, and make it anew: kubectl -n ${namespace} create secret tls ${name} ${pair}`,
      serial: facts.serial,
    },
  ];
}

/** `key-in-annotation` and `wrong-secret-type` of one Secret. */
export const judgeSecret = (observation: Observation, references: readonly string[]): readonly Verdict[] => [
  ...keyInAnnotation(observation),
  ...wrongType(observation, references),
];
