/** CAs that objects carry with them, by which the API server trusts whom it asks: those that end, and those that are another's by now. Pure. */
import type { Facts } from '../../contract/certificate.ts';
import type { Verdict } from '../../contract/finding.ts';
import type { Place } from '../../contract/ids.ts';
import type { CaBundle, CaSource } from '../../contract/observation.ts';
import { evidenceOf, namesOf, objectOfPlace } from './content.ts';
import { instant, list, span } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

/** What happens where the API server trusts it no more. */
const THEN: Readonly<Record<string, string>> = {
  CustomResourceDefinition:
    'the API server trusts the conversion webhook no more, and its objects are read and written in their stored version only',
  APIService: 'the API server trusts the extension API server no more, and what that serves is unavailable',
};
const OF_WEBHOOKS = 'the API server trusts the webhook no more, and what it guards is refused or let through';

const thenOf = ({ object }: CaBundle): string => THEN[object.kind] ?? OF_WEBHOOKS;

const editOf = ({ object }: CaBundle): string => `kubectl edit ${object.kind.toLowerCase()} ${object.name}`;

const sourceOf = ({ kind, namespace, name }: CaSource): string => `${kind} ${namespace}/${name}`;

function expiringFix(bundle: CaBundle): string {
  const { from, object } = bundle;
  if (from) {
    const lacks = from.found?.place ? 'is seen to have no ca.crt' : 'is not there';
    return `Nobody writes caBundle: cert-manager is told to take it from the ${sourceOf(from)}, which ${lacks}; name another: ${editOf(bundle)}`;
  }
  const who = object.kind === 'APIService' ? 'extension API server' : 'webhook';
  return `Give the ${who} a certificate of a new CA, and put that into caBundle: ${editOf(bundle)}`;
}

/** By the CA of the bundle that ends last: while a CA is replaced, the old and the new stand side by side. */
const lastOf = ({ authorities }: CaBundle): Facts | undefined =>
  authorities.toSorted((a, b) => Date.parse(b.notAfter) - Date.parse(a.notAfter))[0];

function expiring(bundle: CaBundle, now: Date): readonly Verdict[] {
  const { object } = bundle;
  const last = lastOf(bundle);
  const alarm = last && leafAlarm(last, now);
  if (!last || !alarm) return [];
  const who = last.commonName ?? last.subject;
  const ends = isExpired(last, now) ? 'ended' : `ends in ${span(Date.parse(last.notAfter) - now.getTime())},`;
  return [
    {
      code: 'ca-expiring',
      severity: alarm.severity,
      object,
      names: namesOf(last),
      message: `The CA ${who} in caBundle of the ${object.kind} ${object.name} ${ends} on ${instant(last.notAfter)}: then ${thenOf(bundle)}.`,
      evidence: evidenceOf(last),
      since: alarm.since,
      fix: expiringFix(bundle),
      serial: last.serial,
      rootCause: `ca-expiring:${last.sha256}`,
    },
  ];
}

function driftFix(bundle: CaBundle, from: CaSource, place: Place): string {
  const { namespace, name } = objectOfPlace(place);
  if (from.found?.isTaken)
    return `See why cert-manager's cainjector has not written it: kubectl -n cert-manager logs deployment/cert-manager-cainjector (or put ca.crt of the Secret ${namespace}/${name} there: ${editOf(bundle)})`;
  return from.kind === 'Secret'
    ? `Let cert-manager take it from there: kubectl -n ${namespace} annotate secret ${name} cert-manager.io/allow-direct-injection=true`
    : `The Secret ${namespace}/${name} is not marked as one of the Certificate ${from.name}, so cert-manager does not take it: have it issued anew, or name another source: ${editOf(bundle)}`;
}

/** `ca-drift`: cert-manager was to write another CA there, and did not. */
function drifted(bundle: CaBundle, from: CaSource, at: { place: Place; ca: Facts; now: Date }): readonly Verdict[] {
  const { object, authorities } = bundle;
  const { place, ca, now } = at;
  const last = lastOf(bundle);
  // a CA that was renewed with its key verifies what either of the two signed
  const same = authorities.find(({ publicKeySha256 }) => publicKeySha256 === ca.publicKeySha256);
  const held = list(authorities.map((one) => `${one.commonName ?? one.subject} with the serial ${one.serial}`));
  const then = same ? `its key is the same, but this copy ends on ${instant(same.notAfter)}` : thenOf(bundle);
  const isOver = last !== undefined && isExpired(last, now);
  return [
    {
      code: 'ca-drift',
      severity: isOver ? 'critical' : same ? 'warning' : 'high',
      object,
      names: namesOf(ca),
      message: `caBundle of the ${object.kind} ${object.name} holds ${held || 'no certificate'}, but the CA of the ${sourceOf(from)} is ${ca.serial}: ${isOver ? thenOf(bundle) : then}.`,
      evidence: {
        ...(last && { caSerial: last.serial, caNotAfter: last.notAfter }),
        ...{ currentCaSerial: ca.serial, currentCaNotAfter: ca.notAfter, currentCa: place },
      },
      fix: driftFix(bundle, from, place),
      rootCause: `ca-drift:${place}`,
    },
  ];
}

/** One bundle: what is written into it by somebody else is told only where it is not what it should be, or cannot be written any more. */
export function judgeBundle(bundle: CaBundle, now: Date): readonly Verdict[] {
  const { authorities, injected, from } = bundle;
  const { ca, place } = from?.found ?? {};
  if (from && place && ca)
    return authorities.some(({ sha256 }) => sha256 === ca.sha256) ? [] : drifted(bundle, from, { place, ca, now });
  return injected && !from?.found ? [] : expiring(bundle, now);
}
