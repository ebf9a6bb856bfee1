/** Port 13 over the status subresource of cert-manager's kinds: read, and written by server-side apply over what was seen. */
import { fieldManager } from '../../contract/marks.ts';
import type { KubernetesObject, StatusWriter } from '../../contract/ports.ts';
import type { ToldObject } from '../../contract/status.ts';
import type { ClusterConnection, KubernetesRequest } from './kubernetes-transport.ts';
import { APPLY_PATCH, MERGE_PATCH } from './secret-request.ts';

export interface StatusWriterOptions {
  readonly connection: ClusterConnection;
  /** Names the field manager, `nolapse-<fleet>`. */
  readonly fleet: string;
}

const GROUP = 'cert-manager.io';
const API_VERSION = `${GROUP}/v1`;
const PLURALS = { Certificate: 'certificates', Issuer: 'issuers', ClusterIssuer: 'clusterissuers' } as const;

/** In the words of RBAC, which say no name: whoever lacks the right for one lacks it for all. None is needed on the object itself. */
function about({ kind, namespace, name }: ToldObject, verb: 'get' | 'patch'): KubernetesRequest {
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return {
    path: `/apis/${API_VERSION}${where}/${PLURALS[kind]}/${encodeURIComponent(name)}/status`,
    ...{ verb, group: GROUP, resource: `${PLURALS[kind]}/status` },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** The statuses of one cluster; the connection stays the caller's to close. */
export function kubernetesStatusWriter({ connection, fleet }: StatusWriterOptions): StatusWriter {
  const us = fieldManager(fleet);
  const patch = async (object: ToldObject, contentType: string, value: object): Promise<string> => {
    const request = about(object, 'patch');
    const isApply = contentType === APPLY_PATCH;
    const query = new URLSearchParams({ fieldManager: us, ...(isApply ? { force: 'true' } : {}) });
    const sent = { ...request, path: `${request.path}?${query}`, body: { contentType, value } };
    return ((await connection.require(sent)) as KubernetesObject).metadata.resourceVersion;
  };
  return {
    read: async (object) => {
      const request = about(object, 'get');
      const answer = await connection.ask(request);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw connection.problem(request, answer);
      return connection.parsed(answer) as KubernetesObject;
    },
    write: async (object, { clear, status }, seenVersion) => {
      const { kind, namespace, name } = object;
      // an apply takes away what it alone has applied, and nothing of others
      const version = clear
        ? await patch(object, MERGE_PATCH, { metadata: { resourceVersion: seenVersion }, status: clear })
        : seenVersion;
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }), resourceVersion: version };
      await patch(object, APPLY_PATCH, { apiVersion: API_VERSION, kind, metadata, status });
    },
  };
}
