/** The orders and authorizations of a CA, as boulder keeps them: the same open order is given again, valid authorizations perhaps too. */
import { randomBytes } from 'node:crypto';
import { type Authorization, type Challenge, type Order, orderStatus } from './order.ts';
import { notFound } from './problem.ts';

const DAY_MS = 24 * 3_600_000;
const ORDER_MS = 7 * DAY_MS;
const PENDING_MS = 7 * DAY_MS;
/** How long a valid authorization counts. */
export const VALID_MS = 30 * DAY_MS;

export const newId = (): string => randomBytes(9).toString('base64url');

const TYPES = ['http-01', 'dns-01', 'tls-alpn-01'];

export interface OrdersOptions {
  readonly authzReuse: boolean;
  /** 0 ≤ x < 1: in which order challenges are offered. */
  readonly random: () => number;
}

export interface NewOrder {
  readonly accountId: string;
  readonly names: readonly string[];
  readonly profile: string;
}

export class Orders {
  readonly #options: OrdersOptions;
  readonly #orders = new Map<string, Order>();
  readonly #authorizations = new Map<string, Authorization>();
  readonly #latest = new Map<string, Order>();

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /** The order that is open for the same names, account and profile, else a new one. */
  place(wanted: NewOrder, now: number): Order {
    const key = JSON.stringify([wanted.accountId, wanted.profile, wanted.names]);
    const earlier = this.#latest.get(key);
    if (earlier && earlier.expiresAt > now && ['pending', 'ready'].includes(orderStatus(earlier, now))) return earlier;
    const order: Order = {
      ...wanted,
      id: newId(),
      authorizations: wanted.names.map((name) => this.#authorize(wanted.accountId, name, now)),
      expiresAt: now + ORDER_MS,
      progress: { kind: 'open' },
    };
    this.#orders.set(order.id, order);
    this.#latest.set(key, order);
    return order;
  }

  /** Throws 404 for an order that is unknown, expired or another account's. */
  order(id: string, accountId: string, now: number): Order {
    const order = this.#orders.get(id);
    if (!order || order.accountId !== accountId || order.expiresAt <= now) throw notFound('order', id);
    return order;
  }

  /** Throws 404 likewise. */
  authorization(id: string, accountId: string, now: number): Authorization {
    const authorization = this.#authorizations.get(id);
    if (!authorization || authorization.accountId !== accountId || authorization.expiresAt <= now)
      throw notFound('authorization', id);
    return authorization;
  }

  #authorize(accountId: string, wantedName: string, now: number): Authorization {
    const wildcard = wantedName.startsWith('*.');
    const name = wantedName.replace(/^\*\./, '');
    const reusable = [...this.#authorizations.values()].find(
      (one) =>
        one.accountId === accountId &&
        one.name === name &&
        one.wildcard === wildcard &&
        one.status === 'valid' &&
        one.expiresAt > now,
    );
    if (this.#options.authzReuse && reusable) return reusable;
    const challenges = wildcard ? [newChallenge('dns-01')] : this.#shuffled().map(newChallenge);
    const fresh: Authorization = {
      id: newId(),
      accountId,
      name,
      wildcard,
      challenges,
      status: 'pending',
      expiresAt: now + PENDING_MS,
    };
    this.#authorizations.set(fresh.id, fresh);
    return fresh;
  }

  #shuffled(): readonly string[] {
    return TYPES.map((type) => ({ type, rank: this.#options.random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ type }) => type);
  }
}

const newChallenge = (type: string): Challenge => ({
  type,
  token: randomBytes(32).toString('base64url'),
  status: 'pending',
});
