/** Port 5 for Secrets of a cluster: one key of one Secret, by name. */
import type { KubernetesObject, ReadSecret, SecretRef } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { ClusterConnection } from './kubernetes-transport.ts';
import { getSecret } from './secret-request.ts';

/**
 * Reads keys of Secrets in this cluster. Throws ProblemError `nolapse:secret-missing` (retry later) for an absent Secret or key,
 * `kubernetes:<reason>` where the cluster refuses; TypeError for a reference that is not to this cluster.
 */
export const kubernetesReadSecret =
  ({ connection }: { readonly connection: ClusterConnection }): ReadSecret =>
  async (ref) => {
    if (ref.from !== 'cluster' || ref.cluster !== connection.cluster)
      throw new TypeError(`the Secret ${ref.name} is not one of the cluster ${connection.cluster}`);
    const request = getSecret(ref.namespace, ref.name);
    const answer = await connection.ask(request);
    const { namespace, name, key } = ref;
    if (answer.status === 404)
      throw missing(
        ref,
        'does not exist',
        `kubectl -n ${namespace} create secret generic ${name} --from-file=${key}=FILE`,
      );
    if (answer.status !== 200) throw connection.problem(request, answer);
    const { data } = connection.parsed(answer) as KubernetesObject;
    const value = data?.[key];
    if (value) return Buffer.from(value, 'base64');
    const keys =
      Object.keys(data ?? {})
        .sort()
        .join(', ') || 'none';
    throw missing(
      ref,
      `has no key ${key}; it has ${keys}`,
      `put ${key} into the Secret, or name the key that is meant`,
    );
  };

type ClusterRef = Extract<SecretRef, { from: 'cluster' }>;

const missing = ({ cluster, namespace, name }: ClusterRef, what: string, fix: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:secret-missing',
    detail: `${cluster}: the Secret ${namespace}/${name} ${what}`,
    retry: 'later',
    fix,
  });
