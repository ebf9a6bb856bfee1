/**
 * One cluster's API server over one keep-alive agent: time-outs, a size cap, credentials renewed once when refused, reads repeated
 * within reason. TLS is always verified. Why not the library's own client: it opens a connection for every request.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KUBERNETES_WRITES } from '../../contract/limits.ts';
import type { Clock } from '../../contract/ports.ts';
import { ProblemError } from '../../contract/problem.ts';
import type { ClusterWay, Credential, Endpoint } from './cluster-way.ts';
import { type Asked, answerProblem, type KubernetesAnswer, unreachable } from './kubernetes-problem.ts';

export interface TransportOptions {
  readonly clock: Clock;
  /** For one exchange, body included; default 30 s, and less where the run's deadline is near. */
  readonly timeoutMs?: number;
  /** Of one answer; default 64 MiB. */
  readonly maxBodyBytes?: number;
}

export interface KubernetesRequest extends Omit<Asked, 'cluster'> {
  /** With query. */
  readonly path: string;
  readonly accept?: string;
  /** JSON. Absent = a read, which may be repeated. */
  readonly body?: { readonly contentType: string; readonly value: object };
}

/** A way to one cluster. Make it once a run and close it at the end. */
export interface ClusterConnection {
  readonly cluster: string;
  /** The answer, whatever its status but 401. Throws ProblemError `kubernetes:Unauthorized`, `kubernetes:Unreachable`, TOO_LARGE. */
  ask(request: KubernetesRequest): Promise<KubernetesAnswer>;
  /** The parsed answer to a request that must succeed. Throws ProblemError `kubernetes:<reason>` too. */
  require(request: KubernetesRequest): Promise<unknown>;
  /** The body of an answer of `ask`. Throws ProblemError `kubernetes:Unreachable` where it is no JSON. */
  parsed(answer: KubernetesAnswer): unknown;
  /** The problem of an answer of `ask`. */
  problem(request: KubernetesRequest, answer: KubernetesAnswer): ProblemError;
  close(): void;
}

const TIMEOUT_MS = 30_000;
/** Of the time that is left: a cluster that never answers must leave most of it to all that does not need it. */
const SHARE = 1 / 8;
/** No exchange is given less; longer than a run that was interrupted waits for its last ones. */
const LEAST_MS = 2_500;
const MAX_BODY_BYTES = 64 * 1_048_576;
/** The problem of an answer above the cap: the one thing that asking for less mends. */
export const TOO_LARGE = 'nolapse:answer-too-large';
const IDLE_MS = 30_000;
/** Waits before a read is repeated; a Retry-After stands before them. */
const RETRY_MS: readonly number[] = [250, 1_000, 3_000];
const MAX_RETRY_AFTER_MS = 15_000;
const JSON_TYPE = 'application/json';

/** `cluster` is its name in the fleet. The way is closed with the connection. */
export const clusterConnection = (cluster: string, way: ClusterWay, options: TransportOptions): ClusterConnection =>
  new Connection(cluster, way, options);

class Connection implements ClusterConnection {
  readonly cluster: string;
  readonly #way: ClusterWay;
  readonly #options: TransportOptions;
  readonly #agents = new Map<Endpoint, Agent>();
  /** Where it was last looked for. */
  #server = '';
  /** Whether its address was asked for anew since it last answered. */
  #isDoubted = false;

  constructor(cluster: string, way: ClusterWay, options: TransportOptions) {
    this.cluster = cluster;
    this.#way = way;
    this.#options = options;
  }

  async ask(request: KubernetesRequest): Promise<KubernetesAnswer> {
    for (const ms of request.body ? [] : RETRY_MS) {
      const outcome = await this.#try(request);
      const waitMs = this.#waitBeforeRepeating(outcome, ms);
      if (waitMs === undefined) return settled(outcome);
      await this.#options.clock.sleep(waitMs);
    }
    return settled(await this.#try(request));
  }

  async require(request: KubernetesRequest): Promise<unknown> {
    const answer = await this.ask(request);
    if (answer.status < 200 || answer.status > 299) throw this.problem(request, answer);
    return this.parsed(answer);
  }

  parsed({ body }: KubernetesAnswer): unknown {
    try {
      return JSON.parse(body);
    } catch {
      // The parser's message quotes the body, which may be a Secret.
      throw this.#unreachable(new Error('its answer is no JSON'));
    }
  }

  problem(request: KubernetesRequest, answer: KubernetesAnswer): ProblemError {
    const { remedies } = this.#way;
    const now = this.#options.clock.now();
    return new ProblemError(answerProblem({ ...request, cluster: this.cluster }, answer, { now, remedies }));
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#way.close();
  }

  #unreachable(failure: unknown): ProblemError {
    return unreachable(this.cluster, { server: this.#server, remedies: this.#way.remedies }, failure);
  }

  async #try(request: KubernetesRequest): Promise<KubernetesAnswer | ProblemError> {
    try {
      return await this.#authenticated(request);
    } catch (error) {
      if (error instanceof ProblemError && error.problem.type === 'kubernetes:Unreachable') return error;
      throw error;
    }
  }

  /** Undefined = the outcome stands. */
  #waitBeforeRepeating(outcome: KubernetesAnswer | ProblemError, ms: number): number | undefined {
    const isTransient = outcome instanceof ProblemError || outcome.status === 429 || outcome.status >= 500;
    if (!isTransient) return undefined;
    const said = outcome instanceof ProblemError ? undefined : outcome.retryAfterSeconds;
    const wait = said === undefined ? ms * (0.5 + Math.random()) : said * 1_000;
    return wait <= Math.min(MAX_RETRY_AFTER_MS, this.#options.clock.remainingMs()) ? wait : undefined;
  }

  /** A 401 is answered with new credentials once: tokens end early when an identity was made anew. */
  async #authenticated(request: KubernetesRequest): Promise<KubernetesAnswer> {
    const { credentials } = this.#way;
    const credential = await credentials.current();
    const first = await this.#exchange(request, credential);
    if (first.status !== 401) return first;
    if (!credentials.renew(credential)) throw this.problem(request, first);
    const second = await this.#exchange(request, await credentials.current());
    if (second.status === 401) throw this.problem(request, second);
    return second;
  }

