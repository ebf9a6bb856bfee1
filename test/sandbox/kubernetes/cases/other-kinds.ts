/** Ingresses, ConfigMaps, and cert-manager's kinds, which come from definitions. */
import { APPLY, type Group, MERGE, STRATEGIC } from '../replay.ts';

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
    { name: 'issuers', request: `GET ${base}/issuers` },
    { name: 'no right', as: 'nobody', request: `GET ${base}/clusterissuers/own` },
  ],
};
