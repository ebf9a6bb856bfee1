/** What the part `kubernetes` is told, what it says once it is ready, and the faults it can be given. */
import type { Rbac, TokenUser } from './access.ts';
import type { KubernetesObject } from './object.ts';

export interface KubernetesConfig {
  readonly name: string;
  readonly tokens: readonly TokenUser[];
  /** Whether each user also gets a client certificate (CN = user, O = groups). */
  readonly clientCa?: boolean;
  /** Rules by group. `system:masters` may do everything, everybody else only what is here. */
  readonly rbac?: Rbac;
  /** There from the start, unvalidated; their namespaces are made. */
  readonly objects?: readonly KubernetesObject[];
  /** Whether cert-manager's kinds are served. */
  readonly certManagerCrds?: boolean;
  /** Whether Gateways and ReferenceGrants are. */
  readonly gatewayCrds?: boolean;
}

export interface ClientCertificate {
  readonly user: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface KubernetesReady {
  readonly server: string;
  readonly caPem: string;
  /** Of the namespace `kube-system`. */
  readonly uid: string;
  /** One for each token's user, with `clientCa`. */
  readonly clients: readonly ClientCertificate[];
}

interface Matched {
  /** A substring of the path; absent = any request. */
  readonly path?: string;
  readonly count?: number;
}

export type KubernetesFault =
  /** Seconds, default 1. */
  | (Matched & { readonly kind: '429'; readonly retryAfter?: number })
  /** For lists that go on with a token. */
  | (Matched & { readonly kind: '410' })
  | (Matched & { readonly kind: '500' })
  /** As what stands in front of a server that is starting: no Status. */
  | (Matched & { readonly kind: '503' })
  | (Matched & { readonly kind: '401' })
  /** Answered after `ms`, default 5,000. */
  | (Matched & { readonly kind: 'slow'; readonly ms?: number })
  /** The connection is closed without an answer. */
  | (Matched & { readonly kind: 'down' })
  /** The request is taken and never answered. */
  | (Matched & { readonly kind: 'silent' });

export const KUBERNETES_FAULTS = ['429', '410', '500', '503', '401', 'slow', 'down', 'silent'] as const;
