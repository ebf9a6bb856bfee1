/** A small Kubernetes client with an administrator's token over plain https: sets scenes and looks at outcomes, past the recorder. */
import * as https from 'node:https';
import { AS_TABLE, linesOfTable, linesOfText } from './shown.ts';
import type { AdminAnswer, AdminClient, Manifest, ManifestRef } from './world.ts';

export interface AdminAccess {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Standard output of kubectl as the administrator, where there is one. */
  readonly kubectl?: (args: readonly string[]) => Promise<string>;
}

const PLURALS = {
  Secret: { prefix: '/api/v1', plural: 'secrets', apiVersion: 'v1' },
  ConfigMap: { prefix: '/api/v1', plural: 'configmaps', apiVersion: 'v1' },
  Namespace: { prefix: '/api/v1', plural: 'namespaces', apiVersion: 'v1' },
  Ingress: { prefix: '/apis/networking.k8s.io/v1', plural: 'ingresses', apiVersion: 'networking.k8s.io/v1' },
  Certificate: { prefix: '/apis/cert-manager.io/v1', plural: 'certificates', apiVersion: 'cert-manager.io/v1' },
  CertificateRequest: {
    prefix: '/apis/cert-manager.io/v1',
    plural: 'certificaterequests',
    apiVersion: 'cert-manager.io/v1',
  },
  Issuer: { prefix: '/apis/cert-manager.io/v1', plural: 'issuers', apiVersion: 'cert-manager.io/v1' },
  ClusterIssuer: { prefix: '/apis/cert-manager.io/v1', plural: 'clusterissuers', apiVersion: 'cert-manager.io/v1' },
  ValidatingWebhookConfiguration: {
    prefix: '/apis/admissionregistration.k8s.io/v1',
    plural: 'validatingwebhookconfigurations',
    apiVersion: 'admissionregistration.k8s.io/v1',
  },
  Gateway: {
    prefix: '/apis/gateway.networking.k8s.io/v1',
    plural: 'gateways',
    apiVersion: 'gateway.networking.k8s.io/v1',
  },
  ReferenceGrant: {
    prefix: '/apis/gateway.networking.k8s.io/v1beta1',
    plural: 'referencegrants',
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
  },
  Challenge: { prefix: '/apis/acme.cert-manager.io/v1', plural: 'challenges', apiVersion: 'acme.cert-manager.io/v1' },
  CustomResourceDefinition: {
    prefix: '/apis/apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    apiVersion: 'apiextensions.k8s.io/v1',
  },
  APIService: {
    prefix: '/apis/apiregistration.k8s.io/v1',
    plural: 'apiservices',
    apiVersion: 'apiregistration.k8s.io/v1',
  },
} satisfies Record<ManifestRef['kind'], { prefix: string; plural: string; apiVersion: string }>;

const isKnown = (kind: string): kind is ManifestRef['kind'] => kind in PLURALS;

function pathOf(ref: {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string;
}): string {
  if (!isKnown(ref.kind)) throw new TypeError(`kind ${ref.kind}: not one of ${Object.keys(PLURALS).join(', ')}`);
  const { prefix, plural } = PLURALS[ref.kind];
  const scope = ref.namespace ? `/namespaces/${ref.namespace}` : '';
  return `${prefix}${scope}/${plural}${ref.name ? `/${ref.name}` : ''}`;
}

const refOf = ({ kind, metadata }: Manifest): { kind: string; namespace?: string; name: string } => ({
  kind,
  name: metadata.name,
  ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
});

export class AdminRequestError extends Error {
  override readonly name = 'AdminRequestError';
  readonly status: number;
  constructor(method: string, path: string, answer: AdminAnswer) {
    super(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
    this.status = answer.status;
  }
}

/** The manifest with the annotation that client-side apply keeps its last input in. */
function withLastApplied(manifest: Manifest): Manifest {
  const text = `${JSON.stringify(manifest)}\n`;
  const annotations = { ...manifest.metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration': text };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** What was asked for, or undefined when the server says 404. */
async function unlessNone(asked: Promise<Manifest>): Promise<Manifest | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AdminRequestError && error.status === 404) return undefined;
    throw error;
  }
}

function send(
  access: AdminAccess,
  method: string,
  path: string,
  body?: { type: string; text: string },
  accept = 'application/json',
): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${access.token}`,
      accept,
      ...(body ? { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) } : {}),
    };
    const request = https.request(
      new URL(path, access.url),
      { method, headers, ca: access.caPem, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    request.on('error', reject);
    request.end(body?.text);
  });
}

/** The administrator of one cluster. */
export function adminClient(access: AdminAccess): AdminClient {
  const expect = async (method: string, path: string, body?: { type: string; text: string }): Promise<Manifest> => {
    const answer = await send(access, method, path, body);
    if (answer.status >= 300) throw new AdminRequestError(method, path, answer);
    return JSON.parse(answer.body) as Manifest;
  };
  const json = (value: unknown) => ({ type: 'application/json', text: JSON.stringify(value) });
  const create = (manifest: Manifest, manager: string): Promise<Manifest> => {
    const { name: _, ...collection } = refOf(manifest);
    return expect('POST', `${pathOf(collection)}?fieldManager=${manager}`, json(manifest));
  };
  return {
    request: (method, path, body) => send(access, method, path, body),
    namespace: async (name) => {
      const path = pathOf({ kind: 'Namespace' });
      const answer = await send(
        access,
        'POST',
        path,
        json({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
      );
      if (answer.status !== 201 && answer.status !== 409) throw new AdminRequestError('POST', path, answer);
    },
    create: (manifest, manager = 'kubectl-create') => create(manifest, manager),
    applyClientSide: (manifest) => create(withLastApplied(manifest), 'kubectl-client-side-apply'),
    apply: (manifest, { manager = 'test-admin', force = true } = {}) =>
      expect('PATCH', `${pathOf(refOf(manifest))}?fieldManager=${manager}&force=${force}`, {
        type: 'application/apply-patch+yaml',
        text: JSON.stringify(manifest),
      }),
    get: (ref) => unlessNone(expect('GET', pathOf(ref))),
    list: async (ref) => {
      const { items } = (await expect('GET', pathOf(ref))) as unknown as { items: readonly Manifest[] };
      const { apiVersion } = PLURALS[ref.kind];
      return items.map((item) => ({ ...item, apiVersion, kind: ref.kind }));
    },
    shown: async (kind) => {
      if (access.kubectl)
        return linesOfText(await access.kubectl(['get', PLURALS[kind].plural, '--all-namespaces', '-o', 'wide']));
      const path = pathOf({ kind });
      const answer = await send(access, 'GET', path, undefined, AS_TABLE);
      if (answer.status !== 200) throw new AdminRequestError('GET', path, answer);
      return linesOfTable(answer.body);
    },
    delete: async (ref) => {
      await unlessNone(expect('DELETE', pathOf(ref)));
    },
  };
}
