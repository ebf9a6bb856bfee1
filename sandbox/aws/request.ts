/** What a signed AWS request asks for: service, region and operation, as the signature's scope and the protocol name them. Checks no signature. */
import type { Asked } from '../listen.ts';

export interface AwsRequest {
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly operation: string;
}

const SCOPE = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** The form of a query-protocol request. */
export const formOf = ({ body }: Asked): URLSearchParams => new URLSearchParams(body.toString());

/** Undefined when the request is not signed. */
export function awsRequestOf(asked: Asked): AwsRequest | undefined {
  const [, accessKeyId, region, service] = SCOPE.exec(asked.headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  const target = asked.headers['x-amz-target'];
  const isForm = asked.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const action = isForm ? formOf(asked).get('Action') : undefined;
  // S3 has neither, but its clients say what they ask for
  const operation = typeof target === 'string' ? target.split('.').at(-1) : (action ?? asked.query.get('x-id'));
  return { service, region, accessKeyId, operation: operation ?? restOperation(service, asked) };
}

/** Services over REST name an operation by method and path; that of EKS is told apart here, so that a fault can name it. */
function restOperation(service: string, { method, path }: Asked): string {
  if (service === 'eks' && method === 'GET' && /^\/clusters\/[^/]+$/.test(path)) return 'DescribeCluster';
  return `${method} ${path}`;
}
