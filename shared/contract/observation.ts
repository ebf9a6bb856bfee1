/** What a place really holds: facts, never key material. Made in the tick in which the Secret was read; the key is dropped there. */
import type { Facts } from './certificate.ts';
import type { Finding, ObjectRef, Severity } from './finding.ts';
import type { CertificateId, Endpoint, Iso, IssuerId, Place } from './ids.ts';

export interface Observation {
  readonly place: Place;
  /** Kubernetes uid, or the ARN in Secrets Manager. */
  readonly uid: string;
  /** resourceVersion, or the VersionId of AWSCURRENT. */
  readonly version: string;
  /** Kubernetes Secret type; `secretsmanager` elsewhere. */
  readonly type: string;
  readonly immutable: boolean;
  /** Leaf first, as found; empty when missing or unreadable. At most 20. */
  readonly chain: readonly Facts[];
  /** The certificates of `chain`, so that a lost state can be made whole again; only of a place that somebody asks for. */
  readonly chainPem?: string;
  /** Facts of the first certificate in `ca.crt`. */
  readonly ca?: Facts;
  readonly keyMatches?: boolean;
  /** Why there is no usable certificate pair. */
  readonly problem?: PairProblem;
  readonly managers: readonly FieldManager[];
  /** ownerReferences as `Kind/name`. */
  readonly owners: readonly string[];
  /** Only labels by which tools mark what is theirs. */
  readonly labels: Readonly<Record<string, string>>;
  /** Only annotations of the allow-list: an annotation can hold the whole Secret. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The annotation that holds the private key, by name. */
  readonly keyInAnnotation?: string;
  readonly createdAt?: Iso;
}

/** Each at its place; of several at one place the last. */
export function byPlace(observations: Iterable<Observation>): Map<Place, Observation> {
  const at = new Map<Place, Observation>();
  for (const one of observations) at.set(one.place, one);
  return at;
}

export interface PairProblem {
  readonly code: 'missing-data' | 'bad-certificate' | 'bad-key' | 'key-mismatch' | 'too-large' | 'too-many';
  readonly detail: string;
}

/** One managedFields entry, reduced to the `data` keys it owns (`tls.crt`, `tls.key`, `ca.crt`). */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly dataKeys: readonly string[];
}

/** Who decides what is in a place (design: ownership decides before any write). */
export type Ownership =
  | { readonly is: 'absent' }
  | { readonly is: 'ours' }
  /** Our fleet's mark, another installation's id. */
  | { readonly is: 'other-installation'; readonly installation: string }
  /** Somebody who would write again: never touched, whatever the consent. */
  | { readonly is: 'owned'; readonly owner: string }
  /** Nobody who would write again (kubectl, Terraform): taken over with consent only. */
  | { readonly is: 'adoptable'; readonly by: string }
  /** Cannot be written at all: immutable, or of a type that cannot hold a pair. */
  | { readonly is: 'unwritable'; readonly why: string };

/** One Ingress, reduced to what a certificate check needs. */
export interface IngressFacts {
  readonly namespace: string;
  readonly name: string;
  /** Blocks whose Secrets are served; none where `acm` is there. */
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName?: string }[];
  readonly hosts: readonly string[];
  /** ARNs of what the load balancer serves; empty = those that it finds in ACM by the hosts. */
  readonly acm?: readonly string[];
  /** Where it says that it is served; absent = at its hosts, port 443. */
  readonly endpoints?: readonly Endpoint[];
}

/** One TLS listener of a Gateway that names a host. */
export interface Listener {
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  /** `Gateway namespace/name` */
  readonly by: string;
  readonly places: readonly Place[];
}

/** What a host shows whoever connects, seen by handshake where its Secret may not be read: never what the Secret holds. */
export interface HostSeen {
  readonly endpoint: Endpoint;
  readonly namespace: string;
  /** What leads there, as `Ingress namespace/name`. */
  readonly references: readonly string[];
  /** The Secrets that it should be from. */
  readonly places: readonly Place[];
  /** The leaves that its addresses show, each once. */
  readonly shown: readonly Facts[];
  /** Why none is shown. */
  readonly why?: string;
}

/** Somebody beside an Ingress who uses what is at a place. */
export interface Reference {
  readonly place: Place;
  /** `Gateway namespace/name` */
  readonly by: string;
}

