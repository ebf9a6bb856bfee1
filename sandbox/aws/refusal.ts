/** Errors of AWS services in the words of their protocols: JSON (Secrets Manager, SQS, KMS and others), query (SNS, STS) and S3's own. */
import { randomUUID } from 'node:crypto';
import type { Answer } from '../listen.ts';

/** Thrown where a service refuses. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const NAMESPACES: Readonly<Record<string, string>> = {
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

const isQuery = (service: string): boolean => Object.hasOwn(NAMESPACES, service);

/** Error codes of the older protocols do without `Exception`. */
export const codeFor = (service: string, code: string): string =>
  isQuery(service) || service === 's3' ? code : `${code}Exception`;

export const xml = (body: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() },
  body,
});

/** `inner` as the answer of a query-protocol operation. */
export const queryAnswer = (service: string, operation: string, inner: string): Answer =>
  xml(
    `<${operation}Response xmlns="${NAMESPACES[service]}"><${operation}Result>${inner}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`,
  );

export const jsonAnswer = (body: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
  body: JSON.stringify(body),
});

export function errorAnswer(service: string, { code, message, status }: AwsError): Answer {
  const said = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (service === 's3') return xml(`<Error>${said}<RequestId>${randomUUID()}</RequestId></Error>`, status);
  if (!isQuery(service)) return jsonAnswer({ __type: code, Message: message, message }, status);
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const error = `<Error><Type>${type}</Type>${said}</Error>`;
  const body = `<ErrorResponse xmlns="${NAMESPACES[service]}">${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
  return xml(body, status);
}
