/** Whether the CA takes the names of an order: pure checks in boulder's words. */
import { isIP } from 'node:net';
import { type Problem, type ProblemType, problem } from './problem.ts';

export interface NamePolicy {
  /** Names, with everything below them, that are refused. */
  readonly blocked: readonly string[];
  readonly maxNames: number;
}

export type NamesVerdict = { readonly names: readonly string[] } | { readonly problem: Problem };

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const MAX_NAME = 253;

const is = (value: unknown): value is { readonly type?: unknown; readonly value?: unknown } =>
  typeof value === 'object' && value !== null;

function nameProblem(name: string, { blocked }: NamePolicy): string | undefined {
  const base = name.replace(/^\*\./, '');
  const labels = base.split('.');
  if (base.includes('*'))
    return 'Domain name contains an invalid wildcard. A wildcard is only permitted before the first dot in a domain name';
  if (base.length > MAX_NAME) return 'Domain name is longer than 253 bytes';
  if (labels.length < 2) return 'Domain name needs at least one dot';
  if (!labels.every((label) => LABEL.test(label))) return 'Domain name contains an invalid character';
  const isBlocked = blocked.some((one) => base === one || base.endsWith(`.${one}`));
  return isBlocked
    ? 'The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy'
    : undefined;
}

function identifierProblem(identifier: unknown): Problem | undefined {
  if (!is(identifier) || typeof identifier.value !== 'string' || typeof identifier.type !== 'string')
    return problem('malformed', 'NewOrder request did not specify identifiers with type and value');
  if (identifier.type !== 'dns' || isIP(identifier.value) !== 0)
    return problem(
      'unsupportedIdentifier',
      `NewOrder request included unsupported identifier: type "${identifier.type}", value "${identifier.value}"`,
    );
  return undefined;
}

/** Several refused names make one problem with a subproblem each (RFC 8555 §6.7.1). */
function refusals(problems: readonly { readonly name: string; readonly text: string }[]): Problem | undefined {
  const [first, ...more] = problems;
  if (!first) return undefined;
  const type: ProblemType = 'rejectedIdentifier';
  const detail = `Cannot issue for "${first.name}": ${first.text}`;
  if (more.length === 0) return problem(type, `Invalid identifiers requested :: ${detail}`);
  const subproblems = problems.map(({ name, text }) => ({
    ...problem(type, `Invalid identifiers requested :: Cannot issue for "${name}": ${text}`),
    identifier: { type: 'dns', value: name },
  }));
  return problem(
    type,
    `Invalid identifiers requested :: ${detail} (and ${more.length} more problems. Refer to sub-problems for more information.)`,
    { subproblems },
  );
}

/** The names of a newOrder in lower case, sorted, each once; or the refusal. */
export function judgeIdentifiers(identifiers: unknown, policy: NamePolicy): NamesVerdict {
  if (!Array.isArray(identifiers) || identifiers.length === 0)
    return { problem: problem('malformed', 'NewOrder request did not specify any identifiers') };
  const malformed = identifiers.map(identifierProblem).find((one) => one !== undefined);
  if (malformed) return { problem: malformed };
  const names = [...new Set(identifiers.map((one: { readonly value: string }) => one.value.toLowerCase()))].sort();
  if (names.length > policy.maxNames)
    return { problem: problem('malformed', `Order cannot contain more than ${policy.maxNames} identifiers`) };
  const refusal = refusals(
    names.flatMap((name) => ({ name, text: nameProblem(name, policy) ?? '' })).filter(({ text }) => text),
  );
  if (refusal) return { problem: refusal };
  const redundant = names.find((name) => names.includes(name.replace(/^[^.]+\./, '*.')) && !name.startsWith('*.'));
  if (redundant !== undefined)
    return {
      problem: problem(
        'malformed',
        `Domain name "${redundant}" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.`,
      ),
    };
  return { names };
}
