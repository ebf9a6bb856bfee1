/** A certificate that a place already holds and that is what is wanted: a lost state costs no order. Pure. */
import type { Facts, IssuanceRequest } from '../../contract/certificate.ts';
import { MARK } from '../../contract/marks.ts';
import type { Have, Issued } from '../../contract/rows.ts';
import { type Placed, triggerOf } from './triggers.ts';

/** Facts where only our own marks can be read: of a certificate that was issued for exactly this request. */
function factsOfMarks({ annotations }: Have, id: string, request: IssuanceRequest): Facts | undefined {
  const { [MARK.sha256]: sha256, [MARK.serial]: serial } = annotations;
  const { [MARK.notBefore]: notBefore, [MARK.notAfter]: notAfter } = annotations;
  if (annotations[MARK.issuance] !== id || !sha256 || !serial || !notBefore || !notAfter) return undefined;
  const { dnsNames, ipAddresses, uris, emailAddresses, isCA, key, commonName } = request;
  return {
    ...{ serial, sha256, notBefore, notAfter, dnsNames, ipAddresses, uris, emailAddresses, isCA, key },
    ...(commonName ? { commonName } : {}),
    ...{ subject: '', issuer: '', selfSigned: false, publicKeySha256: '' },
  };
}

/** The one that ends last among those that places hold and that need no order. */
export function foundIn(placed: readonly Placed[], id: string): Issued | undefined {
  const all = placed.flatMap((one): Issued[] => {
    const { have } = one.destination;
    if (!have || triggerOf(one)) return [];
    const facts = have.facts ?? factsOfMarks(have, id, one.request);
    if (!facts) return [];
    return [{ facts, chainPem: have.chainPem ?? '', issuedAt: facts.notBefore, origin: 'found' }];
  });
  return all.toSorted((a, b) => (a.facts.notAfter < b.facts.notAfter ? 1 : -1))[0];
}
