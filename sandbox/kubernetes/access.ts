/** Who asks, and whether they may: bearer tokens, client certificates and rules per group, as RBAC decides. */
import { StatusError, unauthorized } from './status.ts';
import type { ResourceTarget, Target } from './target.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A rule of rbac.authorization.k8s.io; `namespaces` = bound there only, absent = everywhere. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly namespaces?: readonly string[];
}

export interface TokenUser {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export type Rbac = Readonly<Record<string, readonly PolicyRule[]>>;

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const EVERYBODY = /^\/(livez|readyz|healthz|version)(\/|$)/;
const DISCOVERY = /^\/(api|apis|openapi)(\/|$)/;

/** Throws 401 for a token that nobody has; without any token the asker is anonymous. */
export function authenticate(
  authorization: string | undefined,
  tokens: readonly TokenUser[],
  certificate?: User,
): User {
  if (certificate) return withAuthenticated(certificate);
  if (authorization === undefined) return ANONYMOUS;
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
  const found = tokens.find((one) => one.token === token);
  if (!found) throw unauthorized();
  return withAuthenticated({ name: found.user, groups: found.groups });
}

export const withAuthenticated = ({ name, groups }: User): User => ({
  name,
  groups: [...groups, 'system:authenticated'],
});

const covers = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word);

function ruleAllows(rule: PolicyRule, target: ResourceTarget): boolean {
  const { verb, group, plural, subresource, namespace, name } = target;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return (
    covers(rule.verbs, verb) &&
    covers(rule.apiGroups, group) &&
    covers(rule.resources, resource) &&
    (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))) &&
    (rule.namespaces === undefined || (namespace !== undefined && rule.namespaces.includes(namespace)))
  );
}

/** What everybody who is known may ask about himself. */
const REVIEWS: ReadonlySet<string> = new Set([
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authentication.k8s.io/selfsubjectreviews',
]);
const isReview = ({ verb, group, plural }: ResourceTarget): boolean =>
  verb === 'create' && REVIEWS.has(`${group}/${plural}`);

/** Why it is allowed, in a word; undefined = it is not. */
export function allowed(user: User, target: Target, rbac: Rbac): string | undefined {
  if (user.groups.includes('system:masters')) return '';
  const known = user.groups.includes('system:authenticated');
  if (target.type === 'path') {
    const isOpen = EVERYBODY.test(target.path) || (known && DISCOVERY.test(target.path));
    return target.verb === 'get' && isOpen ? '' : undefined;
  }
  if (known && isReview(target)) return '';
  const group = user.groups.find((one) => rbac[one]?.some((rule) => ruleAllows(rule, target)));
  return group === undefined ? undefined : `RBAC: allowed by the rules of Group "${group}"`;
}

function scopeOf({ namespace }: ResourceTarget): string {
  return namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
}

export function forbidden(user: User, target: Target): StatusError {
  if (target.type === 'path')
    return new StatusError(403, {
      message: `forbidden: User "${user.name}" cannot ${target.verb} path "${target.path}"`,
      reason: 'Forbidden',
      details: {},
    });
  const { verb, group, plural, name, subresource } = target;
  const qualified = group === '' ? plural : `${plural}.${group}`;
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  const subject = name === undefined ? qualified : `${qualified} "${name}"`;
  const may = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${scopeOf(target)}`;
  return new StatusError(403, {
    message: `${subject} is forbidden: ${may}`,
    reason: 'Forbidden',
    details: { ...(name === undefined ? {} : { name }), ...(group ? { group } : {}), kind: plural },
  });
}
