/** Where an attempt is: what to do next, written before and after each effect. Serialisable; an Authority turns one into the next. */
import type { Iso } from './ids.ts';
import type { Problem } from './problem.ts';

/** A TXT value that a challenge asks for (RFC 8555 §8.4). */
export interface TxtKey {
  readonly zoneId: string;
  readonly fqdn: string;
  readonly value: string;
}

export interface PendingChallenge {
  /** The name as ordered, `*.` included. */
  readonly name: string;
  /** URL to POST to. */
  readonly url: string;
  readonly txt: TxtKey;
}

/**
 * intent → created → authorizing → presented → answered → ready → finalizing → issued | rejected
 *
 * - `intent`: nothing asked yet. A private CA goes straight to `ready`.
 * - `created`: the order exists at `orderUrl`; persisted before anything else is asked.
 * - `authorizing`: the values to present are known. The lane, never the Authority, writes them to DNS.
 * - `presented`: every value was INSYNC; the challenges may be answered.
 * - `answered`: waiting for the CA's verdict.
 * - `ready`: the CA waits for a CSR. The lane makes key and CSR and stores both, sealed, in one write with `finalizing`.
 * - `finalizing`: the CSR may or may not have reached the CA; the same CSR is sent again.
 * - `issued`: the chain, checked against the request.
 * - `rejected`: the CA said no; a new attempt needs a new order.
 */
export type Step =
  | { readonly at: 'intent' }
  | { readonly at: 'created'; readonly orderUrl: string; readonly expires?: Iso }
  | {
      readonly at: 'authorizing';
      readonly orderUrl: string;
      readonly expires?: Iso;
      readonly challenges: readonly PendingChallenge[];
    }
  | { readonly at: 'presented'; readonly orderUrl: string; readonly challenges: readonly PendingChallenge[] }
  | { readonly at: 'answered'; readonly orderUrl: string; readonly challenges: readonly PendingChallenge[] }
  | { readonly at: 'ready'; readonly orderUrl?: string; readonly finalizeUrl?: string }
  | { readonly at: 'finalizing'; readonly orderUrl?: string; readonly finalizeUrl?: string }
  | { readonly at: 'issued'; readonly chainPem: string; readonly caPem?: string; readonly orderUrl?: string }
  | { readonly at: 'rejected'; readonly problem: Problem };

export type StepName = Step['at'];

/** The order an attempt would go on with, if any. */
export const orderUrlOf = (step: Step): string | undefined => ('orderUrl' in step ? step.orderUrl : undefined);
