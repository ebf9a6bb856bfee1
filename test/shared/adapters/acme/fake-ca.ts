/** An HTTPS server that speaks just enough ACME to be told what to answer: nonces are counted, everything else is the test's. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeTls } from '../../../../sandbox/tls.ts';

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object becomes JSON. */
  readonly body?: object | string;
  /** Instead of an answer: the connection is reset, or nothing comes at all. */
  readonly instead?: 'reset' | 'silence';
  /** Without a Replay-Nonce. */
  readonly noNonce?: boolean;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly header: Readonly<Record<string, unknown>>;
  /** Undefined = POST-as-GET. */
  readonly payload: unknown;
}

export type Handler = (request: FakeRequest) => FakeAnswer;

export interface FakeCa {
  readonly directory: string;
  readonly origin: string;
  readonly tlsCaPem: string;
  readonly requests: readonly FakeRequest[];
  /** `path`, or `path` of the next ones where the handler is a list: each used once, the last kept. */
  on(path: string, ...handlers: readonly (Handler | FakeAnswer)[]): void;
  /** Most requests at the same time so far. */
  peak(): number;
  close(): Promise<void>;
}

const decode = (part: unknown): unknown =>
  typeof part === 'string' && part !== '' ? JSON.parse(Buffer.from(part, 'base64url').toString()) : undefined;

async function read(request: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const jws = text === '' ? {} : (JSON.parse(text) as { protected?: string; payload?: string });
  const header = (decode(jws.protected) ?? {}) as Record<string, unknown>;
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, header, payload: decode(jws.payload) };
}

/** Nonces are good once; a wrong one is refused with a new one, as RFC 8555 §6.5 says. */
class Nonces {
  #next = 0;
  readonly #open = new Set<string>();
  give(): string {
    this.#next += 1;
    const nonce = `nonce-${this.#next}`;
    this.#open.add(nonce);
    return nonce;
  }
  take(nonce: unknown): boolean {
    return this.#open.delete(String(nonce));
  }
}

const badNonce: FakeAnswer = {
  status: 400,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: 'urn:ietf:params:acme:error:badNonce', detail: 'nonce not known' },
};

function write(
  response: ServerResponse,
  { status = 200, headers = {}, body, instead }: FakeAnswer,
  nonce?: string,
): void {
  if (instead === 'reset') response.socket?.destroy();
  if (instead) return;
  const isJson = typeof body === 'object';
  response.writeHead(status, {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...(nonce ? { 'replay-nonce': nonce } : {}),
    ...headers,
  });
  response.end(isJson ? JSON.stringify(body) : body);
}

/** What the test wrote for a path, else a directory, nonces, and nothing. */
class Script {
  readonly #handlers = new Map<string, (Handler | FakeAnswer)[]>();
  readonly #nonces = new Nonces();
  readonly #meta: object;
  origin = '';

  constructor(meta: object) {
    this.#meta = meta;
  }

  set(path: string, answers: readonly (Handler | FakeAnswer)[]): void {
    this.#handlers.set(path, [...answers]);
  }

  nonceFor({ noNonce }: FakeAnswer): string | undefined {
    return noNonce ? undefined : this.#nonces.give();
  }

  answerTo(request: FakeRequest): FakeAnswer {
    const queue = this.#handlers.get(request.path);
    const handler = queue && queue.length > 1 ? queue.shift() : queue?.[0];
    if (request.method === 'POST' && !this.#nonces.take(request.header.nonce)) return badNonce;
    if (typeof handler === 'function') return handler(request);
    return handler ?? this.#otherwise(request);
  }

  #otherwise({ path }: FakeRequest): FakeAnswer {
    if (path === '/nonce') return {};
    const { origin } = this;
    const urls = { newNonce: `${origin}/nonce`, newAccount: `${origin}/new-account`, newOrder: `${origin}/new-order` };
    if (path === '/dir') return { body: { ...urls, meta: this.#meta }, noNonce: true };
    return { status: 404, body: { type: 'urn:ietf:params:acme:error:malformed', detail: 'no such thing' } };
  }
}

export async function startFakeCa(meta: object = {}): Promise<FakeCa> {
  const tls = await makeTls();
  const script = new Script(meta);
  const requests: FakeRequest[] = [];
  let [inside, peak] = [0, 0];
  const server = createServer({ cert: tls.certPem, key: tls.keyPem }, async (incoming, response) => {
    inside += 1;
    peak = Math.max(peak, inside);
    const request = await read(incoming);
    requests.push(request);
    // the next turn, so that requests of one burst meet
    await new Promise(setImmediate);
    inside -= 1;
    const answer = script.answerTo(request);
    write(response, answer, script.nonceFor(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  script.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    directory: `${script.origin}/dir`,
    origin: script.origin,
    tlsCaPem: tls.caPem,
    requests,
    on: (path, ...answers) => script.set(path, answers),
    peak: () => peak,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
