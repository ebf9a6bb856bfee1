/** CAs that objects of a cluster carry with them: what they hold, and from which Secret cert-manager is to write them. */
import { kubernetesPlace } from '../../contract/ids.ts';
import { byPlace, type CaBundle, type CaSource, type Observation } from '../../contract/observation.ts';
import type { ClusterReader, KubernetesObject, OptionalKind } from '../../contract/ports.ts';
import { Field } from '../../standards/certmanager/field.ts';
import { dnsLabelProblem, dnsSubdomainProblem } from '../../standards/kubernetes/names.ts';
import { CERTIFICATE_NAME } from '../../standards/kubernetes/ownership.ts';
import { readAuthorities } from '../../standards/x509/pair.ts';
import type { CertificateFound } from './asked.ts';
import { readPlaces } from './other-secrets.ts';

interface Carrier {
  /** Items of a list do not say their kind themselves. */
  readonly kind: string;
  /** What has a `caBundle`, where the API server asks somebody by it. */
  readonly configs: (object: KubernetesObject) => readonly Field[];
}

const isAsked = (config: Field): boolean =>
  config.at('service').value !== undefined || config.at('url').text() !== undefined;

const webhooksIn = (object: KubernetesObject): readonly Field[] =>
  new Field(object.webhooks).items().map((one) => one.at('clientConfig'));

const CARRIERS: Readonly<Partial<Record<OptionalKind, Carrier>>> = {
  'validating-webhooks': { kind: 'ValidatingWebhookConfiguration', configs: webhooksIn },
  'mutating-webhooks': { kind: 'MutatingWebhookConfiguration', configs: webhooksIn },
  'custom-resource-definitions': {
    kind: 'CustomResourceDefinition',
    configs: ({ spec }) => [new Field(spec).at('conversion').at('webhook').at('clientConfig')],
  },
  'api-services': { kind: 'APIService', configs: ({ spec }) => [new Field(spec)] },
};

/** cert-manager's cainjector, and OpenShift's: whoever writes the bundle by itself keeps it up to date as well. */
const INJECTED = /^(cert-manager\.io\/inject-|service\.beta\.openshift\.io\/inject-cabundle$)/;
const FROM = {
  Certificate: 'cert-manager.io/inject-ca-from',
  Secret: 'cert-manager.io/inject-ca-from-secret',
} as const;
const MAY_BE_TAKEN = 'cert-manager.io/allow-direct-injection';

/** What is no name names nothing, and may be anything that somebody has pasted there. */
const isNamed = (namespace: string, name: string): boolean =>
  dnsLabelProblem(namespace) === undefined && dnsSubdomainProblem(name) === undefined;

function sourceIn(annotations: Readonly<Record<string, string>>): CaSource | undefined {
  for (const kind of ['Certificate', 'Secret'] as const) {
    const [namespace = '', name = '', ...more] = annotations[FROM[kind]]?.split('/') ?? [];
    if (isNamed(namespace, name) && more.length === 0) return { kind, namespace, name };
  }
  return undefined;
}

/** What an object carries; nothing of it is kept but its name, its CAs and who writes them. */
export function bundlesOf(kind: OptionalKind, object: KubernetesObject, cluster: string): readonly CaBundle[] {
  const carrier = CARRIERS[kind];
  if (!carrier) return [];
  const { name, annotations = {} } = object.metadata;
  const injected = Object.keys(annotations).some((one) => INJECTED.test(one));
  const from = sourceIn(annotations);
  const texts = new Set(
    carrier.configs(object).flatMap((config) => {
      const text = config.at('caBundle').text();
      return text || (from && isAsked(config)) ? (text ?? '') : [];
    }),
  );
  return [...texts].flatMap((text) => {
    const authorities = readAuthorities(Buffer.from(text, 'base64'));
    if (authorities.length === 0 && !from) return [];
    return [{ object: { cluster, kind: carrier.kind, name }, authorities, injected, ...(from && { from }) }];
  });
}

export interface SourcesQuestion {
  readonly reader: Pick<ClusterReader, 'secret'>;
  readonly cluster: string;
  /** Undefined: they could not be read. */
  readonly certificates: readonly CertificateFound[] | undefined;
  /** Of the TLS Secrets. */
  readonly observations: readonly Observation[];
}

/** Where the CA is; undefined = not known, null = there is no such Certificate. */
function placeOf({ kind, namespace, name }: CaSource, { cluster, certificates }: SourcesQuestion) {
  if (kind === 'Secret') return kubernetesPlace(cluster, namespace, name);
  if (!certificates) return undefined;
  const found = certificates.find(({ id }) => id === `${cluster}/${namespace}/${name}`);
  if (!found) return null;
  const { secretName } = found.asked?.spec ?? {};
  return secretName ? kubernetesPlace(cluster, namespace, secretName) : undefined;
}

/** As the cainjector decides: a Secret must be the Certificate's own, or say that it may be taken. */
const isTaken = ({ kind, name }: CaSource, { annotations }: Observation): boolean =>
  kind === 'Certificate' ? annotations[CERTIFICATE_NAME] === name : annotations[MAY_BE_TAKEN] === 'true';

const holds = ({ authorities }: CaBundle, ca: Observation['ca']): boolean =>
  authorities.some(({ sha256 }) => sha256 === ca?.sha256);

/**
 * The bundles with what is found where they are to be written from. A Secret that is in no list of TLS Secrets, or that seems to hold
 * another CA, is read by its name: it may have changed since it was listed. Throws what the reader throws, but for a refusal.
 */
export async function withSources(
  bundles: readonly CaBundle[],
  question: SourcesQuestion,
): Promise<readonly CaBundle[]> {
  if (bundles.length === 0) return [];
  const placed = bundles.map((bundle) => ({ bundle, place: bundle.from && placeOf(bundle.from, question) }));
  const seen = byPlace(question.observations);
  const doubted = placed.flatMap(({ bundle, place }) => (place && !holds(bundle, seen.get(place)?.ca) ? place : []));
  for (const one of await readPlaces(question.reader, [...new Set(doubted)])) seen.set(one.place, one);
  return placed.map(({ bundle, place }) => {
    const { from } = bundle;
    if (!from || place === undefined) return bundle;
    const observation = place === null ? undefined : seen.get(place);
    const found = {
      ...(place !== null && { place }),
      ...(observation?.ca && { ca: observation.ca }),
      isTaken: observation !== undefined && isTaken(from, observation),
    };
    return { ...bundle, from: { ...from, found } };
  });
}
