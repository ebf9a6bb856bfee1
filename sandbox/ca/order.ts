/** Orders, authorizations and challenges (RFC 8555 §7.1) as they are kept, what status they are in, and how clients see them. */
import type { Problem } from './problem.ts';

export interface Challenge {
  readonly type: string;
  readonly token: string;
  status: 'pending' | 'processing' | 'valid' | 'invalid';
  validatedAt?: number;
  error?: Problem;
}

export interface Authorization {
  readonly id: string;
  readonly accountId: string;
  /** Without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  readonly challenges: readonly Challenge[];
  status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  expiresAt: number;
}

export type Progress =
  /** Not finalized. */
  | { readonly kind: 'open' }
  | { readonly kind: 'processing' }
  | { readonly kind: 'valid'; readonly certificateId: string }
  | { readonly kind: 'invalid'; readonly error: Problem };

export interface Order {
  readonly id: string;
  readonly accountId: string;
  /** Sorted, with `*.`. */
  readonly names: readonly string[];
  readonly profile: string;
  readonly authorizations: readonly Authorization[];
  expiresAt: number;
  progress: Progress;
}

export type OrderStatus = 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';

/** RFC 8555 §7.1.6: an open order follows its authorizations. */
export function orderStatus(order: Order, now: number): OrderStatus {
  if (order.progress.kind !== 'open') return order.progress.kind;
  const of = order.authorizations;
  if (of.some((one) => one.status === 'invalid' || one.status === 'deactivated' || one.expiresAt <= now))
    return 'invalid';
  return of.every((one) => one.status === 'valid') ? 'ready' : 'pending';
}

const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const identifier = (value: string) => ({ type: 'dns', value });

export function renderOrder(order: Order, origin: string, now: number) {
  const { progress } = order;
  return {
    status: orderStatus(order, now),
    expires: instant(order.expiresAt),
    identifiers: order.names.map(identifier),
    profile: order.profile,
    authorizations: order.authorizations.map((one) => `${origin}/authz/${one.id}`),
    finalize: `${origin}/order/${order.id}/finalize`,
    ...(progress.kind === 'valid' ? { certificate: `${origin}/certificate/${progress.certificateId}` } : {}),
    ...(progress.kind === 'invalid' ? { error: progress.error } : {}),
  };
}

export function renderChallenge(authorization: Authorization, challenge: Challenge, origin: string) {
  const { type, token, status, validatedAt, error } = challenge;
  return {
    type,
    url: `${origin}/challenge/${authorization.id}/${type}`,
    status,
    token,
    ...(validatedAt === undefined ? {} : { validated: instant(validatedAt) }),
    ...(error ? { error } : {}),
  };
}

/** Once an authorization is decided, only the challenge that decided it is shown. */
export function renderAuthorization(authorization: Authorization, origin: string) {
  const { name, status, expiresAt, challenges, wildcard } = authorization;
  const decided = challenges.filter((one) => one.status === 'valid' || one.status === 'invalid');
  const shown = status === 'pending' || decided.length === 0 ? challenges : decided;
  return {
    identifier: identifier(name),
    status,
    expires: instant(expiresAt),
    challenges: shown.map((one) => renderChallenge(authorization, one, origin)),
    ...(wildcard ? { wildcard } : {}),
  };
}
