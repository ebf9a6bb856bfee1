/** Refusals as the API server words them: Status objects of meta.k8s.io/v1. */
import { qualifiedName, type Resource } from './resources.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly code?: number;
}

type Failure = Omit<Status, 'kind' | 'apiVersion' | 'metadata' | 'status' | 'code'>;
type Named = Pick<Resource, 'group' | 'plural'>;

/** Thrown by whatever refuses a request. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  readonly code: number;

  constructor(code: number, failure: Failure, metadata: Status['metadata'] = {}) {
    super(failure.message ?? failure.reason ?? String(code));
    this.code = code;
    this.status = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', ...failure, code };
  }
}

const detailsOf = ({ group, plural }: Named, name?: string): Record<string, unknown> => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: plural,
});

export const badRequest = (message: string): StatusError => new StatusError(400, { message, reason: 'BadRequest' });

export const unauthorized = (): StatusError =>
  new StatusError(401, { message: 'Unauthorized', reason: 'Unauthorized' });

export const notFound = (resource: Named, name: string): StatusError =>
  new StatusError(404, {
    message: `${qualifiedName(resource)} "${name}" not found`,
    reason: 'NotFound',
    details: detailsOf(resource, name),
  });

export const noSuchResource = (): StatusError =>
  new StatusError(404, {
    message: 'the server could not find the requested resource',
    reason: 'NotFound',
    details: {},
  });

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, {
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
  });

export const alreadyExists = (resource: Named, name: string): StatusError =>
  new StatusError(409, {
    message: `${qualifiedName(resource)} "${name}" already exists`,
    reason: 'AlreadyExists',
    details: detailsOf(resource, name),
  });

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export const conflict = (resource: Named, name: string, why = MODIFIED): StatusError =>
  new StatusError(409, {
    message: `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    reason: 'Conflict',
    details: detailsOf(resource, name),
  });

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(415, {
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    reason: 'UnsupportedMediaType',
  });

export const notAcceptable = (message: string, details?: Record<string, unknown>): StatusError =>
  new StatusError(406, { message, reason: 'NotAcceptable', ...(details ? { details } : {}) });

export const tooLarge = (): StatusError =>
  new StatusError(413, {
    message: 'Request entity too large: limit is 3145728',
    reason: 'RequestEntityTooLarge',
  });

/** 500 without a reason: what the server answers where its own code gave up. */
export const internal = (message: string): StatusError => new StatusError(500, { message });

const REASONS = {
  required: 'FieldValueRequired',
  invalid: 'FieldValueInvalid',
  forbidden: 'FieldValueForbidden',
  tooLong: 'FieldValueTooLong',
  notSupported: 'FieldValueNotSupported',
} as const;

export const cause = (reason: keyof typeof REASONS, field: string, message: string): Cause => ({
  reason: REASONS[reason],
  message,
  field,
});

/** 422 for an object whose kind and name are told apart by whoever validated it. */
export function invalid(kind: { group: string; kind: string }, name: string, causes: readonly Cause[]): StatusError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError(422, {
    message: `${qualified} "${name}" is invalid: ${text}`,
    reason: 'Invalid',
    details: {
      ...(name ? { name } : {}),
      ...(kind.group ? { group: kind.group } : {}),
      ...(kind.kind ? { kind: kind.kind } : {}),
      causes,
    },
  });
}
