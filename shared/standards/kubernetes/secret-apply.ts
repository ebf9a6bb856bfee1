/** The Secret that a bundle becomes: one body for creating and for server-side apply, with certificate and key together. */
import type { Bundle, KubernetesObject } from '../../contract/ports.ts';

export const TLS_SECRET_TYPE = 'kubernetes.io/tls';

export interface SecretBody {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly type: typeof TLS_SECRET_TYPE;
  readonly data: Readonly<Record<string, string>>;
}

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

/** `ca.crt` only where the issuer has one, as cert-manager writes it. */
function dataOf({ chainPem, keyPem, caPem }: Bundle): Readonly<Record<string, string>> {
  return {
    'tls.crt': base64(chainPem),
    'tls.key': base64(keyPem),
    ...(caPem !== undefined && { 'ca.crt': base64(caPem) }),
  };
}

/**
 * The body to POST, or to PATCH as server-side apply. With `seen` (the Secret just read) the API server answers 409 when there is
 * a newer version, or none any more: an apply alone would make it again. It holds the private key: send it and forget it.
 */
export const secretBody = (
  bundle: Bundle,
  at: { readonly namespace: string; readonly name: string },
  seen?: KubernetesObject,
): SecretBody => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: at.name,
    namespace: at.namespace,
    ...(seen && { uid: seen.metadata.uid, resourceVersion: seen.metadata.resourceVersion }),
    labels: bundle.labels,
    annotations: bundle.annotations,
  },
  type: TLS_SECRET_TYPE,
  data: dataOf(bundle),
});

/** Whether a Secret is already what the body asks for; what others added to it does not count. */
export function holdsAlready(live: KubernetesObject, body: SecretBody): boolean {
  const { labels = {}, annotations = {} } = live.metadata;
  return (
    live.type === body.type &&
    includes(labels, body.metadata.labels) &&
    includes(annotations, body.metadata.annotations) &&
    includes(live.data ?? {}, body.data)
  );
}

type Texts = Readonly<Record<string, string>>;

const includes = (all: Texts, part: Texts): boolean => Object.entries(part).every(([name, text]) => all[name] === text);
