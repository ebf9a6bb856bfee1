/** A CA's refusal as a Problem, kept whole (RFC 8555 §6.7, RFC 9457); bodies that are no problem document are told as what they are. */
import type { Problem, Subproblem } from '../../contract/problem.ts';
import { ACME_ERROR, fixOf, isPause } from './fixes.ts';
import { retryAfter, retryAfterIn } from './retry-after.ts';

/** An answer as it came. Header names in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface ProblemContext {
  readonly now: Date;
  /** `caaIdentities` of the directory, for the fix of `caa`. */
  readonly caaIdentities?: readonly string[];
}

/** Types that the same request meets again until somebody changes something. Of validation, `unauthorized` is not one: see `validationProblem`. */
const NEVER: ReadonlySet<string> = new Set([
  'accountDoesNotExist',
  'alreadyRevoked',
  'badCSR',
  'badPublicKey',
  'badRevocationReason',
  'badSignatureAlgorithm',
  'caa',
  'externalAccountRequired',
  'invalidContact',
  'invalidProfile',
  'malformed',
  'rejectedIdentifier',
  'unauthorized',
  'unsupportedContact',
  'unsupportedIdentifier',
  'userActionRequired',
]);

/** What a validation may find and a minute later not: the CA speaks of the world, not of the request. */
const WORLDLY: ReadonlySet<string> = new Set(['unauthorized', 'dns', 'connection', 'tls', 'incorrectResponse']);

const MAX_DETAIL = 2_000;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_DETAIL) : undefined;

/** A type without the ACME prefix: the word the tables above know. */
export const shortType = (type: string): string => (type.startsWith(ACME_ERROR) ? type.slice(ACME_ERROR.length) : type);

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // an HTML page of a proxy, most often: told by its status
    return undefined;
  }
};

function subproblemOf(value: unknown): readonly Subproblem[] {
  const fields = fieldsOf(value);
  if (!fields) return [];
  const identifier = fieldsOf(fields.identifier);
  const [type, name] = [textOf(identifier?.type), textOf(identifier?.value)];
  const subproblem = {
    type: textOf(fields.type) ?? 'about:blank',
    detail: textOf(fields.detail) ?? textOf(fields.title) ?? '',
  };
  return [type && name ? { ...subproblem, identifier: { type, value: name } } : subproblem];
}

const linked = (header: string | undefined, rel: string): string | undefined => linksOf(header, rel)[0];

/** The targets of a Link header with that relation (RFC 8288), in their order. */
export function linksOf(header: string | undefined, rel: string): readonly string[] {
  const links = [...(header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[^;,"]+(?:"[^"]*")?)*)/g)];
  return links
    .filter(([, , parameters = '']) => new RegExp(`;\\s*rel="?${rel}"?\\s*(;|$)`, 'i').test(parameters))
    .map(([, target = '']) => target);
}

const plainText = (body: string): string =>
  body
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);

/** What a status alone says: 408, 425, 429 and 5xx pass, the rest stays. */
const retryOfStatus = (status: number): Problem['retry'] =>
  status >= 500 || [408, 425, 429].includes(status) ? 'later' : 'never';

interface Reading extends ProblemContext {
  readonly status?: number;
  readonly headers?: HttpAnswer['headers'];
}

/** A problem document as a Problem; undefined = it is none. */
function documentProblem(
  value: unknown,
  { status, headers = {}, now, caaIdentities = [] }: Reading,
): Problem | undefined {
  const fields = fieldsOf(value);
  const type = textOf(fields?.type);
  const detail = textOf(fields?.detail) ?? textOf(fields?.title);
  if (!fields || (!type && !detail)) return undefined;
  const name = shortType(type ?? 'about:blank');
  const subproblems = Array.isArray(fields.subproblems) ? fields.subproblems.flatMap(subproblemOf) : [];
  const code = status ?? (typeof fields.status === 'number' ? fields.status : undefined);
  const said = detail ?? name;
  const instance = textOf(fields.instance);
  const terms = linked(headers.link, 'terms-of-service');
  const fix = fixOf(name, {
    detail: said,
    subproblems,
    caaIdentities,
    ...(instance ? { instance } : {}),
    ...(terms ? { terms } : {}),
  });
  const retryAt = retryAfter(headers['retry-after'], now) ?? (name === 'rateLimited' ? retryAfterIn(said) : undefined);
  return {
    type: type ?? 'about:blank',
    detail: said,
    ...(code === undefined ? {} : { status: code }),
    ...(subproblems.length > 0 ? { subproblems } : {}),
    ...(retryAt ? { retryAt } : {}),
    retry: retryOf({ name, detail: said, status: code, compound: subproblems }),
    ...(fix ? { fix } : {}),
  };
}

interface Judged {
  readonly name: string;
  readonly detail: string;
  readonly status: number | undefined;
  readonly compound: readonly Subproblem[];
}

function retryOf({ name, detail, status, compound }: Judged): Problem['retry'] {
  if (isPause(name, detail)) return 'never';
  if (name === 'compound') return compound.some((one) => NEVER.has(shortType(one.type))) ? 'never' : 'later';
  if (status !== undefined && status >= 500) return 'later';
  if (NEVER.has(name)) return 'never';
  return name === 'about:blank' && status !== undefined ? retryOfStatus(status) : 'later';
}

/**
 * The Problem of an answer that is no success. A body that is no problem document becomes type `about:blank` with the status
 * and the first words of the page as detail.
 */
export function readProblem(answer: HttpAnswer, context: ProblemContext): Problem {
  const { status, headers, body } = answer;
  const document = documentProblem(parsed(body), { ...context, status, headers });
  if (document) return document;
  const retryAt = retryAfter(headers['retry-after'], context.now);
  const text = plainText(body);
  return {
    type: 'about:blank',
    detail: `the CA answered HTTP ${status} without a problem document${text ? `: ${text}` : ''}`,
    status,
    ...(retryAt ? { retryAt } : {}),
    retry: retryOfStatus(status),
    ...(status === 404
      ? { fix: "check spec.acme.server of the issuer: it must be the URL of the CA's directory" }
      : {}),
  };
}

/** The `error` of a challenge or an order: what a validation found. Undefined = there is none. */
export function validationProblem(error: unknown, context: ProblemContext): Problem | undefined {
  const problem = documentProblem(error, context);
  if (!problem || !WORLDLY.has(shortType(problem.type))) return problem;
  const { fix: _ofARequest, ...found } = problem;
  const fix = `check what DNS answers for the challenge's TXT record: every name server must give the value, and no CNAME may lead elsewhere`;
  return { ...found, retry: 'later', fix };
}
