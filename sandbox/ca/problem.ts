/** ACME problems (RFC 8555 §6.7): what the CA refuses, with status, type and words for the client. */

export interface Problem {
  readonly type: string;
  readonly detail: string;
  readonly status: number;
  readonly [extra: string]: unknown;
}

const STATUS = {
  accountDoesNotExist: 400,
  alreadyRevoked: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  connection: 400,
  dns: 400,
  externalAccountRequired: 403,
  invalidContact: 400,
  invalidProfile: 400,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 400,
  serverInternal: 500,
  unauthorized: 403,
  unsupportedIdentifier: 400,
} as const;

export type ProblemType = keyof typeof STATUS;

/** One problem document. `extra` may set another status. */
export const problem = (
  type: ProblemType,
  detail: string,
  extra: { readonly [key: string]: unknown } = {},
): Problem => ({
  type: `urn:ietf:params:acme:error:${type}`,
  detail,
  status: STATUS[type],
  ...extra,
});

/** A refusal of the request as a whole. */
export class AcmeError extends Error {
  override readonly name = 'AcmeError';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  constructor(what: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(what.detail);
    this.problem = what;
    this.headers = headers;
  }
}

export const refused = (
  type: ProblemType,
  detail: string,
  extra: { readonly [key: string]: unknown } = {},
): AcmeError => new AcmeError(problem(type, detail, extra));

/** Boulder's answer for a thing that is not there or is somebody else's. */
export const notFound = (what: string, id: string): AcmeError =>
  refused('malformed', `No ${what} for ID ${id}`, { status: 404 });
