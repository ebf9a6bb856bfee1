/** Port 9 over a Kubernetes API server: lists page by page, and single Secrets. Writes nothing. */
import { PAGE_SIZE } from '../../contract/limits.ts';
import type { ClusterKind, ClusterReader, KubernetesObject, OptionalKind } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { type ClusterConnection, type KubernetesRequest, TOO_LARGE } from './kubernetes-transport.ts';
import { getSecret } from './secret-request.ts';

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly fieldSelector?: string;
  /** Whole objects in one page; default PAGE_SIZE. */
  readonly pageSize?: number;
}

const certManager = (resource: string): Kind => ({ group: 'cert-manager.io', version: 'v1', resource });

const admission = (resource: string): Kind => ({ group: 'admissionregistration.k8s.io', version: 'v1', resource });
const gateway = (version: string, resource: string): Kind => ({
  group: 'gateway.networking.k8s.io',
  version,
  resource,
});

const KINDS: Readonly<Record<ClusterKind | OptionalKind, Kind>> = {
  'tls-secrets': { group: '', version: 'v1', resource: 'secrets', fieldSelector: 'type=kubernetes.io/tls' },
  ingresses: { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' },
  certificates: certManager('certificates'),
  issuers: certManager('issuers'),
  'cluster-issuers': certManager('clusterissuers'),
  'validating-webhooks': admission('validatingwebhookconfigurations'),
  'mutating-webhooks': admission('mutatingwebhookconfigurations'),
  // each has the schemas of all its versions: 100 kB are not rare
  'custom-resource-definitions': {
    ...{ group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
    pageSize: 20,
  },
  'api-services': { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' },
  gateways: gateway('v1', 'gateways'),
  challenges: { group: 'acme.cert-manager.io', version: 'v1', resource: 'challenges' },
  'reference-grants': gateway('v1beta1', 'referencegrants'),
};

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const MAX_RESTARTS = 3;
const EXPIRED = 410;

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly KubernetesObject[];
}

/** The reader of one cluster; the connection stays the caller's to close. */
export const kubernetesClusterReader = (connection: ClusterConnection): ClusterReader => ({
  uid: () => uidOf(connection),
  pages: (kind, as) => pagesOf(connection, KINDS[kind], as === 'metadata' ? METADATA : undefined),
  secret: async (namespace, name) => {
    const request = getSecret(namespace, name);
    const answer = await connection.ask(request);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw connection.problem(request, answer);
    return connection.parsed(answer) as KubernetesObject;
  },
});

async function uidOf(connection: ClusterConnection): Promise<string> {
  const name = 'kube-system';
  const path = `/api/v1/namespaces/${name}`;
  const namespace = await connection.require({ path, verb: 'get', group: '', resource: 'namespaces', name });
  return (namespace as KubernetesObject).metadata.uid;
}

const groupPath = ({ group, version }: Kind): string => (group ? `/apis/${group}/${version}` : `/api/${version}`);

interface Where {
  readonly token: string | undefined;
  readonly limit: number;
}

function listRequest(kind: Kind, { token, limit }: Where, accept: string | undefined): KubernetesRequest {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(kind.fieldSelector && { fieldSelector: kind.fieldSelector }),
    ...(token && { continue: token }),
  });
  const path = `${groupPath(kind)}/${kind.resource}?${query}`;
  return { path, verb: 'list', group: kind.group, resource: kind.resource, ...(accept && { accept }) };
}

/** A list that starts again gives only what it has not given yet, so that every object comes once in its newest version seen. */
async function* pagesOf(
  connection: ClusterConnection,
  kind: Kind,
  accept: string | undefined,
): AsyncGenerator<readonly KubernetesObject[]> {
  const given = new Map<string, string>();
  let token: string | undefined;
  let restarts = 0;
  let limit = (accept ? undefined : kind.pageSize) ?? PAGE_SIZE;
  for (;;) {
    const request = listRequest(kind, { token, limit }, accept);
    const answer = await connection.ask(request).catch(tooLarge);
    if (answer instanceof ProblemError) {
      if (limit === 1) throw answer;
      limit = Math.ceil(limit / 4);
      continue;
    }
    if (answer.status === EXPIRED && token && restarts < MAX_RESTARTS) {
      restarts += 1;
      token = undefined;
      continue;
    }
    if (answer.status !== 200) {
      if (await isNotServed(connection, kind, answer.status)) return;
      throw connection.problem(request, answer);
    }
    const page = connection.parsed(answer) as Page;
    const fresh = (page.items ?? []).filter((item) => isNew(given, item));
    if (fresh.length > 0) yield fresh;
    token = page.metadata?.continue || undefined;
    if (!token) return;
  }
}

/** Where a group is not served, somebody without rights in it is told 403 before anything else; discovery is open to everybody. */
async function isNotServed(connection: ClusterConnection, kind: Kind, status: number): Promise<boolean> {
  if (!kind.group) return false;
  if (status === 404) return true;
  if (status !== 403) return false;
  const { group, resource } = kind;
  const discovery = await connection.ask({ path: groupPath(kind), verb: 'get', group, resource });
  return discovery.status === 404;
}

/** Secrets of 1 MB are allowed, and a page of them may be more than is taken in one answer. */
function tooLarge(error: unknown): ProblemError {
  if (error instanceof ProblemError && error.problem.type === TOO_LARGE) return error;
  throw error;
}

function isNew(given: Map<string, string>, { metadata }: KubernetesObject): boolean {
  if (given.get(metadata.uid) === metadata.resourceVersion) return false;
  given.set(metadata.uid, metadata.resourceVersion);
  return true;
}
