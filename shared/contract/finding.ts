/** Something a person should know: a stable code, a severity, evidence, one fix. */
import type { Iso } from './ids.ts';

export const SEVERITIES = ['info', 'warning', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const FINDING_CODES = [
  'expired',
  'renewal-overdue',
  'renewal-failing',
  'expiring-unmanaged',
  'secret-missing',
  'secret-name-mismatch',
  'host-not-covered',
  'key-mismatch',
  'key-in-annotation',
  'unreadable',
  'not-yet-valid',
  'wrong-secret-type',
  'chain-incomplete',
  'weak-key',
  'weak-signature',
  'staging-in-production',
  'issuer-not-found',
  'challenge-impossible',
  'http01-by-dns01',
  'ca-expiring',
  'ca-outlived',
  'ca-drift',
  'name-not-allowed',
  'not-served',
  'adoptable',
  'destination-refused',
  'unmanaged',
  'orphan',
  'duplicate',
  'source-down',
  'mass-disappearance',
  'lane-paused',
  'status-not-written',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

export interface ObjectRef {
  readonly cluster?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** As printed by `-o json` and sent as data. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly object: ObjectRef;
  readonly names: readonly string[];
  readonly message: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly since: Iso;
  readonly fix: string;
}

/** What a judgement says before it is known since when. `since` may be given where the world tells it (notAfter of an expired one). */
export interface Verdict extends Omit<Finding, 'since'> {
  readonly since?: Iso;
  /** Findings with the same root cause are one message; default `<code>`. */
  readonly rootCause?: string;
  /** The serial the finding is about: one message per (certificate, serial, stage). */
  readonly serial?: string;
}

/** `<cluster>/<kind>/<namespace>/<name>`, absent parts empty: the key of an object's findings. */
export const subjectOf = (o: ObjectRef): string => [o.cluster ?? '', o.kind, o.namespace ?? '', o.name].join('/');
