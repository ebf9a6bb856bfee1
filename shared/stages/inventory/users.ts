/** Who uses certificates beside Ingresses: Gateways, where a ReferenceGrant lets them, and webhooks, which carry their CA with them. */
import type { ObjectRef } from '../../contract/finding.ts';
import { kubernetesPlace } from '../../contract/ids.ts';
import type { CaBundle, Reference } from '../../contract/observation.ts';
import type { KubernetesObject, OptionalKind } from '../../contract/ports.ts';
import { Field } from '../../standards/certmanager/field.ts';
import { readAuthorities } from '../../standards/x509/pair.ts';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

interface Grant {
  readonly namespace: string;
  /** Namespaces whose Gateways may name Secrets of this one. */
  readonly from: readonly string[];
  /** Names of Secrets; empty = all. */
  readonly names: readonly string[];
}

const textAt = (field: Field, name: string): string | undefined => field.at(name).text();

/** A ReferenceGrant, as far as it is about Gateways and Secrets (Gateway API, ReferenceGrantSpec). */
function grantOf({ metadata, spec }: KubernetesObject): Grant | undefined {
  const root = new Field(spec);
  const from = root
    .at('from')
    .items()
    .filter((one) => textAt(one, 'group') === GATEWAY_GROUP && textAt(one, 'kind') === 'Gateway')
    .flatMap((one) => textAt(one, 'namespace') ?? []);
  const to = root
    .at('to')
    .items()
    .filter((one) => !textAt(one, 'group') && textAt(one, 'kind') === 'Secret')
    .map((one) => textAt(one, 'name'));
  if (from.length === 0 || to.length === 0) return undefined;
  const names = to.every((name) => name) ? to.flatMap((name) => name ?? []) : [];
  return { namespace: metadata.namespace ?? 'default', from, names };
}

const isGranted = (grants: readonly Grant[], from: string, to: { readonly namespace: string; readonly name: string }) =>
  grants.some(
    (grant) =>
      grant.namespace === to.namespace &&
      grant.from.includes(from) &&
      (grant.names.length === 0 || grant.names.includes(to.name)),
  );

function gatewayReferences(object: KubernetesObject, grants: readonly Grant[], cluster: string): readonly Reference[] {
  const own = object.metadata.namespace ?? 'default';
  const refs = new Field(object.spec)
    .at('listeners')
    .items()
    .flatMap((listener) => listener.at('tls').at('certificateRefs').items())
    .filter((ref) => !textAt(ref, 'group') && (textAt(ref, 'kind') ?? 'Secret') === 'Secret');
  return refs.flatMap((ref) => {
    const name = textAt(ref, 'name');
    const namespace = textAt(ref, 'namespace') ?? own;
    if (!name || (namespace !== own && !isGranted(grants, own, { namespace, name }))) return [];
    return [{ place: kubernetesPlace(cluster, namespace, name), by: `Gateway ${own}/${object.metadata.name}` }];
  });
}

/** Whoever writes the bundle by itself keeps it up to date as well. */
const INJECTED = /^(cert-manager\.io\/inject-|service\.beta\.openshift\.io\/inject-cabundle$)/;

/** What a webhook configuration trusts: items of a list do not say their kind themselves. */
function bundleOf(object: KubernetesObject, kind: string, cluster: string): readonly CaBundle[] {
  const { name, annotations = {} } = object.metadata;
  const webhooks = new Field(object.webhooks).items();
  const texts = new Set(webhooks.flatMap((one) => one.at('clientConfig').at('caBundle').text() ?? []));
  const ref: ObjectRef = { cluster, kind, name };
  const injected = Object.keys(annotations).some((one) => INJECTED.test(one));
  return [...texts].flatMap((text) => {
    const authorities = readAuthorities(Buffer.from(text, 'base64'));
    return authorities.length > 0 ? [{ object: ref, authorities, injected }] : [];
  });
}

/** What was read of the optional kinds, as references to places and as bundles of CAs. */
export function usersIn(objects: ReadonlyMap<OptionalKind, readonly KubernetesObject[]>, cluster: string) {
  const of = (kind: OptionalKind): readonly KubernetesObject[] => objects.get(kind) ?? [];
  const grants = of('reference-grants').flatMap((one) => grantOf(one) ?? []);
  return {
    references: of('gateways').flatMap((one) => gatewayReferences(one, grants, cluster)),
    bundles: [
      ...of('validating-webhooks').flatMap((one) => bundleOf(one, 'ValidatingWebhookConfiguration', cluster)),
      ...of('mutating-webhooks').flatMap((one) => bundleOf(one, 'MutatingWebhookConfiguration', cluster)),
    ],
  };
}
