/** Key and CSR of an attempt: made once, stored sealed in one write, before anybody is asked to sign. */
import type { AttemptContext, Authority } from '../../contract/ports.ts';
import type { Attempt, Issuance } from '../../contract/rows.ts';
import type { Step } from '../../contract/step.ts';
import { generateKey, keyPem, publicKeySha256 } from '../../standards/x509/key.ts';
import type { IssuePorts } from './ports.ts';

type Ready = Extract<Step, { readonly at: 'ready' }>;
type Keyed = Required<Pick<Attempt, 'sealedKey' | 'publicKeySha256'>> & Pick<Attempt, 'csr'> & { readonly step: Step };

/** ASN.1 with all its schemas is most of what this lane would load before it can answer, and most of its runs make no request. */
const writerOfRequests = () => import('../../standards/x509/csr.ts');

/** The next step with what must be stored with it. A certificate signed with its own key is made here, while the key exists. */
export async function finalizing(
  step: Ready,
  { issuance, attempt, authority }: { issuance: Issuance; attempt: Attempt; authority: Authority },
  { seal, fleet }: Pick<IssuePorts, 'seal' | 'fleet'>,
): Promise<Keyed> {
  const { request } = issuance;
  const key = await generateKey(request.key);
  const plain = keyPem(key, 'PKCS8');
  try {
    const { createCsr } = await writerOfRequests();
    const context: AttemptContext = { fleet, issuance: issuance.id, attempt: attempt.id };
    const [sealedKey, csr] = await Promise.all([seal(plain, context), createCsr(key, request)]);
    const stored = { sealedKey, publicKeySha256: publicKeySha256(key) };
    if (!authority.selfSign) return { ...stored, csr, step: { ...step, at: 'finalizing' } };
    const chainPem = await authority.selfSign(key, request);
    return { ...stored, step: { at: 'issued', chainPem, caPem: chainPem } };
  } finally {
    plain.fill(0);
  }
}
