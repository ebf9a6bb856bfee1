/** The ports: what the stages and lanes need of the world. Each doc comment is the contract that every adapter is tested against. */
import type { KeyObject } from 'node:crypto';
import type { Facts, IssuanceRequest } from './certificate.ts';
import type { Iso, Lane, Place } from './ids.ts';
import type { Observation } from './observation.ts';
import type { Problem } from './problem.ts';
import type { Attempt, Happened } from './rows.ts';
import type { ToldObject } from './status.ts';
import type { Step, TxtKey } from './step.ts';

/** Port 2. Whole objects by key; a write replaces the object or leaves it as it was. `undefined` = there is none. */
export interface Blobs {
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, body: Uint8Array): Promise<void>;
}

/**
 * Port 3. At least once; may be lost, doubled, reordered. Carries the lane and nothing else. MUST NOT reject: what is due stays due, so a ring
 * that is lost costs a minute and never the work of whoever rang; the adapter tells of it.
 */
export interface Bell {
  ring(lane: Lane): Promise<void>;
}

/** What a sealed certificate key is bound to; opening it with any other context fails. */
export interface AttemptContext {
  readonly fleet: string;
  readonly issuance: string;
  readonly attempt: string;
}
/** What a sealed account key is bound to. */
export interface AccountContext {
  readonly fleet: string;
  readonly account: string;
}

/**
 * Port 4. Two function types, two rights: `issue` is handed Seal<AttemptContext>, never its Unseal.
 * AES-256-GCM under a data key of its own, the context as additional data. The text is printable and holds no key in clear.
 * Unseal throws ProblemError (`nolapse:seal-broken`, retry never) on another context, another key or damage.
 */
export type Seal<Context> = (plain: Uint8Array, context: Context) => Promise<string>;
export type Unseal<Context> = (sealed: string, context: Context) => Promise<Uint8Array>;

/**
 * Port 5. The bytes of one key of a Secret that an issuer, cluster or channel references.
 * Throws ProblemError (`nolapse:secret-missing`, retry later) saying where it was looked for and what to put there.
 */
export type ReadSecret = (ref: SecretRef) => Promise<Uint8Array>;
export type SecretRef =
  | {
      readonly from: 'cluster';
      readonly cluster: string;
      readonly namespace: string;
      readonly name: string;
      readonly key: string;
    }
  | { readonly from: 'fleet'; readonly name: string; readonly key: string };

/**
 * Port 6. A certificate authority as a machine: one effect per call, never sleeps, never writes DNS, never sees a certificate's private key
 * (but for selfSign). Returns the next step; `notBefore` is the earliest instant at which calling again can help, and MUST be given with a
 * step that is the same as before.
 * Calling again after a crash, with the step that was last stored, MUST NOT lose an order that can still be used.
 * Throws ProblemError: `retry: later` (the attempt goes on at problem.retryAt or after a backoff) or `never` (the attempt ends).
 * A definite no of the CA on this order is the step `rejected`, not an error.
 */
export interface Authority {
  advance(attempt: Attempt, request: IssuanceRequest): Promise<{ readonly step: Step; readonly notBefore?: Iso }>;
  /** Only where a certificate is signed with its own key: the chain, at the moment the key exists. */
  selfSign?(key: KeyObject, request: IssuanceRequest): Promise<string>;
  /** Only where proofs of names outlive their order: gives back those of an attempt's order, so that the next order proves them anew. */
  forget?(attempt: Attempt): Promise<void>;
  /** Who spends this authority's limits: `directory` host and account; absent = no limits are known. */
  readonly scope?: { readonly directoryHost: string; readonly account: string };
}

/**
 * Port 7. The TXT records of challenges. `change` is one atomic batch per call and is idempotent: a value that is there already
 * (or gone already) counts as done. Values and TTL of others at the same name are never changed.
 * `refused` holds what could not be done, one by one, without failing the rest. `changeId` is absent when nothing had to be changed;
 * a value to add that is there already is written again as it is, because only a change can be waited for.
 * Throws ProblemError when nothing at all could be done (throttled beyond retries, access denied, no such zone).
 */
