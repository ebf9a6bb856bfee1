/** Why a server could not be spoken to, as a Problem that names the real cause: DNS, refused, TLS, reset, too slow. */
import { ProblemError } from '../../contract/problem.ts';

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist in DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
};

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|HOSTNAME_MISMATCH|EPROTO)/;

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
};

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
};

export type NetworkFailure = { readonly error: unknown } | { readonly timeoutMs: number };

/** Always `nolapse:unreachable` and worth another try: networks and certificates of servers get mended by others. */
export function networkProblem(url: string, failure: NetworkFailure): ProblemError {
  const type = 'nolapse:unreachable';
  if ('timeoutMs' in failure) {
    const detail = `${url} did not answer within ${failure.timeoutMs / 1_000} s`;
    return new ProblemError({ type, detail, retry: 'later' });
  }
  const { error } = failure;
  const code = codeOf(error);
  const isUntrusted = UNTRUSTED.has(code);
  const isTls = isUntrusted || TLS.test(code);
  const cause = isTls ? 'its TLS certificate or protocol was not accepted' : (CAUSES[code] ?? 'the exchange failed');
  const fix = isUntrusted
    ? "put the root of the CA's own TLS certificate into spec.acme.caBundle of the issuer"
    : 'check that this machine may reach it: name, port, proxy, firewall';
  const detail = `${url}: ${cause} (${messageOf(error)})`;
  return new ProblemError({ type, detail, retry: 'later', fix }, { cause: error });
}
