/** The answer of AWS to what is not allowed, in the protocol of the service, with the words that its SDK and people know it by. */
import { randomUUID } from 'node:crypto';
import type { Ask } from './policy.ts';
import type { WireAnswer } from './wire.ts';

export interface Denied {
  readonly principal: string;
  readonly ask: Ask;
  readonly reason: string;
}

/** As IAM says it: an assumed role by its session. */
const sentence = ({ principal, ask, reason }: Denied): string => {
  const session = principal.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  return `User: ${session}/nolapse is not authorized to perform: ${ask.action} on resource: ${ask.resource} because ${reason}`;
};

const xml = (body: string): WireAnswer => ({
  status: 403,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const error = (code: string, message: string): string => `<Code>${code}</Code><Message>${message}</Message>`;

const query = (code: string, message: string): WireAnswer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type>${error(code, message)}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );

const json = (status: number, code: string, message: string): WireAnswer => ({
  status,
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-errortype': code,
    'x-amzn-requestid': randomUUID(),
  },
  body: JSON.stringify({ __type: code, Message: message, message }),
});

export function denialOf(service: string, denied: Denied): WireAnswer {
  const message = sentence(denied);
  switch (service) {
    case 's3':
      return xml(`<Error>${error('AccessDenied', message)}<RequestId>${randomUUID()}</RequestId></Error>`);
    case 'route53':
    case 'sts':
      return query('AccessDenied', message);
    case 'sns':
      return query('AuthorizationError', message);
    case 'eks':
      return json(403, 'AccessDeniedException', message);
    default:
      return json(400, 'AccessDeniedException', message);
  }
}