/** What somebody trusts, written into the object itself. */
export interface CaBundle {
  readonly object: ObjectRef;
  /** Empty only where `from` says what it is to hold. */
  readonly authorities: readonly Facts[];
  /** Another program writes it, and keeps it up to date as long as it can. */
  readonly injected: boolean;
  /** Whose `ca.crt` cert-manager writes into it. */
  readonly from?: CaSource;
}

export interface CaSource {
  readonly kind: 'Certificate' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  /** What is there; absent: not known. */
  readonly found?: {
    /** The Secret; absent: there is no such Certificate. */
    readonly place?: Place;
    /** The first certificate of its `ca.crt`; absent: there is none. */
    readonly ca?: Facts;
    /** Whether cert-manager takes it from there: the Secret must say whose it is, or that it may be taken. */
    readonly isTaken: boolean;
  };
}

/** A challenge that cert-manager has not brought to its end. */
export interface ChallengeFacts {
  readonly namespace: string;
  readonly name: string;
  readonly dnsName: string;
  /** `HTTP-01` or `DNS-01`. */
  readonly type: string;
  /** `pending`, `processing`, `invalid`, `expired`, `errored`. */
  readonly state: string;
  /** As cert-manager or the CA puts it; may be empty. */
  readonly reason: string;
  /** Name in issuerRef. */
  readonly issuer: string;
  readonly createdAt: Iso;
}

/** The CAs that CustomResourceDefinitions carry, as long as none of these has changed. */
export interface Definitions {
  /** Of the uid and resourceVersion of each. */
  readonly versions: string;
  readonly bundles: readonly CaBundle[];
}

/** One line of `nolapse inventory`. */
export interface CertificateView {
  readonly id: CertificateId;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly kind:
    | 'Certificate'
    | 'FleetCertificate'
    | 'Ingress'
    | 'Gateway'
    | 'Secret'
    | 'SecretsManagerSecret'
    | 'AcmCertificate'
    | 'Endpoint';
  readonly names: readonly string[];
  readonly issuer?: IssuerId | string;
  readonly serial?: string;
  readonly notBefore?: Iso;
  readonly notAfter?: Iso;
  readonly renewAt?: Iso;
  /** `ok` where nothing is known against it: what AWS holds is not looked at. */
  readonly state: CertificateState;
  readonly managedBy: string;
  /** What is seen to use it, as `Ingress namespace/name`. */
  readonly references?: readonly string[];
  /** The ids of other lines, of whichever cluster, that hold the same certificate; at most 20. */
  readonly copies?: readonly CertificateId[];
  /** How many hold it beside those in `copies`. */
  readonly moreCopies?: number;
  /** Where it must be seen served, and whether it was. */
  readonly endpoints?: readonly EndpointView[];
}

/** waiting: nobody has looked yet, or its time has not come; unseen: nobody is reached there from here. */
export interface EndpointView {
  readonly endpoint: Endpoint;
  readonly state: 'served' | 'not-served' | 'waiting' | 'unseen';
  readonly seenAt?: Iso;
}

/** Worst first. */
export const CERTIFICATE_STATES = [
  'expired',
  'missing',
  'unreadable',
  'mismatch',
  'failing',
  'overdue',
  'expiring',
  'due',
  'ok',
] as const;
export type CertificateState = (typeof CERTIFICATE_STATES)[number];

/** One source as the last good pass saw it; replaced whole. */
export interface Snapshot {
  readonly source: string;
  readonly asOf: Iso;
  readonly observations: readonly Observation[];
  readonly certificates: readonly CertificateView[];
  /** What could not be read and what was done instead. */
  readonly gaps: readonly Gap[];
  /** Whether bodies of all Secrets were read in this pass (once a week). */
  readonly wholeAt: Iso;
  /** Absent: they could not be read. */
  readonly definitions?: Definitions;
}

/** What could not be read, in whole words, and what was done instead. */
export interface Gap {
  readonly what: string;
  readonly problem: string;
  readonly fix?: string;
  /** Where nothing but the lack of a right refuses it: the rule, as in Problem, and the second half of `problem`. */
  readonly refused?: { readonly rule: string; readonly instead: string };
}

export interface SourceView {
  readonly name: string;
  readonly state: 'ok' | 'stale' | 'down';
  readonly asOf?: Iso;
  readonly problem?: string;
}

export type { Finding, Severity };
