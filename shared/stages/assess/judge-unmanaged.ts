/** Certificates that no plan of ours renews: judged by age, and never loudly where nothing references them. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { ObjectRef, Severity, Verdict } from '../../contract/finding.ts';
import { placeParts } from '../../contract/ids.ts';
import { type Content, evidenceOf, faultOf, namesOf, objectOfPlace } from './content.ts';
import { stagingVerdict } from './judge-staging.ts';
import { instant, list, shortened, span } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

/** What is known of a place beside what it holds. */
export interface Standing {
  /** What uses the Secret, as `Ingress namespace/name`. */
  readonly references: readonly string[];
  /** The id of who asks for it although nothing is done for them. */
  readonly heldId?: string;
  /** That nothing but the mode of the cluster, or of its line in the policy, holds it. */
  readonly isOnlyAudited?: boolean;
  /** As CertificateView.managedBy. */
  readonly managedBy: string;
  /** Where it is the certificate of a CA, which is judged as one. */
  readonly authority?: { readonly isReferenced: boolean };
}

export const isReferenced = ({ references, heldId, authority }: Standing): boolean =>
  references.length > 0 || heldId !== undefined || authority?.isReferenced === true;
const atMost = (severity: Severity, standing: Standing): Severity => (isReferenced(standing) ? severity : 'info');

const referenceEvidence = ({ references, managedBy }: Standing): Readonly<Record<string, string>> => ({
  managedBy,
  ...(references.length > 0 ? { references: list(references, 5) } : {}),
});

/** What helps one that nobody of ours renews. */
export function fixOfAged(
  { kind, namespace, name }: ObjectRef,
  { managedBy, heldId, isOnlyAudited }: Standing,
): string {
  if (managedBy === 'cert-manager') {
    const which = kind === 'Certificate' ? ` ${name}` : '';
    return `See why cert-manager did not renew it: kubectl -n ${namespace} describe certificate${which}`;
  }
  if (isOnlyAudited)
    return `Let Nolapse renew it: mode: manage for ${namespace ?? name} in the fleet file, which nolapse init drafts`;
  if (heldId !== undefined) return `See what holds it back: nolapse explain ${heldId}`;
  if (managedBy === 'nobody' || managedBy.startsWith('kubectl'))
    return 'Ask for it with a Certificate so that it is renewed, or replace it by hand';
  return `Have ${managedBy} replace it, or ask for it with a Certificate`;
}

/** `expired` or `expiring-unmanaged` of a leaf; a CA that still lives is judged as a CA. */
export function ageVerdict(
  facts: Facts,
  about: { readonly object: ObjectRef; readonly label: string; readonly standing: Standing },
  now: Date,
): readonly Verdict[] {
  const { object, label, standing } = about;
  const shared = {
    object,
    names: namesOf(facts),
    evidence: { ...evidenceOf(facts), ...referenceEvidence(standing) },
    fix: fixOfAged(object, standing),
    serial: facts.serial,
  };
  if (isExpired(facts, now)) {
    const message = `The certificate in ${label} expired on ${instant(facts.notAfter)}.`;
    return [{ ...shared, code: 'expired', severity: atMost('critical', standing), message, since: facts.notAfter }];
  }
  const alarm = standing.authority ? undefined : leafAlarm(facts, now);
  if (!alarm) return [];
  const left = span(Date.parse(facts.notAfter) - now.getTime());
  const message = `The certificate in ${label} ends in ${left}, on ${instant(facts.notAfter)}, and no plan of this fleet renews it.`;
  const severity = atMost(alarm.severity, standing);
  return [{ ...shared, code: 'expiring-unmanaged', severity, message, since: alarm.since }];
}

const describe = ({ namespace, name }: ObjectRef): string =>
  namespace === undefined
    ? `aws secretsmanager describe-secret --secret-id ${name}`
    : `kubectl -n ${namespace} describe secret ${name}`;

/** `key-mismatch` or `unreadable`: what is there cannot be served. `willHeal`: a renewal replaces it without anybody's help. */
export function faultVerdicts(
  content: Content,
  about: { readonly severity: Severity; readonly willHeal: boolean; readonly evidence: Verdict['evidence'] },
): readonly Verdict[] {
  const fault = faultOf(content);
  if (!fault) return [];
  const { place, facts, problem } = content;
  const object = objectOfPlace(place);
  const detail = problem?.detail ?? 'the private key is not the one of the certificate';
  const message =
    fault === 'mismatch'
      ? `The private key in ${place} does not belong to its certificate, so no server can use it.`
      : `${place} holds no usable certificate: ${shortened(detail)}.`;
  const byHand =
    object.kind === 'Secret'
      ? `Put a matching certificate and key there, or ask for them with a Certificate; look with: ${describe(object)}`
      : `Put a matching certificate and key there; look with: ${describe(object)}`;
  return [
    {
      code: fault === 'mismatch' ? 'key-mismatch' : 'unreadable',
      severity: about.severity,
      object,
      names: facts ? namesOf(facts) : [],
      message,
      evidence: { secret: place, ...(facts && evidenceOf(facts)), problem: detail, ...about.evidence },
      fix: about.willHeal ? 'Nothing to do: the next run replaces it; to have it now: nolapse run' : byHand,
      ...(facts && { serial: facts.serial }),
    },
  ];
}

/** Faults and test CAs of a place outside the plan, whether somebody is held there or nobody asked. */
export function contentVerdicts(content: Content, standing: Standing): readonly Verdict[] {
  const { references } = standing;
  const about = {
    severity: atMost('high', standing),
    willHeal: false,
    evidence: referenceEvidence(standing),
  };
  const fix = 'Have it issued by a trusted CA: point the issuer at the production directory and issue again';
  const staging = references.length > 0 ? stagingVerdict(content, fix, `and ${list(references)} uses it`) : [];
  return [...faultVerdicts(content, about), ...staging];
}

/** One Secret that nobody asked for. */
export function judgeUnmanaged(content: Content, standing: Standing, now: Date): readonly Verdict[] {
  const { place, facts } = content;
  const about = {
    object: objectOfPlace(place),
    label: `${placeParts(place).at === 'kubernetes' ? 'the Secret ' : ''}${place}`,
    standing,
  };
  return [...(facts ? ageVerdict(facts, about, now) : []), ...contentVerdicts(content, standing)];
}
