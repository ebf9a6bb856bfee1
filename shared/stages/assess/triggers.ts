/** Why what is in a place is not what is wanted: cert-manager's trigger checks as a list, the first hit decides. Pure. */
import type { CertificateSpec, IssuanceRequest } from '../../contract/certificate.ts';
import { MARK } from '../../contract/marks.ts';
import type { Destination, DueReason, Have, Issued } from '../../contract/rows.ts';
import { sameCertificateRequest } from '../../standards/x509/issued.ts';

export interface Placed {
  readonly destination: Destination;
  readonly request: IssuanceRequest;
  /** Of the member that the place belongs to. */
  readonly spec: CertificateSpec;
  /** Name of that member's Certificate. */
  readonly name: string;
  readonly now: Date;
}

export interface Trigger {
  readonly reason: DueReason;
  readonly message: string;
}

type Check = (placed: Placed & { readonly have: Have }) => Trigger | undefined;

const trigger = (reason: DueReason, message: string): Trigger => ({ reason, message });
const ISSUER = 'cert-manager.io/issuer-';
const CERTIFICATE_NAME = 'cert-manager.io/certificate-name';

const isMissingData: Check = ({ have }) =>
  have.problem?.code === 'missing-data' ? trigger('MissingData', have.problem.detail) : undefined;

const isUnusablePair: Check = ({ have: { problem, keyMatches } }) => {
  if (problem?.code === 'bad-key' || problem?.code === 'key-mismatch' || keyMatches === false)
    return trigger('InvalidKeyPair', problem?.detail ?? 'the private key is not the one of the certificate');
  return problem && problem.code !== 'missing-data' ? trigger('InvalidCertificate', problem.detail) : undefined;
};

/** A Secret without these annotations was made by somebody else; what it holds is judged by itself. */
const isOfAnotherIssuer: Check = ({ have: { annotations }, spec: { issuerRef } }) => {
  const differing = (['name', 'kind', 'group'] as const).find((field) => {
    const found = annotations[`${ISSUER}${field}`];
    return found !== undefined && found !== issuerRef[field];
  });
  return differing
    ? trigger('IncorrectIssuer', `it says that its issuer's ${differing} is ${annotations[`${ISSUER}${differing}`]}`)
    : undefined;
};

const isOfAnotherCertificate: Check = ({ have: { annotations }, name }) => {
  const found = annotations[CERTIFICATE_NAME];
  return found !== undefined && found !== name
    ? trigger('IncorrectCertificate', `it says that it belongs to the Certificate ${found}`)
    : undefined;
};

const differsFromSpec: Check = ({ have: { facts }, request }) => {
  if (!facts) return undefined;
  const answer = sameCertificateRequest(facts, request);
  if (answer.same) return undefined;
  const reason = answer.field.startsWith('spec.privateKey') ? 'SecretMismatch' : 'RequestChanged';
  return trigger(reason, `it differs from what is wanted in ${answer.field}`);
};

const hasExpired: Check = ({ have, now }) => {
  const notAfter = have.facts?.notAfter ?? have.annotations[MARK.notAfter];
  return notAfter !== undefined && Date.parse(notAfter) <= now.getTime()
    ? trigger('Expired', `it expired at ${notAfter}`)
    : undefined;
};

/** cert-manager's chain (internal/controller/certificates/policies), its age checks last. */
const CHECKS: readonly Check[] = [
  isMissingData,
  isUnusablePair,
  isOfAnotherIssuer,
  isOfAnotherCertificate,
  differsFromSpec,
  hasExpired,
];

/** The first check that says the place does not hold what is wanted; undefined = it does, whoever issued it. */
export function triggerOf(placed: Placed): Trigger | undefined {
  const { destination } = placed;
  const { have } = destination;
  if (!have) return trigger('DoesNotExist', `there is nothing at ${destination.place}`);
  for (const check of CHECKS) {
    const hit = check({ ...placed, have });
    if (hit) return hit;
  }
  return undefined;
}

/** SHA-256 of the certificate in a place: read there, or as our own mark tells where the value is not read. */
export const sha256In = (have: Have | undefined): string | undefined =>
  have?.facts?.sha256 ?? have?.annotations[MARK.sha256];

/** Whether the place holds exactly this certificate with its own key. */
export const holds = (have: Have | undefined, current: { readonly facts: Pick<Issued['facts'], 'sha256'> }): boolean =>
  sha256In(have) === current.facts.sha256 && have?.keyMatches !== false && !have?.problem;
