/**
 * HTTP to one ACME directory: keep-alive, time-outs, a size cap, a nonce pool, typed problems.
 * Follows no redirect, sleeps off no 429, repeats nothing but a refused nonce.
 */

import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import pLimit from 'p-limit';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import { type Directory, readDirectory, requireHttps } from '../../standards/acme/directory.ts';
import { ACME_ERROR } from '../../standards/acme/fixes.ts';
import { type HttpAnswer, readProblem } from '../../standards/acme/problem.ts';
import { networkProblem } from './network-problem.ts';

export interface TransportOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** For the User-Agent: `nolapse/<version>` (RFC 8555 §6.1). */
  readonly version: string;
  /** PEM roots instead of the public ones. */
  readonly caBundle?: string;
  /** For one exchange, body included; default 15 s. What a CA needs longer for is polled. */
  readonly timeoutMs?: number;
  /** Told of every request before it is sent. */
  readonly asked?: () => void;
}

/** Makes the signed body for a nonce. */
export type Sign = (nonce: string) => object;

const TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 1_048_576;
const MAX_IN_FLIGHT = 8;
const MAX_BAD_NONCES = 5;
/** Below the 5 s after which the most common servers close an unused connection, so that no request meets a closing one. */
const IDLE_MS = 4_000;
const MAX_NONCES = 32;
const BAD_NONCE = `${ACME_ERROR}badNonce`;

const textHeaders = (headers: IncomingMessage['headers']): HttpAnswer['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

const tooLarge = (url: string): ProblemError =>
  new ProblemError({
    type: 'nolapse:answer-too-large',
    detail: `the answer of ${url} has more than ${MAX_BODY_BYTES} bytes`,
    retry: 'later',
  });

const redirected = (url: string, { status, headers }: HttpAnswer): ProblemError =>
  new ProblemError({
    type: 'nolapse:redirected',
    detail: `${url} answered ${status} to ${headers.location ?? 'nowhere'}; an ACME server is asked directly only`,
    status,
    retry: 'never',
    fix: "set spec.acme.server of the issuer to the URL that the CA's directory really has",
  });

async function readBody(response: IncomingMessage, url: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      response.destroy();
      throw tooLarge(url);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export class AcmeTransport {
  readonly #options: TransportOptions;
  readonly #agent: Agent;
  readonly #limit = pLimit(MAX_IN_FLIGHT);
  readonly #nonces: string[] = [];

  constructor(options: TransportOptions) {
    this.#options = options;
    const { caBundle } = options;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: MAX_IN_FLIGHT,
      timeout: IDLE_MS,
      ...(caBundle === undefined ? {} : { ca: caBundle }),
    });
  }

  /** An unsigned GET: the directory. Throws ProblemError. */
  async get(url: string): Promise<HttpAnswer> {
    return this.#require(url, await this.#limit(() => this.#exchange(url, 'GET')));
  }

  /**
   * A signed POST that succeeded. A refused nonce is replaced by the one of its own refusal, at most five times (RFC 8555 §6.5);
   * any other refusal is thrown at once as ProblemError, Retry-After as `retryAt`. `caaIdentities` goes into its fix.
   */
  async post(
    url: string,
    sign: Sign,
    from: { newNonce: string; caaIdentities: readonly string[] },
  ): Promise<HttpAnswer> {
    const answer = await this.#limit(() => this.#signed(url, sign, from.newNonce));
    return this.#require(url, answer, from.caaIdentities);
  }

  /** Closes unused connections; nothing can be asked after. */
  close(): void {
    this.#agent.destroy();
  }

  async #signed(url: string, sign: Sign, newNonce: string): Promise<HttpAnswer> {
    let nonce = this.#nonces.pop() ?? (await this.#freshNonce(newNonce));
    for (let refusals = 0; ; refusals += 1) {
      const answer = await this.#exchange(url, 'POST', JSON.stringify(sign(nonce)));
      const next = answer.headers['replay-nonce'];
      if (!this.#isBadNonce(answer) || refusals === MAX_BAD_NONCES) {
        this.#keep(next);
        return answer;
      }
      nonce = next ?? (await this.#freshNonce(newNonce));
    }
  }

  async #freshNonce(newNonce: string): Promise<string> {
    const answer = this.#require(newNonce, await this.#exchange(newNonce, 'HEAD'));
    const nonce = answer.headers['replay-nonce'];
    if (nonce) return nonce;
    const detail = `${newNonce} gave no Replay-Nonce`;
    throw new ProblemError({ type: 'nolapse:strange-answer', detail, status: answer.status, retry: 'later' });
  }

  #keep(nonce: string | undefined): void {
    if (!nonce) return;
    this.#nonces.push(nonce);
    if (this.#nonces.length > MAX_NONCES) this.#nonces.shift();
  }

  #isBadNonce(answer: HttpAnswer): boolean {
    return answer.status === 400 && readProblem(answer, { now: this.#options.clock.now() }).type === BAD_NONCE;
  }

  #require(url: string, answer: HttpAnswer, caaIdentities: readonly string[] = []): HttpAnswer {
    const { status } = answer;
    if (status >= 200 && status < 300) return answer;
    if (status >= 300 && status < 400) throw redirected(url, answer);
    throw new ProblemError(readProblem(answer, { now: this.#options.clock.now(), caaIdentities }));
  }

  async #exchange(url: string, method: string, body?: string): Promise<HttpAnswer> {
    requireHttps(url, 'the CA');
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS;
    const signal = AbortSignal.timeout(timeoutMs);
    this.#options.asked?.();
    try {
      const response = await this.#send(url, { method, signal, ...(body === undefined ? {} : { body }) });
      const { statusCode = 0, headers } = response;
      return { status: statusCode, headers: textHeaders(headers), body: await readBody(response, url) };
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw networkProblem(url, signal.aborted ? { timeoutMs } : { error });
    }
  }

  #send(
    url: string,
    { method, signal, body }: { method: string; signal: AbortSignal; body?: string },
  ): Promise<IncomingMessage> {
    const headers = {
      'user-agent': `nolapse/${this.#options.version}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/jose+json', 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      httpsRequest(url, { method, headers, signal, agent: this.#agent }, resolve).on('error', reject).end(body);
    });
  }
}

/** The directory, and the Date of the answer. Throws ProblemError as `get` and `readDirectory` do. */
export async function fetchDirectory(
  transport: AcmeTransport,
  server: string,
): Promise<{ readonly directory: Directory; readonly date?: string }> {
  const { body, headers } = await transport.get(requireHttps(server, 'spec.acme.server of the issuer'));
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    // readDirectory says what is wrong with a document that is none
    document = undefined;
  }
  return { directory: readDirectory(server, document), ...(headers.date ? { date: headers.date } : {}) };
}
