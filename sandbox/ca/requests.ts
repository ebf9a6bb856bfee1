/** What the CA does with a request once it is known who signed it (RFC 8555 §7.3-7.6): one method a resource. */
import type { Control } from '../control.ts';
import { type Account, type Accounts, fieldsOf, renderAccount } from './accounts.ts';
import type { Challenges } from './challenges.ts';
import type { CaFault, Profile } from './config.ts';
import { readCsr } from './csr.ts';
import { judgeIdentifiers } from './identifiers.ts';
import { concerns, type Issuance } from './issuance.ts';
import type { Signed } from './jws.ts';
import { type Order, orderStatus, renderAuthorization, renderChallenge, renderOrder } from './order.ts';
import type { Orders } from './orders.ts';
import { AcmeError, notFound, problem, refused } from './problem.ts';
import type { Resource } from './resource.ts';

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Call {
  readonly resource: Resource;
  readonly signed: Signed;
  readonly origin: string;
  /** The URL asked for. */
  readonly url: string;
}

export interface RequestsOptions {
  readonly control: Control<CaFault>;
  readonly accounts: Accounts;
  readonly orders: Orders;
  readonly challenges: Challenges;
  readonly issuance: Issuance;
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly blocked: readonly string[];
  /** Seconds. */
  readonly retryAfter: number;
}

const DEFAULT_BACKOFF_SECONDS = 3_600;

