/** The rows: one JSON body each, compare-and-set on `rev`. Leases save work; rev saves truth. */
import type { CertificateSpec, Facts, IssuanceRequest } from './certificate.ts';
import type { FindingCode, ObjectRef, Severity } from './finding.ts';
import type { Issuer, WantedPlace } from './fleet.ts';
import type { CertificateId, Endpoint, Iso, IssuerId, Lane, Place } from './ids.ts';
import type { Ownership } from './observation.ts';
import type { Problem } from './problem.ts';
import type { Step } from './step.ts';

/** META / INSTALLATION: one per state. The id marks every destination; another installation of the same fleet is refused by it. */
export interface Installation {
  readonly id: string;
  readonly fleet: string;
  readonly createdAt: Iso;
  /** The first renewal of an installation is told once. */
  readonly firstRenewalToldAt?: Iso;
  readonly leaving?: Leaving;
}

/** That the fleet is given up: no order is begun any more, and from `closedAt` on nothing is delivered either. */
export interface Leaving {
  readonly since: Iso;
  readonly by: string;
  readonly closedAt?: Iso;
}

/** LANE / <lane>: lease and health of one remote party. */
export interface LaneState {
  readonly lane: Lane;
  readonly holder?: string;
  readonly leasedUntil?: Iso;
  readonly lastOkAt?: Iso;
  readonly lastTryAt?: Iso;
  /** Tries that failed since the last good one. */
  readonly failures: number;
  readonly problem?: Problem;
  readonly pause?: Pause;
  /** UID of kube-system at first contact; another one is refused. */
  readonly clusterUid?: string;
}

/** That somebody has stopped a lane: nobody works in it until then, and everybody is told why. */
export interface Pause {
  readonly since: Iso;
  readonly until: Iso;
  readonly by: string;
  readonly because: string;
}

/** The pause that holds now; it ends by itself, whether or not anybody takes it out of the row. */
export const pauseOf = (lane: LaneState | undefined, now: Date): Pause | undefined =>
  lane?.pause && lane.pause.until > now.toISOString() ? lane.pause : undefined;

/** ACCOUNT#<sha256(directory|eab key id)> / STATE */
export interface Account {
  readonly directory: string;
  /** Absent between the write of the key and the CA's answer. */
  readonly url?: string;
  readonly sealedKey: string;
  readonly contact: readonly string[];
  readonly eabKeyId?: string;
  readonly termsAgreedAt: Iso;
}

/** SRC#<source> / ISSUER#<namespace>/<name>: an issuer found in a cluster. */
export interface IssuerState {
  readonly issuer: Issuer;
  readonly seenAt: Iso;
}

/** SRC#<source> / CERT#<namespace>/<name>: what somebody asks for. */
export interface Wanted {
  readonly id: CertificateId;
  readonly source: string;
  readonly origin: 'Certificate' | 'Ingress' | 'Gateway' | 'FleetCertificate';
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: CertificateSpec;
  /** Absent while it cannot be asked of anyone: `held` says why. */
  readonly issuance?: string;
  readonly issuer?: IssuerId;
  readonly held?: Held;
  readonly places: readonly WantedPlace[];
  /** Where it must be seen served; absent = nowhere. */
  readonly endpoints?: readonly Endpoint[];
  readonly seenAt: Iso;
  readonly goneAt?: Iso;
}

/** Why nothing is done for a Wanted although it exists. */
export interface Held {
  readonly reason: 'audit' | 'name-not-allowed' | 'issuer-not-found' | 'challenge-impossible' | 'unsupported';
  readonly message: string;
  /** The one thing to do, where the reason alone does not say it. */
  readonly fix?: string;
  /** Of `audit`: why whoever is to renew it cannot prove one of its names, and what to do. */
  readonly challenge?: { readonly message: string; readonly fix: string };
}

/** ISS#<issuance> / STATE: lane=issue:<issuer>, kind=ISS, order=<current.notAfter>. The one row an order lives in. */
export interface Issuance {
  readonly id: string;
  readonly request: IssuanceRequest;
  readonly members: readonly CertificateId[];
  /** keep: the key is kept for places that come later (FleetCertificates); ephemeral: forgotten when every place has it. */
  readonly keyPolicy: 'ephemeral' | 'keep';
  /** What CAs count new certificates of these names under; absent = each name under itself, until an inventory has written it. */
  readonly registeredDomains?: readonly string[];
  readonly current?: Issued;
  readonly attempt?: Attempt;
  /** Written by `renew --force`; consumed by the attempt it starts. */
  readonly forced?: { readonly by: string; readonly at: Iso };
  readonly renewAt?: Iso;
  readonly due?: Due;
  readonly failure?: Failure;
}

/** Why an issuance is due: cert-manager's reason codes where it has one (facts: trigger chain), ours else. */
export interface Due {
  readonly reason: DueReason;
  readonly message: string;
  readonly since: Iso;
}

export type DueReason =
  | 'DoesNotExist'
  | 'MissingData'
  | 'InvalidKeyPair'
  | 'InvalidCertificate'
  | 'IncorrectIssuer'
  | 'IncorrectCertificate'
  | 'SecretMismatch'
  | 'RequestChanged'
  | 'Renewing'
  | 'WindowError'
  | 'Expired'
  | 'Forced'
  | 'Resumed';

