/** What objects of a cluster are told of themselves in their status, in cert-manager's words. Plain data. */
import type { CertificateId, Iso } from './ids.ts';
import type { Failure } from './rows.ts';

export interface ToldObject {
  readonly cluster: string;
  readonly kind: 'Certificate' | 'Issuer' | 'ClusterIssuer';
  /** Absent for a ClusterIssuer. */
  readonly namespace?: string;
  readonly name: string;
}

/** A condition without the instant of its last transition, which is known when it is written. */
export interface ConditionWish {
  readonly type: 'Ready' | 'Issuing';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message?: string;
  /** metadata.generation of the object that was judged. */
  readonly observedGeneration: number;
}

export interface StatusWish {
  readonly conditions: readonly ConditionWish[];
  /** Beside the conditions, as cert-manager names them; instants in whole seconds. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Its validity is that of a certificate which we have issued: a new one counts as a revision. */
  readonly isOurIssue: boolean;
}

/** STATUS#<cluster> / <kind>/<namespace>/<name>: an object that an inventory has seen, and what it says since we told it. */
export interface StatusState {
  readonly object: ToldObject;
  /** metadata.generation as the inventory saw it. */
  readonly generation: number;
  /** Of a Certificate: what it asks for. */
  readonly issuance?: string;
  /** Of an issuer: what it shall say, by whoever knows. A Certificate's follows from other rows. */
  readonly wish?: StatusWish;
  /** Absent = it says something else, or nothing. */
  readonly told?: StatusWish;
  /** Nothing is written before: a cert-manager keeps it, or writing has failed. */
  readonly waitsUntil?: Iso;
  readonly failure?: Failure;
}

/** The id of the Wanted that a Certificate of a cluster becomes. */
export const certificateIdOf = ({ cluster, namespace, name }: ToldObject): CertificateId =>
  `${cluster}/${namespace ?? ''}/${name}`;
