/** One cluster of the sandbox with the identities that the cases name. */
import type { KubernetesConfig, KubernetesReady } from '../../../sandbox/kubernetes/config.ts';
import type { ReplayTarget } from './replay.ts';

export const CONFIG: KubernetesConfig = {
  name: 'test',
  tokens: [
    { token: 'admin-token', user: 'admin', groups: ['system:masters'] },
    { token: 'renew-token', user: 'renewer', groups: ['renewers'] },
    { token: 'read-token', user: 'reader', groups: ['readers'] },
    { token: 'nobody-token', user: 'nobody', groups: [] },
  ],
  rbac: {
    renewers: [
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['shop-tls'],
        verbs: ['get', 'patch'],
        namespaces: ['shop'],
      },
    ],
    readers: [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['shop-tls'], verbs: ['list'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list'] },
    ],
  },
  objects: ['shop', 'other'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
};

export const targetOf = ({ server, caPem }: KubernetesReady): ReplayTarget => ({
  server,
  caPem,
  tokens: {
    admin: 'admin-token',
    renewer: 'renew-token',
    reader: 'read-token',
    nobody: 'nobody-token',
    unknown: 'no-token',
  },
});
