/** Port 10 over Kubernetes Secrets: creates what is absent, replaces what was seen by server-side apply, changes owners by merge patch. */
import { type Place, placeParts } from '../../contract/ids.ts';
import type { Bundle, DestinationAdapter, KubernetesObject, Written } from '../../contract/ports.ts';
import { type Problem, ProblemError } from '../../contract/problem.ts';
import { observeSecret } from '../../standards/kubernetes/observe.ts';
import { holdsAlready, secretBody } from '../../standards/kubernetes/secret-apply.ts';
import { releasePatch, sharePatch } from '../../standards/kubernetes/secret-owners.ts';
import { kubernetesClusterReader } from './kubernetes-cluster-reader.ts';
import type { ClusterConnection, KubernetesRequest } from './kubernetes-transport.ts';
import { applySecret, changeOwners, createSecret } from './secret-request.ts';

export interface SecretDestinationOptions {
  readonly connection: ClusterConnection;
  /** Names the field manager, `nolapse-<fleet>`. */
  readonly fleet: string;
}

/** Statuses that are no answer to the request, but to the moment. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 410, 429]);

/** The Secrets of one cluster. Throws TypeError for a place of another cluster; all else as the port says. */
export function kubernetesSecretDestination({ connection, fleet }: SecretDestinationOptions): DestinationAdapter {
  const reader = kubernetesClusterReader(connection);
  const live = (place: Place): Promise<KubernetesObject | undefined> => {
    const { namespace, name } = partsIn(connection.cluster, place);
    return reader.secret(namespace, name);
  };
  /** With the co-owner recorded on what the first request left, unless it is already. */
  const shared = async (first: Sent, { coOwner, labels, annotations }: Bundle): Promise<Written> => {
    if (first.outcome === 'refused') return first;
    const { metadata } = first;
    const patch = coOwner === undefined ? undefined : sharePatch(metadata, coOwner, { labels, annotations });
    if (!patch) return { outcome: first.outcome, version: metadata.resourceVersion };
    const { namespace = '', name } = metadata;
    const second = await sent(connection, changeOwners({ namespace, name }, patch, fleet));
    return second.outcome === 'refused' ? second : { outcome: 'written', version: second.metadata.resourceVersion };
  };
  return {
    read: async (place) => {
      const secret = await live(place);
      return secret && observeSecret(secret, connection.cluster);
    },
    write: async (place, bundle, seenVersion) => {
      const at = partsIn(connection.cluster, place);
      if (seenVersion === undefined)
        return shared(await sent(connection, createSecret(secretBody(bundle, at), fleet)), bundle);
      const secret = await live(place);
      if (secret?.metadata.resourceVersion !== seenVersion) throw movedOn(place, secret !== undefined);
      const body = secretBody(bundle, at, secret);
      if (holdsAlready(secret, body)) return shared({ outcome: 'unchanged', metadata: secret.metadata }, bundle);
      return shared(await sent(connection, applySecret(body, fleet)), bundle);
    },
    release: async (place, seenVersion) => {
      const secret = await live(place);
      if (secret?.metadata.resourceVersion !== seenVersion) throw movedOn(place, secret !== undefined);
      const patch = releasePatch(secret, fleet);
      if (!patch) return { outcome: 'unchanged' };
      const answer = await sent(connection, changeOwners(partsIn(connection.cluster, place), patch, fleet));
      return answer.outcome === 'refused' ? answer : { outcome: 'released' };
    },
  };
}

function partsIn(cluster: string, place: Place): { readonly namespace: string; readonly name: string } {
  const parts = placeParts(place);
  if (parts.at === 'kubernetes' && parts.cluster === cluster) return parts;
  throw new TypeError(`${place} is not in the cluster ${cluster}`);
}

type Sent =
  | { readonly outcome: 'written' | 'unchanged'; readonly metadata: KubernetesObject['metadata'] }
  | Extract<Written, { readonly outcome: 'refused' }>;

async function sent(connection: ClusterConnection, request: KubernetesRequest): Promise<Sent> {
  const answer = await connection.ask(request);
  if (answer.status === 200 || answer.status === 201) {
    const { metadata } = connection.parsed(answer) as KubernetesObject;
    return { outcome: 'written', metadata };
  }
  const { problem } = connection.problem(request, answer);
  if (TRANSIENT.has(answer.status) || answer.status >= 500) throw new ProblemError(problem);
  return { outcome: 'refused', problem: { ...problem, ...remedy(request, answer.status) } };
}

/** What somebody must change before the same request can succeed. */
function remedy({ namespace, name }: KubernetesRequest, status: number): Partial<Problem> {
  if (status === 404) return { retry: 'later', fix: `create the namespace ${namespace}, or correct the destination` };
  if (status === 422)
    return { retry: 'never', fix: `delete the Secret ${namespace}/${name}, so that it can be made anew` };
  return {};
}

const movedOn = (place: Place, isThere: boolean): ProblemError =>
  new ProblemError({
    type: 'kubernetes:Conflict',
    detail: `${place}: the Secret was ${isThere ? 'changed' : 'deleted'} after it was looked at`,
    status: 409,
    retry: 'later',
  });
