/** A recording reverse proxy in front of every server of a world: one counter over all of them, and a kill at the n-th request. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { type Asked, awsService, classify, type PathNames, type Protocol } from './classify.ts';
import { type GiveBack, heldPort, listenOn } from './listening.ts';
import { type KeyPair, makePrivateCa, type PrivateCa } from './private-ca.ts';

/** One request as the servers saw it, in the order in which it was wholly received. */
export interface Recorded extends Asked {
  readonly n: number;
  readonly server: string;
  readonly protocol: Protocol;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly requestHeaders: http.IncomingHttpHeaders;
  readonly requestBody: Buffer;
  /** Undefined until answered, and for ever when the answer never left the server. */
  readonly status?: number;
  /** At most RESPONSE_CAP bytes. */
  readonly responseBody: Buffer;
  /** Milliseconds of performance.now(). */
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface Upstream {
  readonly url: string;
  /** Root that an https upstream is trusted by. */
  readonly caPem?: string;
}

export interface FrontOptions {
  readonly server: string;
  readonly protocol: Protocol;
  readonly tls: boolean;
  readonly upstream: Upstream;
  /** Requests whose SigV4 scope names this service go elsewhere. */
  readonly byService?: Readonly<Record<string, Upstream>>;
  /** What the server calls its paths. */
  readonly names?: PathNames;
}

export interface KillOrder {
  /** Counted from the moment of the order; 1 = the next request. */
  readonly n: number;
  /** Only requests of which this is true are counted; default all. */
  readonly of?: (seen: Recorded) => boolean;
  readonly pid: number;
  /** before: the request never reaches its server. after: it does, its answer reaches nobody. answered: the answer was handed on, and the process had a moment with it. */
  readonly when: 'before' | 'after' | 'answered';
}

/** How a server is out of reach. refused: nobody listens. silent: requests are taken, never passed on and never answered. */
export type Cut = 'refused' | 'silent';

export interface Recorder {
  /** Root of every https front. */
  readonly caPem: string;
  /** Opens a front; returns its origin, e.g. `https://127.0.0.1:41234`. */
  front(options: FrontOptions): Promise<string>;
  /** Requests seen so far, or those after the n-th. */
  seen(after?: number): readonly Recorded[];
  /** The number of the last request seen: a mark for `seen`. */
  mark(): number;
  /** SIGKILLs `pid` when the n-th request from now is seen. `killed` stays undefined while fewer came. Replaces an earlier order. */
  killAt(order: KillOrder): { killed(): Recorded | undefined };
  /** Puts a server out of reach of all that go through the recorder; `mend` brings it back at the same address. */
  cut(server: string, how: Cut): Promise<void>;
  mend(server: string): Promise<void>;
  close(): Promise<void>;
}

export const RESPONSE_CAP = 256 * 1024;
/** Longer than any client keeps a connection unused, so that no request meets a closing one. */
const IDLE_MS = 120_000;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'upgrade'];

interface Armed {
  left: number;
  readonly order: KillOrder;
  hit?: Entry;
}

type Entry = { -readonly [K in keyof Recorded]: Recorded[K] };

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
};

/** Ends a process that this one started and returns when the kernel has forgotten it. */
async function killAndWait(pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await pause(2);
}

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const withoutHopByHop = (headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));

/** Asks the upstream with the client's own headers: Host stays, so that URLs in answers name the proxy. */
function ask(upstream: Upstream, request: Entry, agents: Agents): Promise<http.IncomingMessage> {
  const headers = { ...withoutHopByHop(request.requestHeaders) };
  if (request.requestBody.length > 0) headers['content-length'] = request.requestBody.length;
  const url = new URL(request.path + request.query, upstream.url);
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method: request.method, headers, agent: secure ? agents.https : agents.http };
    const outgoing = secure
      ? https.request(url, { ...options, ...(upstream.caPem ? { ca: upstream.caPem } : {}) }, resolve)
      : http.request(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(request.requestBody);
  });
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** Until more may be written, or nobody reads any more. */
const roomIn = (response: http.ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => resolve(void response.off('drain', go).off('close', go));
    response.on('drain', go).on('close', go);
  });

/** Passes the answer on while keeping its first bytes. A write is read to its end even when nobody waits for the answer any more. */
async function passOn(answer: http.IncomingMessage, response: http.ServerResponse, entry: Entry): Promise<void> {
  const kept: Buffer[] = [];
  let size = 0;
  response.on('close', () => {
    if (!response.writableFinished && entry.kind === 'read') answer.destroy();
  });
  if (!response.destroyed) response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (size < RESPONSE_CAP) kept.push(chunk.subarray(0, RESPONSE_CAP - size));
    size += chunk.length;
    if (!response.destroyed && !response.write(chunk)) await roomIn(response);
  }
  entry.status = answer.statusCode ?? 502;
  entry.responseBody = Buffer.concat(kept);
  entry.endedAt = performance.now();
  if (!response.destroyed) response.end();
}

