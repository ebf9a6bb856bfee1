/** Turns a Secret as the API server gives it into an observation. What it returns holds no key material, in no field. */

import type { Facts } from '../../contract/certificate.ts';
import { kubernetesPlace } from '../../contract/ids.ts';
import type { Observation } from '../../contract/observation.ts';
import type { KubernetesObject } from '../../contract/ports.ts';
import { type Pair, readPair } from '../x509/pair.ts';
import { holdsPrivateKey } from './key-in-text.ts';
import { fieldManagers } from './managed-fields.ts';
import { OWNER_LABELS } from './owners.ts';

/** The only annotations that are kept, by their domain: cert-manager's, ours, and those that owners of Secrets leave. */
const KEPT_DOMAINS: readonly string[] = [
  'cert-manager.io',
  'nolapse.dev',
  'argocd.argoproj.io',
  'meta.helm.sh',
  'kustomize.toolkit.fluxcd.io',
  'helm.toolkit.fluxcd.io',
  'external-secrets.io',
  'reconcile.external-secrets.io',
  'reflector.v1.k8s.emberstack.com',
  'replicator.v1.mittwald.de',
  'sealedsecrets.bitnami.com',
];

/**
 * The observation of a whole Secret: its pair is judged, its key compared and dropped (the decoded bytes are zeroed).
 * Damaged or oversized data is `problem`, never an error; `cluster` is the cluster's name in the fleet, `known` as in PairInput.
 */
export async function observeSecret(
  object: KubernetesObject,
  cluster: string,
  known?: Map<string, Facts>,
): Promise<Observation> {
  const { metadata, data = {} } = object;
  const { annotations = {}, labels = {}, creationTimestamp, ownerReferences = [] } = metadata;
  const keyBase64 = data['tls.key'];
  const keyInAnnotation = Object.keys(annotations).find((name) => holdsPrivateKey(annotations[name] ?? '', keyBase64));
  return {
    place: kubernetesPlace(cluster, metadata.namespace ?? '', metadata.name),
    uid: metadata.uid,
    version: metadata.resourceVersion,
    type: object.type ?? 'Opaque',
    immutable: object.immutable ?? false,
    ...judged(data, known),
    managers: fieldManagers(metadata.managedFields),
    owners: ownerReferences.map(({ kind, name }) => `${kind}/${name}`),
    labels: withoutKeys(
      chosen(labels, (name) => OWNER_LABELS.includes(name)),
      keyBase64,
    ),
    annotations: withoutKeys(allowed(annotations), keyBase64),
    ...(keyInAnnotation !== undefined && { keyInAnnotation }),
    ...(creationTimestamp && { createdAt: new Date(creationTimestamp).toISOString() }),
  };
}

/** Buffer reads base64 as Go does, and never throws: what is no base64 becomes bytes that are no PEM. */
const bytesOf = (base64: string | undefined): Buffer | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64');

function judged(data: Readonly<Record<string, string>>, known: Map<string, Facts> | undefined): Pair {
  const key = bytesOf(data['tls.key']);
  try {
    return readPair({ crt: bytesOf(data['tls.crt']), key, ca: bytesOf(data['ca.crt']), known });
  } finally {
    key?.fill(0);
  }
}

type Texts = Readonly<Record<string, string>>;

const chosen = (texts: Texts, keeps: (name: string, value: string) => boolean): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name, value]) => keeps(name, value)));

const allowed = (annotations: Texts): Texts =>
  chosen(annotations, (name) => {
    const slash = name.indexOf('/');
    return slash > 0 && KEPT_DOMAINS.includes(name.slice(0, slash));
  });

const withoutKeys = (texts: Texts, keyBase64: string | undefined): Texts =>
  chosen(texts, (_, value) => !holdsPrivateKey(value, keyBase64));