export interface ChallengeZone {
  change(
    zoneId: string,
    add: readonly TxtKey[],
    remove: readonly TxtKey[],
  ): Promise<{
    readonly changeId?: string;
    readonly refused: readonly { readonly entry: TxtKey; readonly problem: Problem }[];
  }>;
  /**
   * Whether every authoritative server answers with the change. It may be asked of a change that another process has made.
   * Throws ProblemError `aws:NoSuchChange` where nobody knows it (any more): then it is made anew.
   */
  inSync(zoneId: string, changeId: string): Promise<boolean>;
}

/**
 * Port 8, the half of it that connects: what whoever comes to a name is shown. Trusts nothing and verifies nothing: who compares knows what
 * must be there. Every call asks anew, and ends within seconds.
 */
export interface Handshakes {
  /**
   * The addresses of a name, IPv4 and IPv6, sorted; an address is its own. Empty = the name has none, or does not exist.
   * Throws ProblemError `nolapse:unresolved` (retry later) where nobody could be asked.
   */
  addressesOf(host: string): Promise<readonly string[]>;
  /** One TLS handshake with one address, for the name `host`. MUST NOT reject. */
  shake(to: { readonly host: string; readonly port: number; readonly address: string }): Promise<Shaken>;
}

/** shown: the chain as it was sent, leaf first, at most 20. nothing: whoever answers there showed none. unseen: nobody was reached from here. */
export type Shaken =
  | { readonly is: 'shown'; readonly chain: readonly [Facts, ...Facts[]] }
  | { readonly is: 'nothing' | 'unseen'; readonly why: string };

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp?: string;
    /** Counts changes of the spec. */
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid?: string;
      readonly controller?: boolean;
    }[];
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly operation?: string;
      readonly apiVersion?: string;
      readonly fieldsType?: string;
      readonly subresource?: string;
      /** In whole seconds. */
      readonly time?: string;
      readonly fieldsV1?: unknown;
    }[];
  };
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
  readonly status?: unknown;
  /** Of a webhook configuration. */
  readonly webhooks?: unknown;
}

export const CLUSTER_KINDS = ['tls-secrets', 'ingresses', 'certificates', 'issuers', 'cluster-issuers'] as const;
export type ClusterKind = (typeof CLUSTER_KINDS)[number];

/**
 * Read where they may be: without them it is only not known who else uses what is there, what Gateways ask for, and what cert-manager
 * tries in vain.
 */
export const OPTIONAL_KINDS = [
  ...(['validating-webhooks', 'mutating-webhooks', 'custom-resource-definitions', 'api-services'] as const),
  ...(['gateways', 'reference-grants', 'challenges'] as const),
] as const;
export type OptionalKind = (typeof OPTIONAL_KINDS)[number];

/**
 * Port 9. One cluster, read. Pages of at most 500, consistent; an expired continue token (410) restarts the list inside the adapter,
 * 429 and 5xx are retried there within reason. A kind whose API group the cluster does not serve yields nothing.
 * Throws ProblemError: `kubernetes:Forbidden` (with the RBAC rule that is missing as fix), `kubernetes:Unauthorized`,
 * `kubernetes:Unreachable`, `kubernetes:<reason>`. Objects may hold key material: callers drop it in the same tick.
 */
export interface ClusterReader {
  /** UID of the namespace kube-system. */
  uid(): Promise<string>;
  pages(kind: ClusterKind | OptionalKind, as: 'metadata' | 'object'): AsyncIterable<readonly KubernetesObject[]>;
  /** Undefined = there is none. */
  secret(namespace: string, name: string): Promise<KubernetesObject | undefined>;
}

