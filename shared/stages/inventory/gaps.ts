/** What could not be read of a cluster, and what is done instead. */
import type { Gap } from '../../contract/observation.ts';
import type { ClusterKind, OptionalKind } from '../../contract/ports.ts';
import { type Problem, problemOf } from '../../contract/problem.ts';
import { FORBIDDEN } from './tls-secrets.ts';

type What = ClusterKind | OptionalKind | 'kube-system';

const INSTEAD: Readonly<Record<What, string>> = {
  'tls-secrets':
    'what the Secrets hold is unknown, Certificates and Ingresses are read all the same, and their hosts asked by handshake',
  ingresses: 'what Ingresses ask for is unknown, nothing is taken for gone',
  certificates: 'what Certificates ask for is unknown, nothing is taken for gone',
  issuers: 'the Issuers of this cluster are unknown',
  'cluster-issuers': 'the ClusterIssuers of this cluster are unknown',
  'validating-webhooks': 'the CAs in their caBundle are unknown',
  'mutating-webhooks': 'the CAs in their caBundle are unknown',
  'custom-resource-definitions': 'the CAs in caBundle of their conversion webhooks are unknown',
  'api-services': 'the CAs in their caBundle are unknown',
  gateways: 'which Secrets Gateways use and ask for is unknown, nothing that they asked for is taken for gone',
  'reference-grants': 'which Secrets of other namespaces Gateways may use is unknown',
  challenges: 'what cert-manager tries to prove in vain is unknown',
  'kube-system': 'whether this is still the same cluster is unknown',
};

const WHOLE_CLUSTER = ['kubernetes:Unreachable', 'kubernetes:Unauthorized'];

/** Whether nothing at all can be had there: the cluster is stale, not half empty. */
export const isOfWholeCluster = ({ type }: Pick<Problem, 'type'>): boolean => WHOLE_CLUSTER.includes(type);

/**
 * What could not be read and what is done instead. Throws the error back where it is no answer of the API server or concerns the whole
 * cluster, and for Secrets where it is anything but a refusal: an empty list must not replace what the last pass knew.
 */
export function gapOf(what: What, error: unknown): Gap {
  const problem = problemOf(error);
  const { type, detail, fix, rule } = problem;
  if (!type.startsWith('kubernetes:') || isOfWholeCluster(problem)) throw error;
  if ((what === 'tls-secrets' || what === 'kube-system') && type !== FORBIDDEN) throw error;
  const instead = INSTEAD[what];
  return { what, problem: `${detail}; ${instead}`, ...(fix && { fix }), ...(rule && { refused: { rule, instead } }) };
}
