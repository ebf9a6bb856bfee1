/** Who uses certificates beside Ingresses: Gateways, where a ReferenceGrant lets them, and objects that carry their CA with them. */
import { kubernetesPlace } from '../../contract/ids.ts';
import type { CaBundle, ChallengeFacts, Listener, Reference } from '../../contract/observation.ts';
import type { KubernetesObject, OptionalKind } from '../../contract/ports.ts';
import { Field } from '../../standards/certmanager/field.ts';
import { gatewayFound, type ShimFound } from './asked.ts';
import { bundlesOf } from './ca-bundles.ts';
import { challengesOf } from './challenges.ts';

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
function grantsOf({ metadata, spec }: KubernetesObject): readonly Grant[] {
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
  if (from.length === 0 || to.length === 0) return [];
  const names = to.every((name) => name) ? to.flatMap((name) => name ?? []) : [];
  return [{ namespace: metadata.namespace ?? 'default', from, names }];
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

interface Use {
  readonly gateway: Named;
  readonly secret: Named;
  /** Where its listener is, where that names a host. */
  readonly at?: { readonly host: string; readonly port: number };
}

const isGranted = (grants: readonly Grant[], from: string, to: Named): boolean =>
  grants.some(
    (grant) =>
      grant.namespace === to.namespace &&
      grant.from.includes(from) &&
      (grant.names.length === 0 || grant.names.includes(to.name)),
  );

const HTTPS = 443;

function usesOf({ metadata, spec }: KubernetesObject): readonly Use[] {
  const gateway = { namespace: metadata.namespace ?? 'default', name: metadata.name };
  return new Field(spec)
    .at('listeners')
    .items()
    .flatMap((listener) => {
      const [host, port] = [textAt(listener, 'hostname'), listener.at('port').value];
      const at = host ? { at: { host, port: typeof port === 'number' ? port : HTTPS } } : {};
      return secretsOf(listener, gateway.namespace).map((secret) => ({ gateway, secret, ...at }));
    });
}

const secretsOf = (listener: Field, own: string): readonly Named[] =>
  listener
    .at('tls')
    .at('certificateRefs')
    .items()
    .filter((ref) => !textAt(ref, 'group') && (textAt(ref, 'kind') ?? 'Secret') === 'Secret')
    .flatMap((ref) => {
      const name = textAt(ref, 'name');
      return name ? [{ namespace: textAt(ref, 'namespace') ?? own, name }] : [];
    });

/** What an object of an optional kind tells. */
export interface Told {
  readonly grants?: readonly Grant[];
  readonly uses?: readonly Use[];
  readonly bundles?: readonly CaBundle[];
  readonly challenges?: readonly ChallengeFacts[];
  readonly shim?: ShimFound;
}

/** All else of the object is to be dropped in the tick in which it arrives: some are big. */
export function toldBy(kind: OptionalKind, object: KubernetesObject, cluster: string): Told {
  if (kind === 'gateways') return { uses: usesOf(object), shim: gatewayFound(object, cluster) };
  if (kind === 'reference-grants') return { grants: grantsOf(object) };
  if (kind === 'challenges') return { challenges: challengesOf(object) };
  return { bundles: bundlesOf(kind, object, cluster) };
}

/** A Gateway uses another namespace's Secret only where a grant of that namespace lets it. */
function allowedUses(told: readonly Told[]): readonly Use[] {
  const grants = told.flatMap((one) => one.grants ?? []);
  return told
    .flatMap(({ uses = [] }) => uses)
    .filter(
      ({ gateway, secret }) => secret.namespace === gateway.namespace || isGranted(grants, gateway.namespace, secret),
    );
}

const referenceOf = ({ gateway, secret }: Use, cluster: string): Reference => ({
  place: kubernetesPlace(cluster, secret.namespace, secret.name),
  by: `Gateway ${gateway.namespace}/${gateway.name}`,
});

/** Who uses what. */
export const referencesIn = (told: readonly Told[], cluster: string): readonly Reference[] =>
  allowedUses(told).map((use) => referenceOf(use, cluster));

/** Where TLS ends for a host, with the Secrets that it should be from. */
export const listenersIn = (told: readonly Told[], cluster: string): readonly Listener[] =>
  allowedUses(told).flatMap((use) => {
    const { place, by } = referenceOf(use, cluster);
    return use.at ? [{ ...use.at, namespace: use.gateway.namespace, by, places: [place] }] : [];
  });
