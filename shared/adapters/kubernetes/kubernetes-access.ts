/** Who we are in a cluster and what we may do there, as its API server says. Reviews are questions: nothing is stored by them. */
import type { KubernetesObject } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { ClusterConnection, KubernetesRequest } from './kubernetes-transport.ts';

/** One right, in the words of RBAC. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  /** `secrets`, or with its subresource `certificates/status`. */
  readonly resource: string;
  /** Absent = in all of them. */
  readonly namespace?: string;
  readonly name?: string;
}

/** Each throws ProblemError as the connection does: `kubernetes:Unreachable`, `kubernetes:Unauthorized`, `kubernetes:<reason>`. */
export interface KubernetesAccess {
  /** The user name that the server knows us by; undefined = it does not say. */
  user(): Promise<string | undefined>;
  may(right: Right): Promise<boolean>;
  /** Whether there are such objects at all: a right that is missing for them is not missed. */
  serves(group: string, resource: string): Promise<boolean>;
  /**
   * That a Secret would be taken in a namespace: whether there is one, and what its quota and admission say. Asked as a dry run, of which nothing
   * is stored. Throws `kubernetes:NotFound` with the command that makes the namespace, `kubernetes:Forbidden`.
   */
  tries(namespace: string): Promise<void>;
  /** UID of kube-system; undefined = it may not be looked at. */
  uid(): Promise<string | undefined>;
}

const JSON_TYPE = 'application/json';

const reviewOf = (group: string, resource: string, body: object): KubernetesRequest => ({
  ...{ path: `/apis/${group}/v1/${resource}`, verb: 'create', group, resource },
  body: { contentType: JSON_TYPE, value: body },
});

const SELF = reviewOf('authentication.k8s.io', 'selfsubjectreviews', {
  ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
});

function accessReview(right: Right): KubernetesRequest {
  const [resource, subresource] = right.resource.split('/');
  const resourceAttributes = { ...right, resource, ...(subresource === undefined ? {} : { subresource }) };
  return reviewOf('authorization.k8s.io', 'selfsubjectaccessreviews', {
    ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' },
    spec: { resourceAttributes },
  });
}

const KUBE_SYSTEM: KubernetesRequest = {
  ...{ path: '/api/v1/namespaces/kube-system', verb: 'get', group: '', resource: 'namespaces', name: 'kube-system' },
};

const dryRun = (namespace: string): KubernetesRequest => {
  const name = 'nolapse-doctor';
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const value = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque' };
  return {
    ...{
      path: `${path}?dryRun=All&fieldManager=${name}`,
      verb: 'create',
      group: '',
      resource: 'secrets',
      namespace,
      name,
    },
    body: { contentType: JSON_TYPE, value },
  };
};

interface ResourceList {
  readonly resources?: readonly { readonly name: string }[];
}

export const kubernetesAccess = (connection: ClusterConnection): KubernetesAccess => ({
  user: async () => {
    const answer = await connection.ask(SELF);
    // before Kubernetes 1.28 nobody is told who he is
    if (answer.status === 403 || answer.status === 404) return undefined;
    if (answer.status !== 201) throw connection.problem(SELF, answer);
    const { status } = connection.parsed(answer) as { readonly status?: { readonly userInfo?: { username?: string } } };
    return status?.userInfo?.username;
  },
  may: async (right) => {
    const { status } = (await connection.require(accessReview(right))) as { readonly status: { allowed: boolean } };
    return status.allowed;
  },
  serves: async (group, resource) => {
    if (group === '') return true;
    const asked: KubernetesRequest = { path: `/apis/${group}`, verb: 'get', group, resource };
    const answer = await connection.ask(asked);
    if (answer.status === 404) return false;
    if (answer.status !== 200) throw connection.problem(asked, answer);
    const { versions = [] } = connection.parsed(answer) as { readonly versions?: readonly { groupVersion: string }[] };
    const lists = await Promise.all(
      versions.map(({ groupVersion }) => connection.require({ ...asked, path: `/apis/${groupVersion}` })),
    );
    const [kind] = resource.split('/');
    return lists.some((list) => ((list as ResourceList).resources ?? []).some(({ name }) => name === kind));
  },
  tries: async (namespace) => {
    const request = dryRun(namespace);
    const answer = await connection.ask(request);
    if (answer.status === 201 || answer.status === 409) return;
    const { problem } = connection.problem(request, answer);
    const fix = answer.status === 404 ? `kubectl create namespace ${namespace}` : undefined;
    throw new ProblemError(fix === undefined ? problem : { ...problem, fix });
  },
  uid: async () => {
    const answer = await connection.ask(KUBE_SYSTEM);
    if (answer.status === 403) return undefined;
    if (answer.status !== 200) throw connection.problem(KUBE_SYSTEM, answer);
    return (connection.parsed(answer) as KubernetesObject).metadata.uid;
  },
});
