/** Certificates by ACME and DNS-01 (RFC 8555) as steps: one effect a call, no sleep, no DNS, never two CSRs for one order. */
import type { IssuanceRequest } from '../../contract/certificate.ts';
import type { Iso } from '../../contract/ids.ts';
import type { Authority, Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { Attempt } from '../../contract/rows.ts';
import { orderUrlOf, type PendingChallenge, type Step } from '../../contract/step.ts';
import { requireProfile } from '../../standards/acme/directory.ts';
import { ACME_ERROR } from '../../standards/acme/fixes.ts';
import { linksOf } from '../../standards/acme/problem.ts';
import { rejectionOf } from '../../standards/acme/rejection.ts';
import {
  type Authorization,
  type Identifier,
  type Order,
  readAuthorization,
  readChain,
  readOrder,
  requireIdentifiers,
  topIssuer,
} from '../../standards/acme/resources.ts';
import { retryAfter } from '../../standards/acme/retry-after.ts';
import type { AcmeResponse, AcmeSession } from './acme-session.ts';
import { impossible, pendingChallenge } from './dns01-challenge.ts';

export interface AcmeAuthorityOptions {
  /** Shared by all authorities of one account. */
  readonly session: () => Promise<AcmeSession>;
  readonly zoneOf: (fqdn: string) => string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** Common name of the issuer of the topmost certificate; without a match the CA's default chain is taken. */
  readonly preferredChain?: string;
  readonly scope: NonNullable<Authority['scope']>;
}

type Next = Awaited<ReturnType<Authority['advance']>>;
type At<S extends Step['at']> = Extract<Step, { at: S }>;

const MIN_POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;

/** The CSR's DER as base64url, as finalize wants it (RFC 8555 §7.4). */
const csrOf = ({ csr, id }: Attempt): string => {
  if (csr === undefined) throw new TypeError(`attempt ${id}: finalizing without a stored CSR`);
  return Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('base64url');
};

const orderLost = (url: string, why: string, options?: ErrorOptions): ProblemError =>
  new ProblemError(
    { type: 'nolapse:order-lost', detail: `the order ${url} can no longer be used: ${why}`, retry: 'later' },
    options,
  );

/** A resource of an order that is gone takes the order with it. */
async function ofOrder<T>(url: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 404)
      throw orderLost(url, error.problem.detail, { cause: error });
    throw error;
  }
}

export class AcmeAuthority implements Authority {
  readonly scope: NonNullable<Authority['scope']>;
  readonly #options: AcmeAuthorityOptions;
  /** Orders as newOrder answered them, so that `created` need not ask again in the same run. */
  readonly #fresh = new Map<string, Order>();

  constructor(options: AcmeAuthorityOptions) {
    this.#options = options;
    this.scope = options.scope;
  }

  async advance(attempt: Attempt, request: IssuanceRequest): Promise<Next> {
    const { step } = attempt;
    switch (step.at) {
      case 'intent':
        return this.#newOrder(request);
      case 'created':
        return this.#authorize(step, attempt);
      case 'presented':
        return this.#answer(step, attempt);
      case 'answered':
        return this.#poll(step, attempt);
      case 'finalizing':
        return this.#finalize(step, attempt);
      default:
        return { step };
    }
  }

