/** Which of all findings are about one certificate. */
import type { Finding } from '../shared/contract/finding.ts';
import type { CertificateId, Endpoint, Place } from '../shared/contract/ids.ts';

/** Findings on the certificate itself, or on a place or an endpoint of it. */
export function findingsOf(
  findings: readonly Finding[],
  id: CertificateId,
  at: readonly (Place | Endpoint)[],
): readonly Finding[] {
  const mine = new Set([id, ...at]);
  return findings.filter(({ object }) => {
    const parts = [object.cluster, object.namespace, object.name].filter(Boolean).join('/');
    return mine.has(parts) || mine.has(`fleet/${parts}`) || mine.has(`secretsmanager/${parts}`);
  });
}
