/** Who may do what: tokens, RBAC by verb, namespace and name, and paths that lead nowhere. */
import { type Group, MERGE } from '../replay.ts';

const path = '/api/v1/namespaces/shop/secrets';
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { a: 'YQ==' } });
const review = (resourceAttributes: object) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes },
});
const reviews = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export const accessGroup: Group = {
  name: 'who may do what',
  crds: false,
  steps: [
    { name: 'no token', as: 'anonymous', request: 'GET /api/v1/secrets' },
    { name: 'an unknown token', as: 'unknown', request: 'GET /api/v1/secrets' },
    { name: 'no right to list', as: 'nobody', request: 'GET /api/v1/secrets' },
    { name: 'no right to list in a namespace', as: 'nobody', request: `GET ${path}` },
    { name: 'no right to get', as: 'nobody', request: `GET ${path}/a` },
    { name: 'no right to create', as: 'nobody', request: `POST ${path}`, body: secret('a') },
    { name: 'no right to update', as: 'nobody', request: `PUT ${path}/a`, body: secret('a') },
    { name: 'no right to patch', as: 'nobody', request: `PATCH ${path}/a`, type: MERGE, body: {} },
    { name: 'no right to delete', as: 'nobody', request: `DELETE ${path}/a` },
    { name: 'no right to delete all', as: 'nobody', request: `DELETE ${path}` },
    { name: 'no right to watch', as: 'nobody', request: `GET ${path}?watch=true` },
    {
      name: 'no right to an Ingress',
      as: 'nobody',
      request: 'GET /apis/networking.k8s.io/v1/namespaces/shop/ingresses/a',
    },
    { name: 'no right to a namespace', as: 'nobody', request: 'GET /api/v1/namespaces/shop' },
    { name: 'no right to namespaces', as: 'nobody', request: 'GET /api/v1/namespaces' },
    {
      name: 'no right to a kind that is not there',
      as: 'nobody',
      request: 'GET /apis/cert-manager.io/v1/certificates',
    },
    { name: 'no right to a path', as: 'nobody', request: 'GET /metrics' },
    { name: 'the right to a name', as: 'renewer', request: `GET ${path}/shop-tls` },
    { name: 'is none to another', as: 'renewer', request: `GET ${path}/other-tls` },
    { name: 'nor in another namespace', as: 'renewer', request: 'GET /api/v1/namespaces/other/secrets/shop-tls' },
    { name: 'nor to the list', as: 'renewer', request: `GET ${path}` },
    {
      name: 'but to the list of one name',
      as: 'reader',
      request: `GET ${path}?fieldSelector=metadata.name%3Dshop-tls`,
    },
    { name: 'the right to list everywhere', as: 'reader', request: 'GET /apis/networking.k8s.io/v1/ingresses' },
    { name: 'a kind that is not there', request: 'GET /apis/cert-manager.io/v1/certificates' },
    { name: 'a group that is not there', request: 'GET /apis/cert-manager.io/v1' },
    { name: 'a resource that is not there', request: 'GET /api/v1/foos' },
    { name: 'a subresource that is not there', request: `GET ${path}/a/status` },
    { name: 'a path that is not there', request: 'GET /nowhere' },
    { name: 'a namespace that is not there', request: 'GET /api/v1/namespaces/none' },
    { name: 'the list of a namespace that is not there', request: 'GET /api/v1/namespaces/none/secrets' },
    { name: 'readiness', request: 'GET /readyz' },
    {
      name: 'may I',
      as: 'renewer',
      request: reviews,
      body: review({ verb: 'get', resource: 'secrets', namespace: 'shop', name: 'shop-tls' }),
    },
    { name: 'may I not', as: 'renewer', request: reviews, body: review({ verb: 'list', resource: 'secrets' }) },
    {
      name: 'may I all',
      request: reviews,
      body: review({ verb: 'delete', group: 'cert-manager.io', resource: 'certificates' }),
    },
    {
      name: 'may I what',
      as: 'renewer',
      request: reviews,
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} },
    },
    { name: 'may I cut off', request: reviews, body: '{' },
    { name: 'may nobody', as: 'nobody', request: reviews, body: review({ verb: 'list', resource: 'secrets' }) },
  ],
};
