/** Tells from one request what it asks of its server, and whether that server counts it as a read or a write. */

export type Protocol = 'kubernetes' | 'aws' | 'acme';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface Asked {
  readonly kind: 'read' | 'write';
  /** The server's own word for it: an AWS operation, a Kubernetes verb and path; for ACME a name of the directory, `challenge`, `finalize`, else verb and path. */
  readonly operation: string;
}

const REVIEWS =
  /^\/apis\/(authorization|authentication)\.k8s\.io\/v1\/(self\w+reviews|subjectaccessreviews|tokenreviews)$/;
const AWS_READ = /^(Describe|Get|List|BatchGet|AssumeRole|Test)/;

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

function kubernetes({ method, path }: SeenRequest): Asked {
  const read = isSafe(method) || (method === 'POST' && REVIEWS.test(path));
  return { kind: read ? 'read' : 'write', operation: `${method} ${path}` };
}

/** The service of the SigV4 credential scope (`<key>/<date>/<region>/<service>/aws4_request`); undefined when unsigned. */
export const awsService = (headers: SeenRequest['headers']): string | undefined =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(String(headers.authorization ?? ''))?.[1];

function aws(request: SeenRequest): Asked {
  const service = awsService(request.headers) ?? 'unsigned';
  if (service === 'route53' || service === 'eks') {
    const read = isSafe(request.method);
    return { kind: read ? 'read' : 'write', operation: `${service} ${request.method} ${request.path}` };
  }
  const target = request.headers['x-amz-target'];
  const action = target ? String(target).split('.').at(-1) : new URLSearchParams(request.body.toString()).get('Action');
  const operation = action ?? request.method;
  return { kind: AWS_READ.test(operation) ? 'read' : 'write', operation: `${service} ${operation}` };
}

/** The payload of a flattened JWS (RFC 7515 §7.2.2); undefined when the body is none. */
function jwsPayload(body: Buffer): string | undefined {
  try {
    const jws: unknown = JSON.parse(body.toString());
    if (typeof jws === 'object' && jws !== null && 'payload' in jws && typeof jws.payload === 'string')
      return Buffer.from(jws.payload, 'base64url').toString();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Two requests tell by their payload what they are: a CSR finalizes (RFC 8555 §7.4), `{}` answers a challenge (§7.5.1). */
function byPayload(payload: string | undefined): string | undefined {
  if (payload === undefined) return undefined;
  if (/^\s*\{\s*\}\s*$/.test(payload)) return 'challenge';
  return /^\s*\{\s*"csr"\s*:/.test(payload) ? 'finalize' : undefined;
}

/** RFC 8555 §6.3: a POST whose payload is the empty string is a GET. */
function acme({ method, path, body }: SeenRequest, names: PathNames): Asked {
  const payload = method === 'POST' ? jwsPayload(body) : undefined;
  const isRead = isSafe(method) || payload === '';
  const bare = `${payload === '' ? 'POST-as-GET' : method} ${path}`;
  return { kind: isRead ? 'read' : 'write', operation: names[path] ?? byPayload(payload) ?? bare };
}

/** What paths are called, where a server is free to choose them. */
export type PathNames = Readonly<Record<string, string>>;

const judges = { kubernetes, aws, acme } satisfies Record<Protocol, (request: SeenRequest, names: PathNames) => Asked>;

/** What the request asks, by the rules of its protocol; whatever is not known to be a read is a write. */
export const classify = (protocol: Protocol, request: SeenRequest, names: PathNames = {}): Asked =>
  judges[protocol](request, names);