interface Front {
  readonly options: FrontOptions;
  readonly server: http.Server;
  readonly port: number;
  silent: boolean;
  held?: GiveBack;
}

class Fronts implements Recorder {
  readonly caPem: string;
  readonly #leaf: KeyPair;
  readonly #entries: Entry[] = [];
  readonly #fronts: Front[] = [];
  readonly #agents: Agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
  };
  #armed: Armed | undefined;

  constructor(ca: PrivateCa) {
    this.caPem = ca.caPem;
    this.#leaf = ca.leaf;
  }

  async front(options: FrontOptions): Promise<string> {
    const server = options.tls
      ? https.createServer({ cert: this.#leaf.certPem, key: this.#leaf.keyPem })
      : http.createServer();
    server.keepAliveTimeout = IDLE_MS;
    const front: Front = { options, server, port: await listenOn(server, 0), silent: false };
    server.on('request', (request, response) => {
      this.#serve(front, request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    this.#fronts.push(front);
    return `${options.tls ? 'https' : 'http'}://127.0.0.1:${front.port}`;
  }

  seen(after = 0): readonly Recorded[] {
    return this.#entries.slice(after);
  }

  mark(): number {
    return this.#entries.length;
  }

  killAt(order: KillOrder): { killed(): Recorded | undefined } {
    const armed: Armed = { left: order.n, order };
    this.#armed = armed;
    return { killed: () => armed.hit };
  }

  async cut(name: string, how: Cut): Promise<void> {
    const front = this.#front(name);
    front.silent = how === 'silent';
    if (how === 'silent') return;
    const closed = once(front.server, 'close');
    front.server.close();
    front.server.closeAllConnections();
    await closed;
    front.held = await heldPort(front.port);
  }

  async mend(name: string): Promise<void> {
    const front = this.#front(name);
    front.silent = false;
    front.server.closeAllConnections();
    await front.held?.();
    delete front.held;
    if (!front.server.listening) await listenOn(front.server, front.port);
  }

  async close(): Promise<void> {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
    for (const { server, held } of this.#fronts) {
      await held?.();
      server.closeAllConnections();
      server.close();
    }
  }

  #front(name: string): Front {
    const front = this.#fronts.find(({ options }) => options.server === name);
    if (front) return front;
    const known = this.#fronts.map(({ options }) => options.server).join(', ');
    throw new TypeError(`server ${name}: there is none in front of which the recorder stands, only ${known}`);
  }

  #enter(options: FrontOptions, request: http.IncomingMessage, body: Buffer): Entry {
    const url = new URL(request.url ?? '/', 'http://front');
    const seen = { method: request.method ?? 'GET', path: url.pathname, headers: request.headers, body };
    const entry: Entry = {
      ...classify(options.protocol, seen, options.names),
      n: this.#entries.length + 1,
      server: options.server,
      protocol: options.protocol,
      method: seen.method,
      path: url.pathname,
      query: url.search,
      requestHeaders: request.headers,
      requestBody: body,
      responseBody: Buffer.alloc(0),
      startedAt: performance.now(),
    };
    this.#entries.push(entry);
    return entry;
  }

  async #strike(entry: Entry): Promise<KillOrder | undefined> {
    const armed = this.#armed;
    if (!armed || armed.hit || armed.order.of?.(entry) === false) return undefined;
    armed.left -= 1;
    if (armed.left > 0) return undefined;
    armed.hit = entry;
    if (armed.order.when !== 'answered') await killAndWait(armed.order.pid);
    return armed.order;
  }

  async #serve(front: Front, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { options } = front;
    const entry = this.#enter(options, request, await readAll(request));
    const order = await this.#strike(entry);
    if (order?.when === 'before') {
      response.destroy();
      return;
    }
    if (front.silent) return;
    const upstream = options.byService?.[awsService(request.headers) ?? ''] ?? options.upstream;
    await passOn(await ask(upstream, entry, this.#agents), response, entry);
    if (order?.when !== 'answered') return;
    if (!response.closed) await once(response, 'close');
    await killAndWait(order.pid);
  }
}

/** Opens the recorder of one world, with no front yet. */
export const startRecorder = async (): Promise<Recorder> => new Fronts(await makePrivateCa('Test world fronts'));
