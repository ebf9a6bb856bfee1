/** One HTTP or HTTPS server on loopback with a port from the kernel: requests in and answers out as values. Knows no protocol above. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Who the client certificate names, where one was asked for and verified. */
  readonly client?: { readonly name: string; readonly groups: readonly string[] };
  /** Scheme and authority as the client named them: URLs in answers lead back through a proxy. */
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Closes the connection instead of answering. */
export const HANG_UP: Answer = { status: 0 };

/** Keeps the connection and never answers. */
export const SILENCE: Answer = { status: 0 };

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServerTls {
  readonly certPem: string;
  readonly keyPem: string;
  /** Root of client certificates, which are asked for and not demanded. */
  readonly clientCaPem?: string;
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** CN is the user, each O a group. */
function clientOf(socket: Socket): Pick<Asked, 'client'> {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return {};
  const { subject } = socket.getPeerCertificate();
  const { CN: name, O: groups = [] } = subject ?? {};
  return typeof name === 'string' ? { client: { name, groups: [groups].flat() } } : {};
}

async function readAsked(request: http.IncomingMessage, scheme: string): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const origin = `${scheme}://${request.headers.host ?? 'localhost'}`;
  const url = new URL(request.url ?? '/', origin);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
    origin,
    ...clientOf(request.socket),
  };
}

function write(response: http.ServerResponse, method: string, answer: Answer): void {
  const { body: content = '' } = answer;
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  for (const [name, value] of Object.entries(answer.headers ?? {}))
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  if (answer.status !== 204) response.setHeader('content-length', body.length);
  response.writeHead(answer.status);
  response.end(method === 'HEAD' ? undefined : body);
}

const clientsOf = ({ clientCaPem }: ServerTls): https.ServerOptions =>
  clientCaPem === undefined ? {} : { ca: clientCaPem, requestCert: true, rejectUnauthorized: false };

/** Starts the server on 127.0.0.1. What the handler throws is the sandbox's own fault: the client gets 500 with its text. */
export async function listen(handler: (asked: Asked) => Promise<Answer>, tls?: ServerTls): Promise<Listening> {
  const scheme = tls ? 'https' : 'http';
  const listener: http.RequestListener = async (request, response) => {
    try {
      const answer = await handler(await readAsked(request, scheme));
      if (answer === SILENCE) return;
      if (answer === HANG_UP) request.socket.destroy();
      else write(response, request.method ?? 'GET', answer);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      write(response, 'GET', { status: 500, headers: { 'content-type': 'text/plain' }, body: text });
    }
  };
  const server = tls
    ? https.createServer({ cert: tls.certPem, key: tls.keyPem, ...clientsOf(tls) }, listener)
    : http.createServer(listener);
  // longer than a client keeps a connection unused, so that no request meets a closing one
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
