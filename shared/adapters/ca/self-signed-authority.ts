/** Certificates signed with their own key (cert-manager's `selfSigned` issuer). Asks nobody; the lane calls selfSign while it has the key. */
import type { SelfSignedIssuerSpec } from '../../contract/fleet.ts';
import type { Authority, Clock } from '../../contract/ports.ts';

export interface SelfSignedAuthorityOptions {
  readonly spec: SelfSignedIssuerSpec;
  readonly clock: Pick<Clock, 'now'>;
}

/** Port 6: every step before the chain is `ready`; also `finalizing`, as a key that was sealed before it signed can only be made anew. */
export function selfSignedAuthority({ spec, clock }: SelfSignedAuthorityOptions): Authority {
  return {
    async advance({ step }) {
      return { step: step.at === 'issued' || step.at === 'rejected' ? step : { at: 'ready' } };
    },
    async selfSign(key, request) {
      const { selfSign } = await import('../../standards/x509/sign.ts');
      return selfSign(key, request, { spec, now: clock.now() });
    },
  };
}
