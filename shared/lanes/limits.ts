/** Limits of a CA as rows: read for the plan, and written when the CA itself has said no. */
import type { IssuanceRequest } from '../contract/certificate.ts';
import type { Authority } from '../contract/ports.ts';
import type { Problem } from '../contract/problem.ts';
import { decided, keys, type Records, rows } from '../contract/records.ts';
import type { Issuance, Limit } from '../contract/rows.ts';
import { limitKeysOf } from '../stages/plan/plan-issuance.ts';
import { failedAuthorizationLimits, scopeOf429, spend } from '../standards/acme/rate-limits.ts';

type Scope = NonNullable<Authority['scope']>;

const RATE_LIMITED = 'urn:ietf:params:acme:error:rateLimited';
/** A CA that says no without saying until when is left alone for an hour. */
const SILENT_BLOCK_MS = 3_600_000;
/** What a CA answers when a name could not be proved (RFC 8555 §6.7). */
const FAILED_AUTHORIZATION = /^urn:ietf:params:acme:error:(caa|connection|dns|incorrectResponse|tls|unauthorized)$/;

/** The limit rows that a plan for this issuance asks for. */
export async function limitsFor(
  records: Records,
  issuance: Issuance,
  scope: Scope | undefined,
): Promise<Map<string, Limit>> {
  const found = new Map<string, Limit>();
  if (!scope) return found;
  for (const name of limitKeysOf(issuance, scope.directoryHost)) {
    const row = await records.get(keys.limit(scope.directoryHost, scope.account, name));
    if (row) found.set(name, row.body);
  }
  return found;
}

interface After {
  readonly records: Records;
  readonly scope: Scope;
  readonly request: IssuanceRequest;
  readonly now: Date;
}

/** A 429 stops its scope until the CA's own instant and nothing else; a failed authorization is counted as the CA counts it. */
export async function afterProblem(problem: Problem, { records, scope, request, now }: After): Promise<void> {
  const change = (name: string, next: (limit: Limit | undefined) => Limit | undefined) => {
    const key = keys.limit(scope.directoryHost, scope.account, name);
    return decided(records, key, (row) => {
      const limit = next(row?.body);
      return limit && rows.limit(key, limit, row?.rev ?? 0);
    });
  };
  if (problem.type === RATE_LIMITED) {
    const blockedUntil = problem.retryAt ?? new Date(now.getTime() + SILENT_BLOCK_MS).toISOString();
    await change(scopeOf429(problem, request), (limit) => ({
      tat: limit?.tat ?? now.toISOString(),
      blockedUntil,
      saidBy: 'ca',
    }));
    return;
  }
  const failed = (problem.subproblems ?? []).filter(({ type }) => FAILED_AUTHORIZATION.test(type));
  if (failed.length === 0 && !FAILED_AUTHORIZATION.test(problem.type)) return;
  const named = failed.flatMap(({ identifier }) => identifier?.value ?? []);
  const names = named.length > 0 ? named : request.dnsNames;
  for (const { key, rule } of failedAuthorizationLimits(scope.directoryHost, names))
    await change(key, (limit) => {
      const answer = spend(limit, rule, now);
      return answer.allowed ? answer.limit : undefined;
    });
}