export interface Attempt {
  readonly id: string;
  readonly startedAt: Iso;
  /** Nothing waits longer than this for the CA. */
  readonly deadline: Iso;
  readonly step: Step;
  /** Times a lane took this step up, counted before the work: a step that ends its process backs off. */
  readonly pickups: number;
  /** PEM; written together with sealedKey, before finalize. */
  readonly csr?: string;
  readonly sealedKey?: string;
  /** SHA-256 of the SubjectPublicKeyInfo, so that what the CA returns can be checked. */
  readonly publicKeySha256?: string;
}

export interface Issued {
  readonly facts: Facts;
  /** Leaf and intermediates, root omitted. */
  readonly chainPem: string;
  /** The issuer's CA certificate, where the issuer is a private CA. */
  readonly caPem?: string;
  /** Sealed under {fleet, issuance, attempt}; absent once forgotten, or when what is there was found, not issued by us. */
  readonly sealedKey?: string;
  /** The attempt that the key is sealed for. */
  readonly attempt?: string;
  readonly issuedAt: Iso;
  /** issued: by us; found: read from a place that already had what is wanted. */
  readonly origin: 'issued' | 'found';
}

export interface Failure {
  readonly problem: Problem;
  readonly stage: 'plan' | 'issue' | 'deliver' | 'verify';
  readonly count: number;
  readonly firstAt: Iso;
  readonly lastAt: Iso;
  readonly retryAt: Iso;
}

/** DEST#<place> / STATE: lane=deliver:<party>, kind=DEST#<issuance>. Keyed by the place, so two certificates never own one Secret. */
export interface Destination {
  readonly place: Place;
  readonly issuance: string;
  readonly certificate: CertificateId;
  readonly adopt: boolean;
  readonly ownership: Ownership | { readonly is: 'unknown' };
  /** What the last look found; absent = never looked, or nothing there (see ownership). */
  readonly have?: Have;
  readonly observedAt?: Iso;
  readonly deliveredAt?: Iso;
  readonly failure?: Failure;
}

export interface Have {
  readonly facts?: Facts;
  readonly keyMatches?: boolean;
  readonly problem?: { readonly code: string; readonly detail: string };
  readonly version: string;
  /** The issuer and certificate annotations as cert-manager writes them; the trigger checks read these. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Leaf and intermediates as found, so that a lost state can be made whole again. */
  readonly chainPem?: string;
}

/** ZONE#<zoneId> / TXT#<fqdn>#<value>: the ledger. Written before the value, removed after its removal is confirmed. */
export interface TxtEntry {
  readonly zoneId: string;
  /** Lower-case, no trailing dot: `_acme-challenge.shop.example.com`. */
  readonly fqdn: string;
  readonly value: string;
  /** Issuances that wait on this value; the last one that leaves has it removed. */
  readonly holders: readonly string[];
  readonly state: 'intent' | 'present' | 'removing';
  readonly changeId?: string;
  /** At the latest; the lane's ordinary due query finds it. */
  readonly removeAt: Iso;
}

/** LIMIT#<directory host>#<account> / <limit>#<key>: GCRA, one instant, so one compare-and-set is one atomic spend. */
export interface Limit {
  /** Theoretical arrival time. */
  readonly tat: Iso;
  /** Nothing of this scope is asked before (a 429 overwrites it). */
  readonly blockedUntil?: Iso;
  readonly saidBy: 'us' | 'ca';
}

/** FIND#<subject> / <code>: a finding is its own outbox. kind=FINDING; lane=notify and wakeAt while a message is due. */
export interface FindingState {
  readonly subject: string;
  readonly code: FindingCode;
  /** Who settles it: the same owner resolves it when it no longer says so. */
  readonly owner: string;
  readonly severity: Severity;
  readonly object: ObjectRef;
  readonly names: readonly string[];
  readonly message: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly fix: string;
  readonly rootCause: string;
  readonly serial?: string;
  readonly since: Iso;
  readonly resolvedAt?: Iso;
  readonly snoozedUntil?: Iso;
  readonly said: readonly Said[];
}

/** OWNER#<owner> / <subject>#<code>: that an owner said a finding, so that it meets again what it no longer says. */
export interface OwnedFinding {
  readonly owner: string;
  readonly subject: string;
  readonly code: FindingCode;
}

/** One message that a channel took. `stage` is `<severity>` while open, `resolved` after. */
export interface Said {
  readonly stage: Severity | 'resolved';
  readonly serial?: string;
  readonly at: Iso;
  readonly channel: string;
  readonly messageId: string;
}

/** CHANNEL#<name> / STATE: whether a channel takes messages, and the last digest it took. No row: it does, and took none. */
export interface ChannelState {
  readonly channel: string;
  /** Runs that failed since the last message it took. */
  readonly failures: number;
  readonly problem?: Problem;
  /** Of the first failure; stays until everybody who was told of the trouble was told of its end. */
  readonly since?: Iso;
  /** Nothing is sent before. */
  readonly retryAt?: Iso;
  /** The other channels that were told of the trouble, and not yet of its end. */
  readonly toldOn: readonly string[];
  /** The instant that the last digest it took was due: what happened before is in it, and a second call for the same one says nothing. */
  readonly digestFor?: Iso;
}

/** EVT#<subject> / <instant>#<n>: what happened, for `explain` and the digest; never read to decide. */
export interface Happened {
  /** A certificate id, lane or place. */
  readonly subject: string;
  /** A stable code, e.g. `order-created`, `in-sync`, `delivered`, `attempt-failed`. */
  readonly what: string;
  readonly stage: 'inventory' | 'assess' | 'plan' | 'issue' | 'deliver' | 'verify' | 'notify';
  readonly at: Iso;
  readonly detail: Readonly<Record<string, string>>;
}