  async #exchange(request: KubernetesRequest, credential: Credential): Promise<KubernetesAnswer> {
    const endpoint = await this.#way.endpoint.current();
    this.#server = endpoint.server;
    const { timeoutMs = TIMEOUT_MS, clock } = this.#options;
    const signal = AbortSignal.timeout(Math.min(timeoutMs, Math.max(LEAST_MS, clock.remainingMs() * SHARE)));
    try {
      const response = await this.#send(request, { endpoint, credential, signal });
      this.#isDoubted = false;
      const retryAfter = Number(response.headers['retry-after']);
      return {
        status: response.statusCode ?? 0,
        body: await this.#bodyOf(response),
        ...(response.headers['retry-after'] && Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
      };
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      this.#doubt(endpoint);
      throw this.#unreachable(signal.aborted ? undefined : error);
    }
  }

  /** Clusters are given other roots, and other addresses when they are made anew: what is tried next is asked for once more. */
  #doubt(endpoint: Endpoint): void {
    if (!this.#isDoubted) this.#way.endpoint.renew(endpoint);
    this.#isDoubted = true;
  }

  async #bodyOf(response: IncomingMessage): Promise<string> {
    const max = this.#options.maxBodyBytes ?? MAX_BODY_BYTES;
    const chunks: Buffer[] = [];
    let size = 0;
    // what an answer is unpacked to counts, whatever it came as
    for await (const chunk of plain(response)) {
      size += chunk.length;
      if (size > max) {
        response.destroy();
        const detail = `${this.cluster}: ${this.#server}: an answer has more than ${max} bytes`;
        throw new ProblemError({ type: TOO_LARGE, detail, retry: 'later' });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  #send(
    { path, verb, accept = JSON_TYPE, body }: KubernetesRequest,
    { endpoint, credential: { authorization, cert, key }, signal }: Sending,
  ): Promise<IncomingMessage> {
    const { impersonate } = this.#way;
    const text = body && JSON.stringify(body.value);
    const headers = {
      accept,
      'accept-encoding': 'gzip',
      'user-agent': 'nolapse',
      ...(authorization && { authorization }),
      ...(impersonate && { 'impersonate-user': impersonate }),
      ...(body && text && { 'content-type': body.contentType, 'content-length': Buffer.byteLength(text) }),
    };
    const agent = this.#agentOf(endpoint);
    const options = { method: METHODS[verb], headers, signal, agent, ...(cert && key && { cert, key }) };
    return new Promise((resolve, reject) => {
      httpsRequest(`${endpoint.server}${path}`, options, resolve).on('error', reject).end(text);
    });
  }

  #agentOf(endpoint: Endpoint): Agent {
    const known = this.#agents.get(endpoint);
    if (known) return known;
    const { ca, serverName } = endpoint;
    const agent = new Agent({
      keepAlive: true,
      maxSockets: KUBERNETES_WRITES,
      timeout: IDLE_MS,
      ...(ca && { ca }),
      ...(serverName && { servername: serverName }),
    });
    this.#agents.set(endpoint, agent);
    return agent;
  }
}

/** API servers compress what is large where they are let. */
const plain = (response: IncomingMessage): AsyncIterable<Buffer> =>
  response.headers['content-encoding'] === 'gzip'
    ? // where it breaks is told by whoever reads it to its end
      pipeline(response, createGunzip(), () => undefined)
    : response;

interface Sending {
  readonly endpoint: Endpoint;
  readonly credential: Credential;
  readonly signal: AbortSignal;
}

const METHODS = { get: 'GET', list: 'GET', create: 'POST', patch: 'PATCH' } as const;

function settled(outcome: KubernetesAnswer | ProblemError): KubernetesAnswer {
  if (outcome instanceof ProblemError) throw outcome;
  return outcome;
}