  /** RFC 8555 §7.5.2. */
  async forget({ step }: Attempt): Promise<void> {
    const orderUrl = orderUrlOf(step);
    if (!orderUrl) return;
    const { client } = await this.#options.session();
    const { authorizations } = readOrder((await this.#getOrder(orderUrl)).data);
    await Promise.all(authorizations.map((url) => client.api.apiRequest(url, { status: 'deactivated' })));
  }

  async #newOrder(request: IssuanceRequest): Promise<Next> {
    const { dnsNames, ipAddresses, uris, emailAddresses, profile } = request;
    const others = [...uris, ...emailAddresses];
    if (others.length > 0) throw impossible(`ACME certifies DNS names and IP addresses only, not ${others.join(', ')}`);
    const { client, directory } = await this.#options.session();
    requireProfile(directory, profile);
    const identifiers: readonly Identifier[] = [
      ...dnsNames.map((value) => ({ type: 'dns', value })),
      ...ipAddresses.map((value) => ({ type: 'ip', value })),
    ];
    const answer = await client.api.createOrder({ identifiers, ...(profile ? { profile } : {}) });
    const order = readOrder(answer.data);
    requireIdentifiers(order, identifiers);
    const orderUrl = answer.headers.location;
    if (!orderUrl) {
      const detail = `${directory.newOrder} named no order URL`;
      throw new ProblemError({ type: 'nolapse:strange-answer', detail, status: answer.status, retry: 'later' });
    }
    this.#fresh.set(orderUrl, order);
    return { step: { at: 'created', orderUrl, ...(order.expires ? { expires: order.expires } : {}) } };
  }

  async #authorize({ orderUrl }: At<'created'>, attempt: Attempt): Promise<Next> {
    const known = this.#fresh.get(orderUrl);
    this.#fresh.delete(orderUrl);
    const order = known ?? readOrder((await this.#getOrder(orderUrl)).data);
    if (order.status !== 'pending') return this.#decided(order, orderUrl, attempt);
    const authorizations = await this.#authorizations(order, orderUrl);
    if (authorizations.some(({ status }) => status === 'invalid'))
      return this.#rejected(order, orderUrl, authorizations);
    const gone = authorizations.find(({ status }) => !['pending', 'valid'].includes(status));
    if (gone) throw orderLost(orderUrl, `the authorization of ${gone.identifier.value} is ${gone.status}`);
    const pending = authorizations.filter(({ status }) => status === 'pending');
    if (pending.length === 0) return { step: { at: 'ready', orderUrl, finalizeUrl: order.finalize } };
    const { client } = await this.#options.session();
    const challenges = await Promise.all(
      pending.map((one) => pendingChallenge(one, { client, zoneOf: this.#options.zoneOf })),
    );
    const expires = [order, ...pending].flatMap((one) => one.expires ?? []).sort()[0];
    return { step: { at: 'authorizing', orderUrl, ...(expires ? { expires } : {}), challenges } };
  }

  /** All at once, all settled: what fails is said after the others were answered, and a second call repeats no harm. */
  async #answer({ orderUrl, challenges }: At<'presented'>, attempt: Attempt): Promise<Next> {
    const answers = await Promise.allSettled(challenges.map((one) => this.#answerOne(one, orderUrl)));
    const failed = answers.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const waits = answers.flatMap((one) => (one.status === 'fulfilled' ? [this.#notBefore(one.value, attempt)] : []));
    const notBefore = waits.sort().at(-1);
    return { step: { at: 'answered', orderUrl, challenges }, ...(notBefore ? { notBefore } : {}) };
  }

  /** After a crash the CA may have this answer already and refuse a second one; then its own word on the challenge counts. */
  async #answerOne({ url }: PendingChallenge, orderUrl: string): Promise<AcmeResponse> {
    const { client } = await this.#options.session();
    try {
      return await ofOrder(orderUrl, client.api.completeChallenge(url, {}));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.retry === 'later') throw error;
      const answer = await ofOrder(orderUrl, client.api.apiRequest(url, null));
      const { data } = answer;
      const isPending = typeof data === 'object' && data !== null && 'status' in data && data.status === 'pending';
      if (isPending) throw error;
      return answer;
    }
  }

  async #poll(step: At<'answered'>, attempt: Attempt): Promise<Next> {
    const { orderUrl } = step;
    const answer = await this.#getOrder(orderUrl);
    const order = readOrder(answer.data);
    if (order.status !== 'pending') return this.#decided(order, orderUrl, attempt);
    this.#requireUnexpired(order, orderUrl);
    return { step, notBefore: this.#notBefore(answer, attempt) };
  }

  /** An order that waits for none of its authorizations any more, and has no CSR sent by this call. */
  async #decided(order: Order, orderUrl: string, attempt: Attempt): Promise<Next> {
    if (order.status === 'invalid') return this.#rejected(order, orderUrl, await this.#authorizations(order, orderUrl));
    if (order.status === 'ready') {
      this.#requireUnexpired(order, orderUrl);
      return { step: { at: 'ready', orderUrl, finalizeUrl: order.finalize } };
    }
    if (attempt.csr === undefined) throw orderLost(orderUrl, `it is ${order.status} with a CSR that is not ours`);
    return { step: { at: 'finalizing', orderUrl } };
  }

  /**
   * `finalizeUrl` says that the CSR is still to be sent, perhaps for the second time; without it the CA has taken the CSR and the
   * order is asked first. The CSR is the attempt's stored one, always.
   */
  async #finalize({ orderUrl, finalizeUrl }: At<'finalizing'>, attempt: Attempt): Promise<Next> {
    if (!orderUrl) throw orderLost('of this attempt', 'its URL was not stored');
    if (finalizeUrl) return this.#sendCsr(finalizeUrl, orderUrl, attempt);
    const answer = await this.#getOrder(orderUrl);
    const order = readOrder(answer.data);
    if (order.status === 'ready') return this.#sendCsr(order.finalize, orderUrl, attempt);
    return this.#finalized(answer, orderUrl, attempt);
  }

  async #sendCsr(finalizeUrl: string, orderUrl: string, attempt: Attempt): Promise<Next> {
    const { client } = await this.#options.session();
    const csr = csrOf(attempt);
    let answer: AcmeResponse;
    try {
      answer = await ofOrder(orderUrl, client.api.finalizeOrder(finalizeUrl, { csr }));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return this.#refusedCsr(error, { at: 'finalizing', orderUrl, finalizeUrl }, attempt);
    }
    return this.#finalized(answer, orderUrl, attempt);
  }

  /** The CA takes a CSR once: a refusal may mean that it has it, and only the order tells. */
  async #refusedCsr(
    error: ProblemError,
    step: At<'finalizing'> & { orderUrl: string },
    attempt: Attempt,
  ): Promise<Next> {
    const { problem } = error;
    const isNotReady = problem.type === `${ACME_ERROR}orderNotReady`;
    if (!isNotReady && problem.retry === 'later') throw error;
    const answer = await this.#getOrder(step.orderUrl);
    const order = readOrder(answer.data);
    if (order.status !== 'pending' && order.status !== 'ready') return this.#finalized(answer, step.orderUrl, attempt);
    this.#requireUnexpired(order, step.orderUrl);
    return isNotReady ? { step, notBefore: this.#notBefore(answer, attempt) } : { step: { at: 'rejected', problem } };
  }

  async #finalized(answer: AcmeResponse, orderUrl: string, attempt: Attempt): Promise<Next> {
    const order = readOrder(answer.data);
    if (order.status === 'invalid') return this.#rejected(order, orderUrl, []);
    if (order.status !== 'valid') {
      this.#requireUnexpired(order, orderUrl);
      return { step: { at: 'finalizing', orderUrl }, notBefore: this.#notBefore(answer, attempt) };
    }
    if (!order.certificate) throw orderLost(orderUrl, 'it is valid without a certificate');
    const chainPem = await ofOrder(orderUrl, this.#download(order.certificate));
    return { step: { at: 'issued', chainPem, orderUrl } };
  }

  /** Alternate chains (RFC 8555 §7.4.2) are asked for only where the default one is not what is preferred. */
  async #download(url: string): Promise<string> {
    const { client } = await this.#options.session();
    const answer = await client.api.apiRequest(url, null);
    const chainPem = readChain(answer.data);
    const { preferredChain } = this.#options;
    if (preferredChain === undefined || topIssuer(chainPem) === preferredChain) return chainPem;
    for (const alternate of linksOf(answer.headers.link, 'alternate')) {
      const other = readChain((await client.api.apiRequest(new URL(alternate, url).href, null)).data);
      if (topIssuer(other) === preferredChain) return other;
    }
    return chainPem;
  }

  async #rejected(order: Order, orderUrl: string, authorizations: readonly Authorization[]): Promise<Next> {
    const { directory } = await this.#options.session();
    const context = { now: this.#options.clock.now(), caaIdentities: directory.caaIdentities };
    const problem = rejectionOf(order, authorizations, context);
    if (problem) return { step: { at: 'rejected', problem } };
    throw orderLost(orderUrl, 'the CA calls it invalid and gives no reason; it may have expired');
  }

  async #authorizations({ authorizations }: Order, orderUrl: string): Promise<readonly Authorization[]> {
    const { client } = await this.#options.session();
    const answers = authorizations.map((url) => ofOrder(orderUrl, client.api.getAuthorization(url)));
    return (await Promise.all(answers)).map(({ data }) => readAuthorization(data));
  }

  async #getOrder(orderUrl: string): Promise<AcmeResponse> {
    const { client } = await this.#options.session();
    return ofOrder(orderUrl, client.api.getOrder(orderUrl));
  }

  #requireUnexpired({ expires, status }: Order, orderUrl: string): void {
    if (expires && expires <= this.#options.clock.now().toISOString())
      throw orderLost(orderUrl, `it was ${status} when it expired at ${expires}`);
  }

  /** The CA's Retry-After, else a twentieth of the attempt's age, between 1 s and 30 s: quick at first, calm later. */
  #notBefore({ headers }: AcmeResponse, { startedAt }: Attempt): Iso {
    const now = this.#options.clock.now();
    const age = now.getTime() - Date.parse(startedAt);
    const waitMs = Math.min(Math.max(age / 20, MIN_POLL_MS), MAX_POLL_MS);
    return retryAfter(headers['retry-after'], now) ?? new Date(now.getTime() + waitMs).toISOString();
  }
}
