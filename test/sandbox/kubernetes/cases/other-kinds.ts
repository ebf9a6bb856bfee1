/** Ingresses, ConfigMaps, and cert-manager's kinds, which come from definitions. */
import { APPLY, type Group, MERGE, STRATEGIC, type Step } from '../replay.ts';

const ingresses = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';
const rule = (host: string) => ({
  host,
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }] },
});
const ingress = (spec: object, metadata: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', ...metadata },
  spec,
});

export const ingressGroup: Group = {
  name: 'Ingresses',
  crds: false,
  steps: [
    {
      name: 'created',
      request: `POST ${ingresses}?fieldManager=kubectl-create`,
      body: ingress({
        ingressClassName: 'nginx',
        tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
        rules: [rule('shop.example.com')],
      }),
    },
    {
      name: 'annotated',
      request: `PATCH ${ingresses}/shop?fieldManager=kubectl-annotate`,
      type: MERGE,
      body: { metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } } },
    },
    {
      name: 'changed',
      request: `PATCH ${ingresses}/shop?fieldManager=kubectl-edit`,
      type: STRATEGIC,
      body: { spec: { tls: [{ hosts: ['shop.example.com', 'www.example.com'], secretName: 'shop-tls' }] } },
    },
    {
      name: 'applied over',
      request: `PATCH ${ingresses}/shop?fieldManager=ours`,
      type: APPLY,
      body: ingress({ tls: [{ hosts: ['x.example.com'], secretName: 'x' }] }),
    },
    { name: 'listed everywhere', request: 'GET /apis/networking.k8s.io/v1/ingresses' },
    { name: 'deleted', request: `DELETE ${ingresses}/shop` },
    {
      name: 'a ConfigMap',
      request: 'POST /api/v1/namespaces/shop/configmaps?fieldManager=x',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } },
    },
  ],
};

const base = '/apis/cert-manager.io/v1';
const certificates = `${base}/namespaces/shop/certificates`;
const certificate = (spec: object, more: object = {}) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'shop' },
  spec: { secretName: 'shop-tls', issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' }, ...spec },
  ...more,
});

const condition = (type: string, status: string) => ({
  ...{ type, status, reason: 'Any', lastTransitionTime: '2026-11-29T00:00:00Z', observedGeneration: 2 },
});
const told = (status: object, metadata: object = {}) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'shop', namespace: 'shop', ...metadata },
  status,
});
const applied = (name: string, body: object, more: Partial<Step> & { readonly query?: string } = {}): Step => {
  const { query = 'fieldManager=ours&force=true', ...step } = more;
  return { name, request: `PATCH ${certificates}/shop/status?${query}`, type: APPLY, body, ...step };
};
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** What is told by the path of the status alone. */
const statusSteps: readonly Step[] = [
  { name: 'its status is read by its own path', request: `GET ${certificates}/shop/status`, label: 's' },
  applied('a status applied over another', told({ revision: 4 }), { query: 'fieldManager=ours' }),
  applied('a status applied with force', told({ revision: 4, conditions: [condition('Ready', 'False')] })),
  applied('the same status again changes nothing', told({ revision: 4, conditions: [condition('Ready', 'False')] })),
  {
    name: 'a condition of another beside it',
    request: `PATCH ${certificates}/shop/status?fieldManager=cert-manager`,
    type: MERGE,
    body: { status: { conditions: [condition('Ready', 'False'), condition('Issuing', 'True')] } },
  },
  applied('a status applied leaves the conditions of others', told({ conditions: [condition('Ready', 'True')] })),
  {
    name: 'what is no longer so is taken away',
    request: `PATCH ${certificates}/shop/status?fieldManager=ours`,
    type: MERGE,
    body: { status: { conditions: [condition('Ready', 'True')], notAfter: null } },
  },
  applied('a spec beside a status is left alone', {
    ...told({ conditions: [condition('Ready', 'True')] }),
    spec: { secretName: 'other' },
  }),
  applied(
    'a status over what was not seen',
    told({ conditions: [condition('Ready', 'True')] }, { resourceVersion: '<s.rv>' }),
  ),
  applied('a status of none', told({ revision: 1 }, { name: 'none' }), {
    request: `PATCH ${certificates}/none/status?fieldManager=ours&force=true`,
  }),
  {
    name: 'a status of none read',
    request: `GET ${certificates}/none/status`,
  },
  { name: 'listed as people see it', request: `GET ${certificates}`, accept: TABLE },
];

export const certManagerGroup: Group = {
  name: "cert-manager's kinds",
  crds: true,
  steps: [
    {
      name: 'created',
      request: `POST ${certificates}?fieldManager=kubectl-create`,
      body: certificate({ dnsNames: ['shop.example.com'] }),
      label: 'a',
    },
    { name: 'read', request: `GET ${certificates}/shop` },
    {
      name: 'changed',
      request: `PATCH ${certificates}/shop?fieldManager=kubectl-patch`,
      type: MERGE,
      body: { spec: { dnsNames: ['shop.example.com', 'www.example.com'] } },
    },
    {
      name: 'annotated',
      request: `PATCH ${certificates}/shop?fieldManager=kubectl-patch`,
      type: MERGE,
      body: { metadata: { annotations: { a: 'b' } } },
    },
    {
      name: 'its status is left alone',
      request: `PATCH ${certificates}/shop?fieldManager=kubectl-patch`,
      type: MERGE,
      body: { status: { revision: 3 } },
    },
    {
      name: 'its status by its own path',
      request: `PATCH ${certificates}/shop/status?fieldManager=cert-manager`,
      type: MERGE,
      body: { status: { revision: 3, notAfter: '2027-01-01T00:00:00Z' } },
    },
    ...statusSteps,
    {
      name: 'a strategic patch is none of its',
      request: `PATCH ${certificates}/shop`,
      type: STRATEGIC,
      body: { spec: {} },
    },
    { name: 'a replacement without version', request: `PUT ${certificates}/shop`, body: certificate({}) },
    {
      name: 'a stale replacement',
      request: `PUT ${certificates}/shop`,
      body: certificate({}, { metadata: { name: 'shop', resourceVersion: '<a.rv>' } }),
    },
    {
      name: 'applied',
      request: `PATCH ${certificates}/shop?fieldManager=ours`,
      type: APPLY,
      body: certificate({ dnsNames: ['y.example.com'] }),
    },
    {
      name: 'applied anew',
      request: `PATCH ${certificates}/new?fieldManager=ours`,
      type: APPLY,
      body: certificate({ dnsNames: ['y.example.com'] }, { metadata: { name: 'new' } }),
    },
    { name: 'listed everywhere', request: `GET ${base}/certificates` },
    { name: 'listed by its name', request: `GET ${base}/certificates?fieldSelector=metadata.name%3Dnew` },
    { name: 'a field that cannot be selected', request: `GET ${base}/certificates?fieldSelector=spec.x%3Dnew` },
    { name: 'none of that name', request: `GET ${certificates}/none` },
    { name: 'deleted', request: `DELETE ${certificates}/shop` },
    {
      name: 'an issuer of the cluster',
      request: `POST ${base}/clusterissuers?fieldManager=x`,
      body: {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        metadata: { name: 'own' },
        spec: { selfSigned: {} },
      },
    },
    { name: 'issuers of the cluster as people see them', request: `GET ${base}/clusterissuers`, accept: TABLE },
    { name: 'issuers', request: `GET ${base}/issuers` },
    { name: 'no right', as: 'nobody', request: `GET ${base}/clusterissuers/own` },
  ],
};