export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Throws AcmeError for every refusal. */
  async perform(call: Call): Promise<Reply> {
    const { resource, signed, origin } = call;
    if (resource.kind === 'newAccount') return this.#newAccount(call);
    if (resource.kind === 'revokeCert') return this.#revoke(call);
    const account = this.accountOf(signed, origin);
    switch (resource.kind) {
      case 'account':
        return this.#account(account, resource.id, signed.payload);
      case 'newOrder':
        return this.#newOrder(account, call);
      case 'order':
        return this.#orderReply(this.#order(resource.id, account), origin);
      case 'finalize':
        return this.#finalize(account, resource.id, call);
      case 'authz':
        return this.#authorization(account, resource.id, call);
      case 'challenge':
        return this.#challenge(account, resource, call);
      case 'certificate':
      case 'alternate':
        return this.#certificate(account, resource, call);
      default:
        throw refused('malformed', 'Method not allowed', { status: 405 });
    }
  }

  /** The account that signed with its URL. */
  accountOf({ by }: Signed, origin: string): Account {
    if (!('kid' in by)) throw refused('malformed', 'No Key ID in JWS header');
    return this.accountAt(by.kid, origin);
  }

  accountAt(kid: string, origin: string): Account {
    const prefix = `${origin}/account/`;
    if (!kid.startsWith(prefix)) throw refused('malformed', `KeyID header "${kid}" does not begin with ${prefix}`);
    return this.#options.accounts.get(kid.slice(prefix.length));
  }

  /** Which names a request is about, for the log. */
  namesOf({ resource, signed, origin }: Call): readonly string[] {
    try {
      const account = this.accountOf(signed, origin);
      if (resource.kind === 'newOrder') return namesIn(signed.payload);
      if (resource.kind === 'order' || resource.kind === 'finalize')
        return this.#options.orders.order(resource.id, account.id, Date.now()).names;
      if (resource.kind !== 'authz' && resource.kind !== 'challenge') return [];
      const { name, wildcard } = this.#options.orders.authorization(resource.id, account.id, Date.now());
      return [wildcard ? `*.${name}` : name];
    } catch (error) {
      // what is not there is refused when the request is performed
      if (error instanceof AcmeError) return [];
      throw error;
    }
  }

  async #newAccount({ signed, origin, url }: Call): Promise<Reply> {
    if (!('jwk' in signed.by)) throw refused('malformed', 'No embedded JWK in JWS header');
    const { account, isNew } = await this.#options.accounts.register({ payload: signed.payload, key: signed.by, url });
    const headers = { location: `${origin}/account/${account.id}` };
    return { status: isNew ? 201 : 200, body: renderAccount(account), headers };
  }

  #account(account: Account, id: string, payload: unknown): Reply {
    if (account.id !== id) throw refused('unauthorized', 'Request signing key did not match account key');
    this.#options.accounts.update(account, payload);
    return { status: 200, body: renderAccount(account) };
  }

  #newOrder(account: Account, { signed, origin }: Call): Reply {
    const { control, orders, profiles, blocked } = this.#options;
    const { identifiers, profile: wanted, notBefore, notAfter } = fieldsOf(signed.payload);
    const asked = namesIn(signed.payload);
    const limit = control.take('rate-limited', ({ name }) => name === undefined || asked.includes(name));
    if (limit) throw rateLimited(limit.retryAfter ?? DEFAULT_BACKOFF_SECONDS, limit.name ?? asked[0]);
    if (notBefore !== undefined || notAfter !== undefined)
      throw refused('malformed', 'NotBefore and NotAfter are not supported');
    const profile = wanted === undefined ? Object.keys(profiles)[0] : wanted;
    const rules = typeof profile === 'string' && Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
    if (typeof profile !== 'string' || !rules)
      throw refused(
        'invalidProfile',
        `Invalid certificate profile, "${String(profile)}": not a recognized profile name`,
      );
    const verdict = judgeIdentifiers(identifiers, { blocked, maxNames: rules.maxNames });
    if ('problem' in verdict) throw new AcmeError(verdict.problem);
    const order = orders.place({ accountId: account.id, names: verdict.names, profile }, Date.now());
    return { ...this.#orderReply(order, origin), status: 201 };
  }

  #order(id: string, account: Account): Order {
    const { control, orders } = this.#options;
    const order = orders.order(id, account.id, Date.now());
    if (!control.take('order-expired', concerns(order))) return order;
    order.expiresAt = Date.now() - 1;
    throw notFound('order', id);
  }

  #orderReply(order: Order, origin: string): Reply {
    const body = renderOrder(order, origin, Date.now());
    const headers = { location: `${origin}/order/${order.id}` };
    const wait = body.status === 'processing' ? { 'retry-after': String(this.#options.retryAfter) } : {};
    return { status: 200, body, headers: { ...headers, ...wait } };
  }

  async #finalize(account: Account, id: string, { signed, origin }: Call): Promise<Reply> {
    const order = this.#order(id, account);
    requireReady(order);
    const csr = await readCsr(String(fieldsOf(signed.payload).csr ?? ''));
    if (csr.names.join() !== order.names.join())
      throw refused(
        'badCSR',
        `Error finalizing order :: CSR does not specify same identifiers as Order: ${csr.names.join(', ')} instead of ${order.names.join(', ')}`,
      );
    // another request may have finalized it while this one's CSR was checked
    requireReady(order);
    this.#options.issuance.start(order, csr);
    return this.#orderReply(order, origin);
  }

  #authorization(account: Account, id: string, { signed, origin }: Call): Reply {
    const authorization = this.#options.orders.authorization(id, account.id, Date.now());
    if (signed.payload !== undefined) {
      if (fieldsOf(signed.payload).status !== 'deactivated')
        throw refused('malformed', 'Invalid value provided for status field: only "deactivated" is taken');
      authorization.status = 'deactivated';
    }
    const waits = authorization.challenges.some((one) => one.status === 'processing');
    const headers = waits ? { 'retry-after': String(this.#options.retryAfter) } : {};
    return { status: 200, body: renderAuthorization(authorization, origin), headers };
  }

  #challenge(account: Account, resource: Extract<Resource, { kind: 'challenge' }>, { signed, origin }: Call): Reply {
    const { orders, challenges, retryAfter } = this.#options;
    const authorization = orders.authorization(resource.id, account.id, Date.now());
    const challenge = authorization.challenges.find((one) => one.type === resource.type);
    if (!challenge) throw notFound('challenge', `${resource.id}/${resource.type}`);
    if (signed.payload !== undefined) {
      fieldsOf(signed.payload);
      challenges.respond(authorization, challenge, account.thumbprint);
    }
    const up = `<${origin}/authz/${authorization.id}>;rel="up"`;
    const wait = challenge.status === 'processing' ? { 'retry-after': String(retryAfter) } : {};
    return { status: 200, body: renderChallenge(authorization, challenge, origin), headers: { link: up, ...wait } };
  }

  #certificate(
    account: Account,
    { kind, id }: Extract<Resource, { kind: 'certificate' | 'alternate' }> | { kind: string; id: string },
    { signed, origin }: Call,
  ): Reply {
    if (signed.payload !== undefined) throw refused('malformed', 'POST-as-GET requests must have an empty payload');
    const body = this.#options.issuance.chain(id, account.id, kind === 'alternate' ? 'alternate' : 'default');
    const other = kind === 'alternate' ? `/certificate/${id}` : `/certificate/${id}/alternate`;
    const link = `<${origin}${other}>;rel="alternate"`;
    return { status: 200, body, headers: { 'content-type': 'application/pem-certificate-chain', link } };
  }

  #revoke({ signed, origin }: Call): Reply {
    const { certificate, reason } = fieldsOf(signed.payload);
    const by = 'jwk' in signed.by ? { jwk: signed.by.jwk } : { accountId: this.accountOf(signed, origin).id };
    this.#options.issuance.revoke(certificate, reason, by);
    return { status: 200 };
  }
}

function requireReady(order: Order): void {
  const status = orderStatus(order, Date.now());
  if (status !== 'ready')
    throw refused('orderNotReady', `Order's status ("${status}") is not acceptable for finalization`);
}

function rateLimited(seconds: number, name: string | undefined): AcmeError {
  const until = new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  const detail = `too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after ${until} UTC: ${name}`;
  return new AcmeError(problem('rateLimited', detail), { 'retry-after': String(seconds) });
}

/** The values of a newOrder's identifiers, as far as they can be read. */
function namesIn(payload: unknown): readonly string[] {
  if (typeof payload !== 'object' || payload === null || !('identifiers' in payload)) return [];
  const { identifiers } = payload;
  if (!Array.isArray(identifiers)) return [];
  return identifiers.map((one: { readonly value?: unknown } | null) => String(one?.value));
}
