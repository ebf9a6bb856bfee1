/** SelfSubjectAccessReview: whether the asker may do what the review says; SelfSubjectReview: who the asker is. */
import { type Answer, type Asked, json } from '../listen.ts';
import { allowed, type Rbac, type User } from './access.ts';
import { reviewBody } from './bodies.ts';
import { isFields } from './object.ts';
import { ownersAfterUpdate } from './owners.ts';
import { cause, invalid } from './status.ts';
import type { Target } from './target.ts';

const API_VERSION = 'authorization.k8s.io/v1';
const EXACTLY_ONE = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function targetOf(spec: Readonly<Record<string, unknown>>): Target | undefined {
  const { resourceAttributes: of, nonResourceAttributes: path } = spec;
  if (isFields(path)) return { type: 'path', verb: textOf(path.verb), path: textOf(path.path) };
  if (!isFields(of)) return undefined;
  return {
    type: 'resource',
    verb: textOf(of.verb),
    group: textOf(of.group),
    version: textOf(of.version),
    plural: textOf(of.resource),
    ...(of.namespace ? { namespace: textOf(of.namespace) } : {}),
    ...(of.name ? { name: textOf(of.name) } : {}),
    ...(of.subresource ? { subresource: textOf(of.subresource) } : {}),
  };
}

export function review(asked: Asked, user: User, rbac: Rbac): Answer {
  const body = reviewBody(asked, 'SelfSubjectAccessReview');
  const spec = isFields(body.spec) ? body.spec : {};
  const target = targetOf(spec);
  if (!target) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', [cause('invalid', 'spec', EXACTLY_ONE)]);
  const why = allowed(user, target, rbac);
  const who = { manager: (asked.headers['user-agent'] ?? '').split('/')[0] ?? '', apiVersion: API_VERSION };
  const managedFields = ownersAfterUpdate({ before: { spec: {} }, after: { spec }, entries: [], who, now: new Date() });
  const status = { allowed: why !== undefined, ...(why ? { reason: why } : {}) };
  return json(
    { kind: 'SelfSubjectAccessReview', apiVersion: API_VERSION, metadata: { managedFields }, spec, status },
    201,
  );
}

export function selfReview({ name, groups }: User): Answer {
  const status = { userInfo: { username: name, groups } };
  const metadata = { creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
  return json({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata, status }, 201);
}
