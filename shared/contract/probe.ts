/** The row of an endpoint: what must be seen served there, and what was. */
import type { Facts } from './certificate.ts';
import type { CertificateId, Endpoint, Iso } from './ids.ts';
import type { Problem } from './problem.ts';

/**
 * PROBE#<certificate> / <endpoint>: lane=deliver:endpoints, kind=PROBE. Of the certificate and not of a place: however many places it is in, an
 * endpoint is asked once.
 */
export interface Probe {
  readonly certificate: CertificateId;
  readonly endpoint: Endpoint;
  readonly issuance: string;
  /** What must be seen there. Absent = nothing was delivered yet. */
  readonly awaited?: Awaited;
  /** What the last look at it showed; absent = nobody has looked for what is awaited now. */
  readonly seen?: Probed;
  /** Since when each address that is seen serves it; absent = not, or not yet. */
  readonly servedAt?: Iso;
}

export interface Awaited {
  readonly sha256: string;
  readonly serial: string;
  readonly notBefore: Iso;
  readonly notAfter: Iso;
  /** Of its last delivery, or when it was first looked for. */
  readonly since: Iso;
}

export interface Probed {
  readonly at: Iso;
  /** One for each address of the name; empty = it has none, or `problem` says why they are not known. */
  readonly addresses: readonly AddressSeen[];
  readonly problem?: Problem;
}

/** What one address showed. */
export interface AddressSeen {
  readonly address: string;
  /** awaited: it; newer: another that began later; another: any other; nothing: no certificate; unseen: it is not reached from here. */
  readonly shows: 'awaited' | 'newer' | 'another' | 'nothing' | 'unseen';
  readonly leaf?: Pick<Facts, 'serial' | 'notBefore' | 'notAfter' | 'issuer'>;
  /** Why there is no certificate, or what else is wrong with the one there is. */
  readonly why?: string;
}
