/** What an API server or the way to it refused, as Problems: its own words, the missing RBAC rule, never a value of a Secret. */
import { type Problem, ProblemError, problemOf } from '../../contract/problem.ts';

/** What was asked, in the words of RBAC. */
export interface Asked {
  readonly cluster: string;
  readonly verb: 'get' | 'list' | 'create' | 'patch';
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What helps where we are not known or the server is not trusted: that depends on where its address and our credentials come from. */
export interface Remedies {
  readonly unauthorized: string;
  readonly untrusted: string;
}

export interface KubernetesAnswer {
  readonly status: number;
  readonly body: string;
  /** Seconds, where the server said so. */
  readonly retryAfterSeconds?: number;
}

interface Status {
  readonly message?: string;
  readonly reason?: string;
}

/** Reasons by status, for answers that carry none (proxies, API Priority and Fairness). */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const LATER: ReadonlySet<number> = new Set([401, 403, 408, 409, 410, 429]);
const MAX_DETAIL = 400;

function statusOf(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // Proxies answer in text or HTML.
    return { message: body.split('\n', 1)[0] ?? '' };
  }
}

/** A message can quote what was sent: long base64 and PEM are cut out. */
const withoutData = (text: string): string =>
  text
    .replace(/-----BEGIN[\s\S]*?(?:-----END[^-]*-----|$)/g, '[…]')
    .replace(/[A-Za-z0-9+/=_-]{64,}/g, '[…]')
    .replace(/\s+/g, ' ')
    .slice(0, MAX_DETAIL);

const whatOf = ({ resource, namespace, name }: Asked): string =>
  [resource, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');

/** The problem of an answer that is no success: `kubernetes:<reason>`, with the server's words. `now` turns Retry-After into an instant. */
export function answerProblem(
  asked: Asked,
  answer: KubernetesAnswer,
  { now, remedies }: { readonly now: Date; readonly remedies: Remedies },
): Problem {
  const { status, retryAfterSeconds } = answer;
  const said = statusOf(answer.body);
  const reason = said.reason || REASONS[status] || (status >= 500 ? 'InternalError' : `Status${status}`);
  const words = withoutData(said.message ?? '').trim() || `status ${status}`;
  const help = status === 401 ? { fix: remedies.unauthorized } : status === 403 ? forbiddenHelp(asked, words) : {};
  return {
    type: `kubernetes:${reason}`,
    detail: `${asked.cluster}: cannot ${asked.verb} ${whatOf(asked)}: ${words}`,
    status,
    ...(retryAfterSeconds !== undefined && {
      retryAt: new Date(now.getTime() + retryAfterSeconds * 1_000).toISOString(),
    }),
    retry: status >= 500 || LATER.has(status) ? 'later' : 'never',
    ...help,
  };
}

function forbiddenHelp(asked: Asked, words: string): Pick<Problem, 'fix' | 'rule'> {
  const { cluster, namespace } = asked;
  if (words.includes('is being terminated'))
    return { fix: `wait until the namespace ${namespace} is gone, and make it anew` };
  // Admission refuses with the same status as authorization does.
  if (!/ cannot \w+ /.test(words))
    return { fix: `ask those who run ${cluster}: one of its admission policies refuses this` };
  const rule = ruleOf(asked);
  if (namespace) return { fix: `bind a role with the rule ${rule} in the namespace ${namespace}` };
  return { rule, fix: `bind a role with the rule ${rule} in the whole cluster` };
}

/** The rule as it is written in a Role or ClusterRole. RBAC cannot limit `create` to a name. */
function ruleOf({ verb, group, resource, name }: Asked): string {
  const names = name && verb !== 'create' ? `, resourceNames: ["${name}"]` : '';
  return `{ apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]${names} }`;
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not exist in DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed without an answer',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
};

const NOT_TRUSTED = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
};

/** `kubernetes:Unreachable`: always worth another try, as networks are mended by others. `failure` undefined = too slow. */
export function unreachable(
  cluster: string,
  { server, remedies }: { readonly server: string; readonly remedies: Remedies },
  failure: unknown,
): ProblemError {
  const code = codeOf(failure);
  const isTls = NOT_TRUSTED.test(code);
  const cause = isTls ? 'its TLS certificate is not trusted' : (CAUSES[code] ?? 'the exchange failed');
  const why = failure === undefined ? 'it did not answer in time' : `${cause} (${problemOf(failure).detail})`;
  const fix = isTls ? remedies.untrusted : 'check that this machine may reach it: name, port, VPN, firewall';
  return new ProblemError(
    { type: 'kubernetes:Unreachable', detail: `${cluster}: ${server}: ${why}`, retry: 'later', fix },
    { cause: failure },
  );
}
