/** A private CA whose certificate and key are in a Secret (cert-manager's `ca` issuer). Keeps no key: the Secret is read at each signature. */
import type { CaIssuerSpec } from '../../contract/fleet.ts';
import type { Authority, Clock, ReadSecret, SecretRef } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { Step } from '../../contract/step.ts';

export interface CaAuthorityOptions {
  readonly spec: CaIssuerSpec;
  /** Where a key of the CA's Secret is: in the issuer's cluster and namespace, or among the fleet's own secrets. */
  readonly secretRef: (name: string, key: string) => SecretRef;
  readonly readSecret: ReadSecret;
  readonly clock: Pick<Clock, 'now'>;
}

/** Port 6 in one step: whatever came before the CSR is `ready`, and the CSR is signed at once. Signing again after a crash costs nothing. */
export function caAuthority(options: CaAuthorityOptions): Authority {
  return {
    async advance(attempt, request) {
      const { step, csr } = attempt;
      if (step.at === 'issued' || step.at === 'rejected') return { step };
      if (step.at !== 'finalizing' || csr === undefined) return { step: { at: 'ready' } };
      const { spec, clock } = options;
      // only who has a private CA loads what signs
      const { signLeaf } = await import('../../standards/x509/sign.ts');
      const pair = await readCaSecret(options);
      try {
        const signed = await signLeaf({ ...pair, csrPem: csr, request, spec, now: clock.now() });
        return { step: { at: 'issued', ...signed } satisfies Step };
      } finally {
        pair.caKeyPem.fill(0);
      }
    },
  };
}

/** tls.crt with ca.crt after it, which a Secret may lack (cert-manager reads them so), and tls.key. */
export async function readCaSecret({
  spec,
  secretRef,
  readSecret,
}: Omit<CaAuthorityOptions, 'clock'>): Promise<{ readonly caChainPem: Uint8Array; readonly caKeyPem: Uint8Array }> {
  const read = (key: string): Promise<Uint8Array> => readSecret(secretRef(spec.secretName, key));
  const [crt, ca, caKeyPem] = [await read('tls.crt'), await orNothing(read('ca.crt')), await read('tls.key')];
  return { caChainPem: Buffer.concat([crt, Buffer.from('\n'), ca]), caKeyPem };
}

async function orNothing(reading: Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.type === 'nolapse:secret-missing') return new Uint8Array();
    throw error;
  }
}
