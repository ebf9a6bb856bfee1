/** Requests about single Secrets, each with what RBAC calls it. */
import { fieldManager } from '../../contract/marks.ts';
import type { SecretBody } from '../../standards/kubernetes/secret-apply.ts';
import type { OwnersPatch } from '../../standards/kubernetes/secret-owners.ts';
import type { KubernetesRequest } from './kubernetes-transport.ts';

const SECRETS = { group: '', resource: 'secrets' } as const;
export const APPLY_PATCH = 'application/apply-patch+yaml';
export const MERGE_PATCH = 'application/merge-patch+json';

const folder = (namespace: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;

export const getSecret = (namespace: string, name: string): KubernetesRequest => ({
  ...SECRETS,
  path: `${folder(namespace)}/${encodeURIComponent(name)}`,
  verb: 'get',
  namespace,
  name,
});

/** Creates, and only that: 409 AlreadyExists where a Secret of the name is there by now. */
export const createSecret = (body: SecretBody, fleet: string): KubernetesRequest => ({
  ...SECRETS,
  path: `${folder(body.metadata.namespace)}?${new URLSearchParams({ fieldManager: fieldManager(fleet) })}`,
  verb: 'create',
  namespace: body.metadata.namespace,
  name: body.metadata.name,
  body: { contentType: 'application/json', value: body },
});

/** Server-side apply that takes the fields over. The body's resourceVersion makes it fail with 409 on anything newer than what was seen. */
export const applySecret = (body: SecretBody, fleet: string): KubernetesRequest => {
  const { namespace, name } = body.metadata;
  const query = new URLSearchParams({ fieldManager: fieldManager(fleet), force: 'true' });
  return {
    ...SECRETS,
    path: `${folder(namespace)}/${encodeURIComponent(name)}?${query}`,
    verb: 'patch',
    namespace,
    name,
    body: { contentType: APPLY_PATCH, value: body },
  };
};

/** Takes off what the patch names, and sets owners. The server names us as the one who did, who owns nothing by it. */
export const changeOwners = (
  { namespace, name }: { readonly namespace: string; readonly name: string },
  patch: OwnersPatch,
  fleet: string,
): KubernetesRequest => ({
  ...SECRETS,
  path: `${folder(namespace)}/${encodeURIComponent(name)}?${new URLSearchParams({ fieldManager: fieldManager(fleet) })}`,
  verb: 'patch',
  namespace,
  name,
  body: { contentType: MERGE_PATCH, value: patch },
});
