/** The kinds that are served and what distinguishes them: paths, scope, defaults, and how strict the API server is with each. */
import type { Fields } from './object.ts';

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Served from a definition: no strategic patches, no update without a version, unknown fields kept. */
  readonly custom: boolean;
  /** Whether `status` has a path of its own and `generation` counts changes outside metadata and status. */
  readonly status: boolean;
  /** Fields beside apiVersion, kind and metadata; undefined = any. */
  readonly fields?: readonly string[];
  /** What an object has before anybody wrote it: owned by nobody. */
  readonly empty: Fields;
}

const builtIn = { custom: false, status: false, empty: {} } as const;

export const NAMESPACES: Resource = {
  ...builtIn,
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  fields: ['spec', 'status'],
  empty: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
};

const BUILT_IN: readonly Resource[] = [
  NAMESPACES,
  {
    ...builtIn,
    group: '',
    version: 'v1',
    plural: 'secrets',
    singular: 'secret',
    kind: 'Secret',
    shortNames: [],
    namespaced: true,
    fields: ['data', 'stringData', 'type', 'immutable'],
  },
  {
    ...builtIn,
    group: '',
    version: 'v1',
    plural: 'configmaps',
    singular: 'configmap',
    kind: 'ConfigMap',
    shortNames: ['cm'],
    namespaced: true,
    fields: ['data', 'binaryData', 'immutable'],
  },
  {
    ...builtIn,
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'ingresses',
    singular: 'ingress',
    kind: 'Ingress',
    shortNames: ['ing'],
    namespaced: true,
    status: true,
    fields: ['spec', 'status'],
    empty: { spec: {}, status: { loadBalancer: {} } },
  },
];

const webhooks = (kind: string): Resource => ({
  ...builtIn,
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  kind,
  shortNames: [],
  namespaced: false,
  fields: ['webhooks'],
});

/** Nothing is served because of them, and nobody is asked. */
const EXTENSIONS: readonly Resource[] = [
  {
    ...builtIn,
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    singular: 'customresourcedefinition',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    namespaced: false,
    status: true,
    fields: ['spec', 'status'],
  },
  {
    ...builtIn,
    group: 'apiregistration.k8s.io',
    version: 'v1',
    plural: 'apiservices',
    singular: 'apiservice',
    kind: 'APIService',
    shortNames: [],
    namespaced: false,
    status: true,
    fields: ['spec', 'status'],
  },
];

const custom = (
  plural: string,
  kind: string,
  more: Pick<Resource, 'namespaced'> & Partial<Pick<Resource, 'group' | 'version' | 'shortNames' | 'status'>>,
): Resource => ({
  group: 'cert-manager.io',
  version: 'v1',
  plural,
  singular: kind.toLowerCase(),
  kind,
  shortNames: [],
  custom: true,
  status: true,
  empty: {},
  ...more,
});

const CERT_MANAGER: readonly Resource[] = [
  custom('certificates', 'Certificate', { namespaced: true, shortNames: ['cert', 'certs'] }),
  custom('certificaterequests', 'CertificateRequest', { namespaced: true, shortNames: ['cr', 'crs'] }),
  custom('issuers', 'Issuer', { namespaced: true }),
  custom('clusterissuers', 'ClusterIssuer', { namespaced: false }),
  custom('challenges', 'Challenge', { group: 'acme.cert-manager.io', namespaced: true }),
];

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const GATEWAY_API: readonly Resource[] = [
  custom('gateways', 'Gateway', { group: GATEWAY_GROUP, namespaced: true, shortNames: ['gtw'] }),
  custom('referencegrants', 'ReferenceGrant', {
    ...{ group: GATEWAY_GROUP, version: 'v1beta1', namespaced: true, shortNames: ['refgrant'], status: false },
  }),
];

const WEBHOOKS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map(webhooks);

/** Whose definitions a cluster has. */
export interface Definitions {
  readonly certManagerCrds?: boolean;
  readonly gatewayCrds?: boolean;
}

export const resourcesOf = ({ certManagerCrds = false, gatewayCrds = false }: Definitions): readonly Resource[] => [
  ...BUILT_IN,
  ...WEBHOOKS,
  ...EXTENSIONS,
  ...(certManagerCrds ? CERT_MANAGER : []),
  ...(gatewayCrds ? GATEWAY_API : []),
];

export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** `secrets`, `certificates.cert-manager.io`. */
export const qualifiedName = ({ group, plural }: Pick<Resource, 'group' | 'plural'>): string =>
  group === '' ? plural : `${plural}.${group}`;
