/** CAs that webhooks carry with them and nobody is seen to renew: when one ends, the API server can ask the webhook no more. Pure. */
import type { Verdict } from '../../contract/finding.ts';
import type { CaBundle } from '../../contract/observation.ts';
import { evidenceOf, namesOf } from './content.ts';
import { instant, span } from './phrases.ts';
import { isExpired, leafAlarm } from './thresholds.ts';

/** `ca-expiring` by the CA of the bundle that ends last: while a CA is replaced, the old and the new stand side by side. */
export function judgeBundle({ object, authorities, injected }: CaBundle, now: Date): readonly Verdict[] {
  const [last] = authorities.toSorted((a, b) => Date.parse(b.notAfter) - Date.parse(a.notAfter));
  const alarm = last && leafAlarm(last, now);
  if (!last || !alarm || injected) return [];
  const who = last.commonName ?? last.subject;
  const ends = isExpired(last, now) ? 'ended' : `ends in ${span(Date.parse(last.notAfter) - now.getTime())},`;
  return [
    {
      code: 'ca-expiring',
      severity: alarm.severity,
      object,
      names: namesOf(last),
      message: `The CA ${who} in caBundle of the ${object.kind} ${object.name} ${ends} on ${instant(last.notAfter)}: then the API server trusts the webhook no more, and what it guards is refused or let through.`,
      evidence: evidenceOf(last),
      since: alarm.since,
      fix: `Give the webhook a certificate of a new CA, and put that into caBundle: kubectl edit ${object.kind.toLowerCase()} ${object.name}`,
      serial: last.serial,
      rootCause: `ca-expiring:${last.sha256}`,
    },
  ];
}