/** What is put into a place: certificate and key change together. */
export interface Bundle {
  /** Leaf and intermediates, root omitted. */
  readonly chainPem: string;
  readonly caPem?: string;
  /** PEM in the encoding asked for; zeroed by the caller after the write. */
  readonly keyPem: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Who else is to be recorded as owner of these labels and annotations, our marks apart, so that it may go on from there. Absent = nobody. */
  readonly coOwner?: string;
}

/**
 * Port 10. One store of certificates. `read` is a look that drops key material before it returns; undefined = nothing there.
 * `write` replaces certificate and key in one request, and only over what was seen: `seenVersion` is Observation.version of the look
 * that decided (absent: nothing was there, so the write creates). Writing what is there already returns `unchanged` and asks nothing.
 * A co-owner is recorded by a request of its own that changes nothing else; when it fails, the same write again makes it good.
 * `release` takes our marks and our ownership of fields off what was seen, and leaves all else byte for byte: certificate, key, and what
 * others own. Whose the place is was decided by the caller. Where nothing of ours is there it returns `unchanged` and asks nothing.
 * `refused` is a definite no; transient trouble is a ProblemError with `retry: later`.
 */
export interface DestinationAdapter {
  read(place: Place): Promise<Observation | undefined>;
  write(place: Place, bundle: Bundle, seenVersion: string | undefined): Promise<Written>;
  release(place: Place, seenVersion: string): Promise<Released>;
}

export type Written =
  | { readonly outcome: 'written' | 'unchanged'; readonly version: string }
  | { readonly outcome: 'refused'; readonly problem: Problem };

export type Released =
  | { readonly outcome: 'released' | 'unchanged' }
  | { readonly outcome: 'refused'; readonly problem: Problem };

/** What is sent of a status. Instants in whole seconds. */
export interface StatusChange {
  /** A merge patch that takes away what is no longer so, whoever has written it; absent = there is nothing to take away. */
  readonly clear?: object;
  /** All that we say. */
  readonly status: object;
}

/**
 * Port 13. The status of objects of cert-manager's kinds in one cluster, and of nothing else. `read` has the whole object; undefined = there
 * is none, or the cluster does not know its kind. `write` changes what was seen and no newer version. Both throw ProblemError
 * `kubernetes:<reason>`: `Forbidden` with the RBAC rule that is missing as fix, `Conflict` where the object was changed meanwhile, `NotFound`
 * where it is gone.
 */
export interface StatusWriter {
  read(object: ToldObject): Promise<KubernetesObject | undefined>;
  write(object: ToldObject, change: StatusChange, seenVersion: string): Promise<void>;
}

/** Port 11. Says one message; the id is stable, so a receiver can drop a second copy. Throws ProblemError when it was not taken. */
export interface Channel {
  readonly name: string;
  send(message: Message): Promise<void>;
}

export interface Message {
  readonly id: string;
  /** One line, plain text, ≤ 100 characters. */
  readonly subject: string;
  /** Plain text for people: everything that `parts` say. */
  readonly text: string;
  /** The same for a channel with a layout of its own. */
  readonly parts: readonly MessagePart[];
  /** What the beginning and the end of one trouble have in common, for channels that keep them together; absent = it stands alone. */
  readonly thread?: string;
  /** For filter policies. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** For machines. */
  readonly data: unknown;
}

/** One thing that a message says. Plain text, each line short and printable, not yet escaped for any markup. */
export interface MessagePart {
  /** The first one says what it is about. Never empty. */
  readonly lines: readonly string[];
  /** The one thing to do. */
  readonly fix?: string;
  /** The object, where it is about one: `Secret prod-eu/shop/shop-tls`. */
  readonly about?: string;
}

/** Port 12. The only `now` and `sleep`; pure functions take `now`. */
export interface Clock {
  now(): Date;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds until this run must have stopped. */
  remainingMs(): number;
}

/** Tells what happened: a row for `explain`, and whoever watches. Never throws: telling changes nothing. */
export interface Journal {
  tell(event: Omit<Happened, 'at'>): Promise<void>;
}
